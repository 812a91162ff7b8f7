"""What listeners are told of posts: as the policy lets each of them see it when it is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feed.operations.interact import repost, unrepost
from feed.operations.lists import add_members, create_list
from feed.operations.revise import Edit, delete_post, edit_post
from feed.post_types.poll import Question
from feed.post_types.text import Words
from tests.feed.streaming.listening import Room
from tests.people import NOON, make_account, publish, seen_by
from tests.restricting import restrict
from upscrolled.operations.relationships import block, follow, mute
from upscrolled.streaming import channels, tellers

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def room() -> Room:
    return Room()


def test_followers_and_the_author_hear_of_a_post_in_their_home(room, alice, bob, carol, dave) -> None:
    ears = {who.username: room.listener(who) for who in (alice, bob, carol, dave)}
    post = publish(alice, "hello")
    room.tell()
    assert {name: room.heard(ear) for name, ear in ears.items()} == {
        "alice": [f"update {post}"],
        "bob": [f"update {post}"],
        "carol": [],
        "dave": [],
    }


def test_the_public_hears_of_public_originals_only(room, alice, bob, carol) -> None:
    nobody, reader, blocked = (
        room.listener(None, "public"),
        room.listener(bob, "public:local"),
        room.listener(carol, "public"),
    )
    post = publish(alice, "for all")
    publish(alice, "quietly", audience="unlisted", after=1)
    publish(alice, "for friends", audience="followers", after=2)
    publish(bob, "an answer", reply_to=post, after=3)
    repost(seen_by(bob, post), by=bob, audience="public", now=LATER)
    room.tell()
    assert room.heard(nobody) == room.heard(reader) == [f"update {post}"]
    assert room.heard(blocked) == []


# who listens, on which stream, and whether they are told of a post with this audience
@pytest.mark.parametrize("audience", ["public", "unlisted", "followers"])
@pytest.mark.parametrize("stream", ["user", "public", "hashtag", "list"])
@pytest.mark.parametrize("who", ["author", "follower", "stranger", "blocked", "muting", "nobody"])
def test_who_is_told_is_who_would_see_it_on_the_page(room, alice, bob, carol, dave, audience, stream, who):
    muting = make_account("mona")
    follow(alice, by=muting, now=NOON)
    mute(alice, by=muting, now=NOON)
    account = {
        "author": alice,
        "follower": bob,
        "stranger": dave,
        "blocked": carol,
        "muting": muting,
        "nobody": None,
    }[who]
    parameters: dict[str, object] = {"tag": "Cats"}
    if account is None and stream in ("user", "list"):
        return
    if stream == "list":
        made = create_list(by=account, title="mine", now=NOON)
        if who in ("follower", "muting"):
            add_members(made, [alice.id], by=account)
        parameters["list"] = made
    ear = room.listener(account, stream, **parameters)
    post = publish(alice, "purr #cats", audience=audience)
    room.tell()

    on_page = {
        "user": who in ("author", "follower"),
        "list": who == "follower",
        "public": audience == "public" and who in ("author", "follower", "stranger", "nobody"),
        "hashtag": audience == "public" and who in ("author", "follower", "stranger", "nobody"),
    }[stream]
    assert room.heard(ear) == ([f"update {post}"] if on_page else [])


def test_nobody_hears_of_a_post_on_somebody_elses_list(room, alice, bob, dave) -> None:
    follow(alice, by=dave, now=NOON)
    made = create_list(by=bob, title="mine", now=NOON)
    add_members(made, [alice.id], by=bob)
    ear = room.listener(dave, "list", list=made)
    publish(alice)
    room.tell()
    assert room.heard(ear) == []
    channel = channels.of("list", {"list": made}, account_id=bob.id, scopes="read")
    assert [tellers.may_listen(channel, who.id) for who in (bob, dave)] == [True, False]


def test_a_block_cuts_at_once(room, alice, bob) -> None:
    ear = room.listener(bob, "user", "public")
    publish(alice)
    block(bob, by=alice, now=NOON)
    room.tell()
    assert room.heard(ear) == []


def test_a_decision_counts_where_it_holds_when_it_is_told(room, alice, bob) -> None:
    here, there = room.listener(bob, "public", country="FR"), room.listener(bob, "public", country="DE")
    post = publish(alice)
    restrict("post", post, "removed", countries=["DE"])
    room.tell()
    assert room.heard(here) == [f"update {post}"]
    assert room.heard(there) == []


def test_each_meets_the_post_with_marks_of_their_own(room, alice, bob, dave) -> None:
    from feed.operations.interact import bookmark, like

    follow(alice, by=dave, now=NOON)
    post = publish(alice, "old")
    like(seen_by(bob, post), by=bob, now=NOON)
    bookmark(seen_by(dave, post), by=dave, now=NOON)
    room.tell()
    ears = [room.listener(bob), room.listener(dave), room.listener(alice)]
    edit_post(post, by=alice, edit=Edit(parts={"text": Words("new", "")}), now=LATER)
    room.tell()
    told = [room.last(ear) for ear in ears]
    assert [(each["favourited"], each["bookmarked"]) for each in told] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert {each["content"] for each in told} == {"<p>new</p>"}
    assert [room.heard(ear) for ear in ears] == [[f"status.update {post}"]] * 3


def test_the_body_is_the_page_of_each_reader(room, alice, bob, dave, client_of) -> None:
    """What is told is, to the letter, what GET says: also to who filters, who is named, and who voted."""
    from feed.operations.vote import vote

    follow(alice, by=dave, now=NOON)
    client_of(dave).post(
        "/api/v2/filters",
        {"title": "no", "context": ["home"], "keywords_attributes": [{"keyword": "tea", "whole_word": True}]},
    )
    eve = make_account("eve")
    follow(alice, by=eve, now=NOON)
    poll = Question(("tea", "coffee"), 3_600)
    post = publish(alice, "tea? @bob", parts={"poll": poll})
    vote(seen_by(eve, post), by=eve, choices=[0], now=NOON)
    ears = {who: room.listener(who) for who in (alice, bob, dave, eve)}
    room.tell()
    for who, ear in ears.items():
        assert room.last(ear) == client_of(who).get(f"/api/v1/statuses/{post}").json(), who.username


def test_a_deleted_post_is_told_by_its_id_to_whoever_could_see_it(room, alice, bob, dave) -> None:
    post = publish(alice, "#cats", audience="followers")
    room.tell()
    ears = [room.listener(bob), room.listener(dave, "user", "public", "hashtag", tag="cats")]
    delete_post(post, by=alice, now=LATER)
    room.tell()
    assert room.heard(ears[0]) == [f"delete {post}"]
    assert room.heard(ears[1]) == []


def test_a_share_that_is_taken_back_is_told(room, alice, bob, dave) -> None:
    follow(bob, by=dave, now=NOON)
    post = publish(alice)
    share = repost(seen_by(bob, post), by=bob, audience="public", now=NOON)
    room.tell()
    ear = room.listener(dave)
    unrepost(seen_by(bob, post), by=bob, now=LATER)
    room.tell()
    assert room.heard(ear) == [f"delete {share}"]


def test_a_post_deleted_before_it_was_told_is_no_news(room, alice, bob) -> None:
    ear = room.listener(bob)
    post = publish(alice)
    delete_post(post, by=alice, now=LATER)
    room.tell()
    assert "update" not in " ".join(room.heard(ear))


def test_a_token_hears_what_it_reaches(room, alice, bob) -> None:
    reads, told = (
        room.listener(bob, scopes="read:statuses"),
        room.listener(bob, scopes="read:notifications"),
    )
    publish(alice, "hello @bob")
    room.tell()
    assert {name for _, name, _ in room.said[reads]} == {"update"}
    assert {name for _, name, _ in room.said[told]} == {"notification"}


def test_what_is_hidden_by_an_exclusive_list_is_told_there_only(room, alice, bob) -> None:
    made = create_list(by=bob, title="apart", exclusive=True, now=NOON)
    add_members(made, [alice.id], by=bob)
    ear = room.listener(bob, "user", "list", list=made)
    publish(alice)
    room.tell()
    assert [labels for labels, name, _ in room.said[ear] if name == "update"] == [["list", str(made)]]


def test_however_many_listen_the_statements_are_the_same(room, alice, bob, django_assert_num_queries) -> None:
    from tests.people import crowd
    from upscrolled.models import Follow

    def told(post: int) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        from upscrolled import streams

        streams.send([streams.Event(name="update", about={"id": post})])
        with CaptureQueriesContext(connection) as asked:
            room.tell_events()
        return len(asked)

    one = room.listener(bob, "user", "public")
    post = publish(alice, "hello")
    few = told(post)
    people = crowd(50, like=bob)
    Follow.objects.bulk_create(
        Follow(account=who, target=alice, created_at=NOON, reposts=True, notify=False) for who in people
    )
    ears = [room.listener(who, "user", "public") for who in people]
    assert told(post) == few
    assert [len(room.said[ear]) for ear in (one, *ears)] == [4] + [2] * 50
