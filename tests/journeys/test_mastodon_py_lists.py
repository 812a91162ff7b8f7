"""An application written for the Mastodon API (Mastodon.py): lists, filters, pins and muted threads."""

from __future__ import annotations

from typing import Any

import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonNotFoundError

from tests.waiting import until

pytestmark = pytest.mark.journey


def ids(things: Any) -> list[str]:
    return [str(thing.id) for thing in things]


def words(post: Any) -> list[str]:
    """Which words of ben's filters a post meets."""
    return [word for result in post.filtered for word in result.keyword_matches or ()]


@pytest.fixture
def followed(ann: Mastodon, ben: Mastodon) -> str:
    """ben follows ann, whose id this is."""
    ann_id = ann.me().id
    ben.account_follow(ann_id)
    return str(ann_id)


def test_a_list_is_kept_read_and_thrown_away(
    ann: Mastodon, ben: Mastodon, cleo: Mastodon, followed: str
) -> None:
    river = ben.list_create("River", replies_policy="none")
    assert (river.title, river.replies_policy, river.exclusive) == ("River", "none", False)
    ben.list_accounts_add(river, [followed])
    assert [person.acct for person in ben.list_accounts(river)] == ["ann"]
    assert ids(ben.account_lists(followed)) == [str(river.id)]
    with pytest.raises(MastodonNotFoundError):
        ben.list_accounts_add(river, [cleo.me().id])
    with pytest.raises(MastodonNotFoundError):
        ann.list(river)

    posts = [str(ann.status_post(f"High water {number}").id) for number in range(3)]
    cleo.status_post("Not on the list.")
    page = ben.timeline_list(river, limit=2)
    assert ids(page) == posts[:0:-1]
    assert ids(ben.fetch_next(page))[0] == posts[0]

    assert ben.list_update(river, "Riverside", replies_policy="list").title == "Riverside"
    assert "Riverside" in [one.title for one in ben.lists()]
    ben.list_accounts_delete(river, [followed])
    assert ben.timeline_list(river) == []
    ben.list_delete(river)
    with pytest.raises(MastodonNotFoundError):
        ben.list(river)


def test_an_exclusive_list_keeps_home_quiet(ann: Mastodon, ben: Mastodon, followed: str) -> None:
    loud = ben.list_create("Loud", exclusive=True)
    ben.timeline_home()
    ben.list_accounts_add(loud, [followed])

    post = str(ann.status_post("Again, again, again.").id)
    assert ids(ben.timeline_list(loud, limit=1)) == [post]
    mine = str(ben.status_post("Silence.").id)
    until(lambda: ids(ben.timeline_home(limit=2)), lambda home: mine in home)
    assert post not in ids(ben.timeline_home(limit=40))

    ben.list_delete(loud)
    assert post in ids(ben.timeline_home(limit=40))


def test_filters_of_the_second_version(ann: Mastodon, ben: Mastodon, followed: str) -> None:
    made = ben.create_filter_v2(
        "Endings", ["home", "public"], "warn", expires_in=3600, keywords_attributes=[{"keyword": "ending"}]
    )
    try:
        assert (made.title, made.filter_action, made.context) == ("Endings", "warn", ["home", "public"])
        assert made.expires_at is not None
        post = ann.status_post("What an ENDING!")
        other = ann.status_post("Unending rain.")
        seen = until(lambda: ben.timeline_home(limit=2), lambda home: ids(home) == ids([other, post]))
        assert [words(status) for status in seen] == [[], ["ending"]]
        assert seen[1].filtered[0].filter.title == "Endings"

        rain = ben.add_filter_keyword_v2(made, "rain")
        row = ben.add_filter_status_v2(made, other)
        (met,) = ben.status(other).filtered
        assert (met.keyword_matches, met.status_matches) == (["rain"], [str(other.id)])
        assert [word.keyword for word in ben.filter_keywords_v2(made)] == ["ending", "rain"]
        assert ids(ben.filter_statuses_v2(made)) == ids([row])
        ben.delete_filter_keyword_v2(rain)
        ben.delete_filter_status_v2(row)
        assert ben.status(other).filtered == []

        assert ben.update_filter_v2(made, title="The end", filter_action="hide").filter_action == "hide"
        assert [one.title for one in ben.filters_v2()] == ["The end"]
    finally:
        ben.delete_filter_v2(made)
    assert ben.filters_v2() == []


def test_filters_of_the_first_version(ann: Mastodon, ben: Mastodon, followed: str) -> None:
    made = ben.filter_create("onions", ["home"], irreversible=True)
    try:
        assert (made.phrase, made.irreversible, made.whole_word) == ("onions", True, True)
        hidden = ann.status_post("Cheap onions!")
        shown = ann.status_post("Cheap leeks!")
        home = until(lambda: ids(ben.timeline_home(limit=5)), lambda home: str(shown.id) in home)
        assert str(hidden.id) not in home
        assert str(hidden.id) in ids(ben.account_statuses(followed, limit=5))
        assert ben.filter_update(made, phrase="leeks", context=["home"], irreversible=False).phrase == "leeks"
        assert str(hidden.id) in ids(ben.timeline_home(limit=5))
        assert ids(ben.filters()) == ids([made])
    finally:
        ben.filter_delete(made)
    assert ben.filters() == []


def test_pins_stand_on_top_of_a_profile(ann: Mastodon, ben: Mastodon) -> None:
    post, later = ann.status_post("Read this first."), ann.status_post("Read this later.")

    assert ann.status_pin(post).pinned
    assert ids(ben.account_statuses(ann.me().id, pinned=True)) == [str(post.id)]
    assert ids(ben.account_statuses(ann.me().id, limit=1)) == [str(later.id)]
    with pytest.raises(MastodonAPIError, match="Someone else's"):
        ben.status_pin(post)
    assert not ann.status_unpin(post).pinned
    assert ben.account_statuses(ann.me().id, pinned=True) == []


def test_a_muted_thread_is_silent(ann: Mastodon, ben: Mastodon) -> None:
    post = ann.status_post("Which bridge is the oldest?")
    ann.notifications_clear()

    assert ann.status_mute(post).muted
    answer = ben.status_reply(post, "The one of stone.")
    ben.status_favourite(post)
    assert ann.notifications() == []
    assert not ann.status_unmute(answer).muted
    ben.status_reblog(post)
    assert [note.type for note in ann.notifications()] == ["reblog"]
