"""An application written for the Mastodon API (Mastodon.py): everyday use by two and three people."""

from __future__ import annotations

from typing import Any

import pytest
from mastodon import (
    Mastodon,
    MastodonAPIError,
    MastodonNotFoundError,
    MastodonUnauthorizedError,
)

from tests.journeys.conftest import Product
from tests.waiting import until

pytestmark = pytest.mark.journey


def ids(posts: Any) -> list[str]:
    return [str(post.id) for post in posts]


@pytest.fixture
def followed(ann: Mastodon, ben: Mastodon) -> str:
    """ben follows ann, whose id this is."""
    ann_id = ann.me().id
    ben.account_follow(ann_id)
    return str(ann_id)


def test_a_post_comes_to_its_followers_home(ann: Mastodon, ben: Mastodon, followed: str) -> None:
    ben.timeline_home()  # he reads: his list is kept
    post = ann.status_post("The river is high.", language="en")

    until(lambda: ids(ben.timeline_home(limit=5)), lambda home: str(post.id) in home)
    assert post.content == "<p>The river is high.</p>"
    assert (post.visibility, post.language) == ("public", "en")


def test_a_reply_stands_in_the_thread(ann: Mastodon, ben: Mastodon) -> None:
    first = ann.status_post("Who has a ladder?")
    answer = ben.status_reply(first, "I have.")
    last = ann.status_reply(answer, "Bring it, please.")

    middle = ann.status_context(answer)
    assert (ids(middle.ancestors), ids(middle.descendants)) == ([str(first.id)], [str(last.id)])
    assert answer.in_reply_to_id == first.id
    assert [mention.acct for mention in answer.mentions] == ["ann"]
    assert ann.status(first).replies_count == 1


def test_words_behind_a_warning(ann: Mastodon, ben: Mastodon) -> None:
    post = ann.status_post("He dies in the end.", spoiler_text="the film", visibility="unlisted")

    read = ben.status(post)
    assert (read.spoiler_text, read.sensitive, read.visibility) == ("the film", True, "unlisted")
    assert str(post.id) not in ids(ben.timeline_public(limit=40))


def test_like_share_bookmark_and_take_back(ann: Mastodon, ben: Mastodon) -> None:
    post = ann.status_post("Three new kittens.")

    assert ben.status_favourite(post).favourites_count == 1
    assert ben.status_favourite(post).favourites_count == 1
    share = ben.status_reblog(post)
    assert (share.reblog.id, share.reblog.reblogs_count, share.account.acct) == (post.id, 1, "ben")
    assert ben.status_bookmark(post).bookmarked
    assert ids(ben.favourites(limit=1)) == ids(ben.bookmarks(limit=1)) == [str(post.id)]
    assert [person.acct for person in ann.status_favourited_by(post)] == ["ben"]
    assert [person.acct for person in ann.status_reblogged_by(post)] == ["ben"]

    assert ben.status_unfavourite(post).favourites_count == 0
    assert ben.status_unreblog(post).reblogs_count == 0
    assert not ben.status_unbookmark(post).bookmarked
    assert str(post.id) not in ids(ben.bookmarks()) + ids(ben.favourites())
    with pytest.raises(MastodonNotFoundError):
        ben.status(share)


def test_the_same_key_is_the_same_post(ann: Mastodon) -> None:
    first = ann.status_post("Once.", idempotency_key="key-of-once")
    again = ann.status_post("Once.", idempotency_key="key-of-once")

    assert first.id == again.id


def test_home_is_paged_to_its_end_while_posts_arrive(ann: Mastodon, ben: Mastodon, followed: str) -> None:
    there = [str(ann.status_post(f"Page {number}").id) for number in range(25)]
    until(lambda: ids(ben.timeline_home(limit=1)), lambda newest: newest == there[-1:])

    page, read, came = ben.timeline_home(limit=7), [], []
    newest_page = page
    while page:
        read += ids(page)
        if len(came) < 3:
            came.append(str(ann.status_post(f"Meanwhile {len(came)}").id))
        page = ben.fetch_next(page)
    assert read == sorted(set(read), key=int, reverse=True)
    assert set(there) <= set(read)
    assert not set(came) & set(read)

    until(lambda: ids(ben.timeline_home(limit=1)), lambda newest: newest == came[-1:])
    newer = ben.fetch_previous(newest_page)
    assert ids(newer) == came[::-1]
    assert not ben.fetch_previous(newer)


