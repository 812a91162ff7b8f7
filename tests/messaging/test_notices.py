"""What people are told of messages: in the list, on streams, by pushes; and how that ends when they are read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from messaging.operations import conversations, keeping, messages
from tests.chat import say
from tests.feed.streaming.listening import Room
from tests.people import NOON, client_of
from tests.upscrolled.push.phone import Phone
from tests.upscrolled.push.service import push_service
from tests.upscrolled.push.test_push import send, subscribe
from upscrolled import tasks
from upscrolled.models import Notification, PushDelivery
from upscrolled.operations.relationships import block

pytestmark = pytest.mark.django_db
LIST, BASE = "/api/v1/notifications", "/api/v1/upscrolled/conversations"


@pytest.fixture
def service():
    with push_service() as running:
        yield running


def told(account, path=LIST):
    return [each for each in client_of(account).get(path).json() if each["type"] == "mention"]


def direct(account, text):
    body = {"status": text, "visibility": "direct"}
    return client_of(account).post("/api/v1/statuses", body).json()


def test_one_notification_for_each_sender_and_conversation_which_the_next_message_renews(pair, alice, bob):
    (first,) = told(bob)
    say(pair, alice, "and then?")
    (second,) = told(bob)

    assert (second["type"], second["account"]["acct"]) == ("mention", "alice")
    assert (second["status"]["visibility"], second["upscrolled"]) == (
        "direct",
        {"conversation_id": str(pair)},
    )
    assert "and then?" in second["status"]["content"]
    assert int(second["id"]) > int(first["id"])
    assert client_of(bob).get(f"{LIST}/unread_count").json() == {"count": 1}
    v2 = client_of(bob).get("/api/v2/notifications").json()
    assert [each["status_id"] for each in v2["notification_groups"]] == [second["status"]["id"]]
    assert [each["id"] for each in v2["statuses"]] == [second["status"]["id"]]
    assert told(alice) == []


def test_a_message_is_a_mention_for_applications_that_know_no_messages(group, alice, bob):
    say(group, alice, "one")
    direct(alice, "@bob two")
    client = client_of(bob)
    counts = [
        (len(client.get(LIST, asked).json()), client.get(f"{LIST}/unread_count", asked).json()["count"])
        for asked in (
            {"types[]": "mention"},
            {"types[]": "upscrolled.message"},
            {"exclude_types[]": "mention"},
            {"exclude_types[]": "upscrolled.message"},
        )
    ]
    assert counts == [(2, 2), (1, 1), (0, 0), (1, 1)]


def test_a_direct_post_is_a_mention_for_whom_it_is(pair, alice, bob):
    keeping.read(pair, up_to=None, by=bob, now=NOON)
    sent = [direct(alice, f"@bob {text}")["id"] for text in ("one", "two")]

    assert [(each["type"], each["status"]["id"]) for each in told(bob)] == [
        ("mention", sent[1]),
        ("mention", sent[0]),
    ]
    client_of(bob).post(f"/api/v1/conversations/{pair}/read")
    assert told(bob) == []


def test_what_was_read_is_told_no_more_and_the_rest_is(group, alice, bob, dave):
    say(group, alice, "one")
    say(group, dave, "two")
    assert len(told(bob)) == 2

    keeping.read(group, up_to=1, by=bob, now=NOON)
    assert [each["account"]["acct"] for each in told(bob)] == ["dave"]
    say(group, bob, "I have read it all, as you see")
    assert told(bob) == []


def test_nobody_is_told_of_requests_mutes_blocks_and_what_is_gone(pair, group, alice, bob, dave):
    keeping.read(pair, up_to=None, by=bob, now=NOON)
    request = conversations.begin_pair(alice.id, by=dave, now=NOON)
    say(request, dave)
    assert Notification.objects.filter(recipient=alice, kind="message").count() == 0
    keeping.arrange(group, wish=keeping.Wish(mute=timedelta(days=3_000)), by=bob, now=NOON)
    say(group, alice)
    assert not Notification.objects.filter(recipient=bob, subject_id=group).exists()
    assert len(told(dave)) == 1
    gone = say(pair, alice)
    assert len(told(bob)) == 1
    messages.delete_for_all(gone, by=alice, now=NOON)
    assert told(bob) == []
    say(pair, alice)
    block(alice, by=bob, now=NOON)
    assert told(bob) == []


def test_listeners_hear_of_it_as_the_list_shows_it(pair, alice, bob):
    room = Room()
    ear = room.listener(bob, "user")
    say(pair, alice, "hello again")
    tasks.tell_owed()
    room.tell_events()

    assert room.last(ear, "notification") == told(bob)[0]


def test_a_phone_is_woken_without_a_word_of_it_and_told_when_it_was_read_elsewhere(service, pair, alice, bob):
    keeping.read(pair, up_to=None, by=bob, now=NOON)
    phone = Phone()
    alerts = {"upscrolled.message": True}
    subscribe(bob, phone, alerts=alerts, upscrolled={"withdraws": True})
    say(pair, alice, "the secret recipe")
    assert send(service) == 1
    ((_, headers, body),) = service.taken
    woken = phone.open(headers, body)
    assert (woken["notification_type"], woken["title"], woken["body"]) == (
        "mention",
        "Alice sent you a message",
        "",
    )
    assert (woken["conversation_id"], headers["urgency"]) == (str(pair), "high")

    say(pair, alice, "and what waits is not sent any more")
    tasks.tell_owed()
    client_of(bob).post(f"{BASE}/{pair}/read")
    assert send(service) == 1
    _, headers, body = service.taken[-1]
    read = phone.open(headers, body)
    assert (read["notification_type"], read["conversation_id"]) == (
        "upscrolled.conversation_read",
        str(pair),
    )
    assert read["notification_id"] >= woken["notification_id"]
    assert not PushDelivery.objects.exists()


def test_who_wants_mentions_is_woken_for_messages_unless_their_application_knows_better(service, pair, bob):
    for asked, woken in (
        ({"mention": True}, True),
        ({"mention": True, "upscrolled.message": False}, False),
        ({"mention": False}, False),
    ):
        client, _ = subscribe(bob, Phone(), alerts=asked)
        held = client.get("/api/v1/push/subscription").json()["alerts"]
        assert (held["mention"], held["upscrolled.message"]) == (asked["mention"], woken)


def test_the_phone_on_which_it_was_read_is_not_woken_for_it(service, pair, alice, bob):
    keeping.read(pair, up_to=None, by=bob, now=NOON)
    alerts = {"upscrolled.message": True}
    client, _ = subscribe(bob, Phone(), alerts=alerts, upscrolled={"withdraws": True})
    say(pair, alice)
    client.post(f"{BASE}/{pair}/read")

    assert send(service) == 0


def test_a_page_of_many_messages_costs_as_many_statements(
    pair, group, alice, bob, dave, django_assert_max_num_queries
):
    for each in (alice, dave):
        say(group, each)
    direct(alice, "@bob hello")
    client = client_of(bob)
    client.get(LIST)

    with django_assert_max_num_queries(14):
        assert len(client.get(LIST).json()) == 4
