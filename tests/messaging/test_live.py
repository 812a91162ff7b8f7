"""What phones that listen are told of conversations, as each of them may see it at that moment."""

from __future__ import annotations

import pytest

from messaging.operations import conversations, keeping, messages
from messaging.queries import sync
from tests.chat import say
from tests.feed.streaming.listening import Room
from tests.people import NOON
from upscrolled.operations.relationships import block
from upscrolled.viewer import Viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(db) -> Room:
    import messaging.live  # noqa: F401  # it registers its tellers, as the streaming process has it do

    return Room()


@pytest.fixture
def hear(room, django_capture_on_commit_callbacks):
    """Do something and have it told; what a listener heard of it, by name."""

    def do(listener, act):
        room.said[listener].clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
        room.tell_events()
        return [(name, payload) for _, name, payload in room.said[listener]]

    return do


def names(heard):
    return [name for name, _ in heard]


def test_a_message_and_what_becomes_of_it_is_told_with_the_number_to_go_on_from(room, hear, pair, alice, bob):
    ear = room.listener(bob, "user")
    ((name, told),) = hear(ear, lambda: say(pair, alice, "helo"))

    assert (name, told["message"]["text"]) == ("upscrolled.message", "helo")
    assert told["message"]["client_id"] is None
    assert told["cursor"] == str(sync.changes(Viewer(bob), None, limit=1).cursor)
    message = int(told["message"]["id"])
    for verb, field, expected in (
        (lambda: messages.edit(message, by=alice, written="hello", now=NOON), "text", "hello"),
        (
            lambda: messages.react(message, by=alice, emoji="👍", now=NOON),
            "reactions",
            [{"emoji": "👍", "account_ids": [str(alice.id)]}],
        ),
        (lambda: messages.delete_for_all(message, by=alice, now=NOON), "text", None),
    ):
        ((_, changed),) = hear(ear, verb)
        assert changed["message"][field] == expected
        assert int(changed["cursor"]) == int(told["cursor"]) + 1
        told = changed
    ((name, gone),) = hear(ear, lambda: messages.delete_for_me(message, by=bob, now=NOON))
    assert (name, gone["message_id"]) == ("upscrolled.message.gone", str(message))


def test_a_block_cuts_what_is_on_its_way_between_two_and_in_groups(room, hear, pair, group, alice, bob, dave):
    his, daves = room.listener(bob, "messages"), room.listener(dave, "messages")

    def say_and_block():
        say(pair, alice)
        say(group, alice)
        keeping.typing(group, by=alice, now=NOON)
        block(alice, by=bob, now=NOON)

    heard = hear(his, say_and_block)

    assert "upscrolled.typing" not in names(heard)
    assert [each for each in names(heard) if not each.endswith(".gone")] == []
    assert [name for _, name, _ in room.said[daves]] == ["upscrolled.message", "upscrolled.typing"]


def test_receipts_and_typing_are_told_to_those_who_show_their_own(room, hear, pair, alice, bob):
    hers, his = room.listener(alice, "user"), room.listener(bob, "user")
    ((name, told),) = hear(hers, lambda: keeping.read(pair, up_to=None, by=bob, now=NOON))

    assert (name, told["member"]) == (
        "upscrolled.member",
        {"account_id": str(bob.id), "state": "accepted", "read_seq": 1},
    )
    ((_, name, mine),) = room.said[his]
    assert (name, mine["conversation"]["unread_count"]) == ("upscrolled.conversation", 0)
    assert names(hear(his, lambda: keeping.typing(pair, by=alice, now=NOON))) == ["upscrolled.typing"]
    keeping.set_inbox(by=bob, receipts=False, typing=False)
    say(pair, alice)
    assert hear(hers, lambda: keeping.read(pair, up_to=None, by=bob, now=NOON)) == []
    assert hear(his, lambda: keeping.typing(pair, by=alice, now=NOON)) == []


def test_who_joins_and_leaves_a_group_and_who_is_taken_out(room, hear, group, alice, bob, dave):
    hers, his = room.listener(alice, "user"), room.listener(bob, "user")
    ((_, told),) = hear(hers, lambda: conversations.leave(group, by=dave, now=NOON))
    assert told["member"] == {"account_id": str(dave.id), "state": "left", "read_seq": None}

    ((name, told),) = hear(his, lambda: conversations.rename(group, title="Hills", by=alice, now=NOON))
    assert (name, told["conversation"]["title"]) == ("upscrolled.conversation", "Hills")
    heard = hear(his, lambda: conversations.remove(group, bob.id, by=alice, now=NOON))
    assert heard[-1][0] == "upscrolled.conversation.gone"
    assert room.said[hers][-1][2]["member"]["state"] == "left"  # however they went
    assert hear(his, lambda: say(group, alice)) == []


def test_a_token_is_told_no_more_than_it_reaches(room, hear, pair, alice, bob):
    ear = room.listener(bob, "user", scopes="read:notifications")

    assert hear(ear, lambda: say(pair, alice)) == []


def test_mastodons_clients_are_told_of_the_conversation_and_of_what_changed(room, hear, pair, alice, bob):
    ear = room.listener(bob, "direct")
    ((name, told),) = hear(ear, lambda: say(pair, alice, "helo"))
    assert (name, told["id"], told["unread"]) == ("conversation", str(pair), True)
    number = told["last_status"]["id"]

    edited = hear(ear, lambda: messages.edit(int(number), by=alice, written="hello", now=NOON))
    assert names(edited) == ["conversation", "status.update"]
    assert "hello" in edited[1][1]["content"]
    ((name, told),) = hear(ear, lambda: keeping.read(pair, up_to=None, by=bob, now=NOON))
    assert (name, told["unread"]) == ("conversation", False)
    gone = hear(ear, lambda: messages.delete_for_all(int(number), by=alice, now=NOON))
    assert (names(gone), gone[1][1]) == (["conversation", "delete"], number)


def test_a_request_is_told_in_our_words_and_not_in_mastodons(room, hear, alice, dave):
    ours, mastodons = room.listener(alice, "user"), room.listener(alice, "direct")
    number = conversations.begin_pair(alice.id, by=dave, now=NOON)

    assert names(hear(ours, lambda: say(number, dave))) == ["upscrolled.message"]
    assert room.said[mastodons] == []


def test_many_members_who_listen_cost_one_statement(room, group, alice, bob, dave, django_assert_num_queries):
    from messaging import happenings, streams
    from upscrolled import streams as ground

    message = say(group, alice)
    for each in (alice, bob, dave):
        room.listener(each, "user")
    told = {each.id: 1 for each in (alice, bob, dave)}
    happened = happenings.Happened(happenings.MESSAGE, group, message, alice.id, told, new=True)
    ground.send(list(streams.events_of(happened))[:1])

    with django_assert_num_queries(1):
        room.tell_events()