def test_a_post_is_edited_and_its_history_kept(ann: Mastodon, ben: Mastodon) -> None:
    post = ann.status_post("The shop opens at nine.")
    assert ann.status_source(post).text == "The shop opens at nine."
    ann.status_update(post, "The shop opens at **ten**.", spoiler_text="hours")

    read = ben.status(post)
    assert read.content == "<p>The shop opens at **ten**.</p>"
    assert read.edited_at is not None
    assert [(edit.content, edit.spoiler_text) for edit in ben.status_history(post)] == [
        ("<p>The shop opens at nine.</p>", ""),
        ("<p>The shop opens at **ten**.</p>", "hours"),
    ]


def test_a_deleted_post_is_gone_everywhere(ann: Mastodon, ben: Mastodon, followed: str) -> None:
    post = ann.status_post("Never mind. #gone")
    until(lambda: ids(ben.timeline_home(limit=1)), lambda newest: newest == [str(post.id)])

    assert ann.status_delete(post).text == "Never mind. #gone"
    with pytest.raises(MastodonNotFoundError):
        ben.status(post)
    everywhere = [ben.timeline_home(), ben.timeline_public(), ben.timeline_hashtag("gone"),
                  ben.account_statuses(followed)]  # fmt: skip
    assert all(str(post.id) not in ids(posts) for posts in everywhere)


def test_following_changes_home_at_once(ann: Mastodon, ben: Mastodon, cleo: Mastodon) -> None:
    post = cleo.status_post("First snow.")
    cleo_id = cleo.me().id
    assert str(post.id) not in ids(ben.timeline_home())

    assert ben.account_follow(cleo_id).following
    assert str(post.id) in ids(ben.timeline_home())
    assert "ben" in [person.acct for person in cleo.account_followers(cleo_id)]
    assert "cleo" in [person.acct for person in ben.account_following(ben.me().id)]

    assert not ben.account_unfollow(cleo_id).following
    assert str(post.id) not in ids(ben.timeline_home())


def test_a_private_account_decides_who_follows(ann: Mastodon, ben: Mastodon, cleo: Mastodon) -> None:
    cleo_id, ann_id, ben_id = cleo.me().id, ann.me().id, ben.me().id
    assert cleo.account_update_credentials(locked=True).locked
    try:
        post = cleo.status_post("Only for those I know.", visibility="private")
        assert ben.account_follow(cleo_id).requested
        assert ann.account_follow(cleo_id).requested
        assert {person.acct for person in cleo.follow_requests()} == {"ann", "ben"}

        cleo.follow_request_authorize(ben_id)
        cleo.follow_request_reject(ann_id)
        assert ben.account_relationships(cleo_id)[0].following
        assert not ann.account_relationships(cleo_id)[0].requested
        assert ben.status(post).visibility == "private"
        with pytest.raises(MastodonNotFoundError):
            ann.status(post)

        assert not cleo.account_remove_from_followers(ben_id).followed_by
        with pytest.raises(MastodonNotFoundError):
            ben.status(post)
    finally:
        cleo.account_update_credentials(locked=False)


def test_a_block_works_both_ways(ann: Mastodon, cleo: Mastodon) -> None:
    cleo_id, ann_id = cleo.me().id, ann.me().id
    post, theirs = ann.status_post("Between us."), cleo.status_post("And us.")
    cleo.account_follow(ann_id)

    assert ann.account_block(cleo_id).blocking
    assert [person.acct for person in ann.blocks()] == ["cleo"]
    for reader, hidden in ((cleo, post), (ann, theirs)):
        with pytest.raises(MastodonNotFoundError):
            reader.status(hidden)
    with pytest.raises(MastodonAPIError):
        cleo.account_follow(ann_id)
    assert [person.acct for person in ann.search("cleo", result_type="accounts").accounts] == ["cleo"]

    assert not ann.account_unblock(cleo_id).blocking
    assert ann.blocks() == []
    assert cleo.status(post).id == post.id
    assert not cleo.account_relationships(ann_id)[0].following


def test_a_mute_ends_by_itself(ann: Mastodon, ben: Mastodon, followed: str) -> None:
    post = ann.status_post("Far too loud.")
    until(lambda: ids(ben.timeline_home(limit=1)), lambda newest: newest == [str(post.id)])

    muted = ben.account_mute(followed, duration=3_600)
    assert muted.muting
    assert muted.muting_notifications
    assert str(post.id) not in ids(ben.timeline_home())
    assert ben.status(post).id == post.id
    assert ben.mutes()[0].mute_expires_at is not None

    ben.account_mute(followed, duration=1)
    until(lambda: ids(ben.timeline_home(limit=1)), lambda newest: newest == [str(post.id)])
    assert ben.mutes() == []
    ben.account_mute(followed)
    assert not ben.account_unmute(followed).muting


def test_people_tags_and_addresses_are_found(product: Product, ann: Mastodon, ben: Mastodon) -> None:
    post = ann.status_post("Lamps on sale #Lanterns")

    assert ben.account_lookup("ann").id == ann.me().id
    assert ben.account_lookup(f"@ann@{product.address.removeprefix('http://')}").acct == "ann"
    assert [person.acct for person in ben.account_search("an", limit=5)][:1] == ["ann"]
    assert [tag.name for tag in ben.search("#lantern", result_type="hashtags").hashtags] == ["Lanterns"]
    assert ids(ben.search(post.url).statuses) == [str(post.id)]
    assert ben.tag("lanterns").url == f"{product.address}/tags/lanterns"
    assert [person.acct for person in ben.accounts([ann.me().id])] == ["ann"]
    assert ids(ben.statuses([post.id])) == [str(post.id)]


def test_timelines_of_everybody_of_a_tag_and_of_a_person(ann: Mastodon, ben: Mastodon) -> None:
    tagged = ann.status_post("Bread #Bakery")
    both = ben.status_post("Cake #bakery #sweet")
    reply = ann.status_reply(both, "Yum")

    assert ids(ben.timeline_public(limit=2)) == ids(ben.timeline_local(limit=2))
    assert ids(ben.timeline_hashtag("BAKERY")) == ids([both, tagged])
    assert ids(ben.timeline_hashtag("sweet")) == ids([both])
    assert ids(ben.account_statuses(ann.me().id, limit=2)) == ids([reply, tagged])
    assert ids(ben.account_statuses(ann.me().id, exclude_replies=True, limit=1)) == ids([tagged])
    assert ids(ben.account_statuses(ann.me().id, tagged="bakery")) == ids([tagged])
    assert ids(ben.account_statuses(ann.me().id, pinned=True)) == []


def test_discover_shows_what_is_talked_about(ann: Mastodon, ben: Mastodon) -> None:
    post = ann.status_post("Everybody to the square at six!")
    ben.status_favourite(post)

    until(lambda: ids(ben.trending_statuses(limit=40)), lambda drawn: str(post.id) in drawn)
    first = ben.trending_statuses(limit=3)
    second = ben.trending_statuses(limit=3, offset=3)
    assert not set(ids(first)) & set(ids(second))


def test_one_is_told_and_can_forget(ann: Mastodon, ben: Mastodon) -> None:
    ann.notifications_clear()
    assert ann.notifications() == []
    ann_id = ann.me().id
    ben.account_unfollow(ann_id)
    post = ann.status_post("Look, a heron.")

    ben.account_follow(ann_id)
    ben.status_favourite(post)
    ben.status_reblog(post)
    ben.status_post("@ann where?")

    told = ann.notifications()
    assert [note.type for note in told] == ["mention", "reblog", "favourite", "follow"]
    assert all(note.account.acct == "ben" for note in told)
    assert [note.status.id for note in told[1:3]] == [post.id, post.id]
    assert [note.type for note in ann.notifications(types=["follow"])] == ["follow"]
    assert [note.type for note in ann.notifications(exclude_types=["follow", "mention"])] == [
        "reblog",
        "favourite",
    ]
    assert ann.notifications(told[0].id).type == "mention"
    page = ann.fetch_next(ann.notifications(limit=2))
    assert ids(page) == ids(told[2:])

    ann.notifications_dismiss(told[0].id)
    assert ids(ann.notifications()) == ids(told[1:])
    ann.notifications_clear()
    assert ann.notifications() == []


def test_a_profile_is_changed(ann: Mastodon, ben: Mastodon) -> None:
    ann.account_update_credentials(
        display_name="Ann ♥", note="Boats & <b>bridges</b>", fields=[("Web", "https://example.org/ann")],
        discoverable=True, bot=False,
    )  # fmt: skip

    seen = ben.account(ann.me().id)
    assert seen.display_name == "Ann ♥"
    assert seen.note == "<p>Boats &amp; &lt;b&gt;bridges&lt;/b&gt;</p>"
    assert seen.fields[0].name == "Web"
    assert 'href="https://example.org/ann"' in seen.fields[0].value
    assert ann.me().source.note == "Boats & <b>bridges</b>"


def test_refusals_are_errors_that_clients_understand(product: Product, ann: Mastodon, ben: Mastodon) -> None:
    with pytest.raises(MastodonAPIError, match="500"):
        ann.status_post("x" * 501)
    with pytest.raises(MastodonNotFoundError):
        ann.status(99)
    with pytest.raises(MastodonNotFoundError):
        ben.status_delete(ann.status_post("Mine."))
    nobody = Mastodon(access_token="no such token", api_base_url=product.address)
    with pytest.raises(MastodonUnauthorizedError):
        nobody.timeline_home()
