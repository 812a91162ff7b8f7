"""What listeners are told of notifications."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feed.operations.interact import like
from tests.feed.streaming.listening import Room
from tests.people import NOON, crowd, publish, seen_by
from upscrolled import streams, tasks
from upscrolled.models import Notification, OwedEvent
from upscrolled.operations.relationships import block, follow

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def room(db) -> Room:
    return Room()


def test_one_hears_what_concerns_oneself_as_the_list_shows_it(room, alice, dave, client_of) -> None:
    ears = [
        room.listener(alice, "user"),
        room.listener(alice, "user:notification"),
        room.listener(dave, "user"),
    ]
    post = publish(alice)
    like(seen_by(dave, post), by=dave, now=LATER)
    room.tell()
    (shown,) = client_of(alice).get("/api/v1/notifications").json()
    assert room.last(ears[0], "notification") == room.last(ears[1], "notification") == shown
    assert room.heard(ears[2], "notification") == []


def test_a_block_cuts_what_is_on_its_way(room, alice, dave) -> None:
    ear = room.listener(alice)
    follow(alice, by=dave, now=NOON)
    block(dave, by=alice, now=NOON)
    room.tell()
    assert room.heard(ear, "notification") == []


def test_a_like_owes_its_event_in_the_same_statement(alice, dave) -> None:
    post = publish(alice)
    like(seen_by(dave, post), by=dave, now=LATER)
    like(seen_by(dave, post), by=dave, now=LATER)
    told = Notification.objects.get(kind="like")
    assert [(owed.name, owed.subject_id, owed.recipient_id) for owed in OwedEvent.objects.all()] == [
        ("notification", told.id, alice.id)
    ]


def test_what_is_owed_is_told_once_and_stays_owed_without_valkey(alice, dave, settings) -> None:
    from redis import RedisError

    from upscrolled.core import valkey

    follow(alice, by=dave, now=NOON)
    there = settings.VALKEY_URL
    settings.VALKEY_URL = "redis://127.0.0.1:9/0"
    valkey.forget_connections()
    try:
        with pytest.raises(RedisError):
            tasks.tell_owed()
    finally:
        settings.VALKEY_URL = there
        valkey.forget_connections()
    assert OwedEvent.objects.count() == 1
    assert tasks.tell_owed() == 1
    assert tasks.tell_owed() == 0
    assert [event.name for event in streams.since()] == ["notification"]


def test_many_notifications_of_one_person_are_loaded_together(room, alice, bob) -> None:
    ear = room.listener(alice)
    post = publish(alice)
    people = crowd(30, like=bob)

    def cost(likers) -> int:
        for who in likers:
            like(seen_by(who, post), by=who, now=LATER)
        tasks.tell_owed()
        with CaptureQueriesContext(connection) as asked:
            room.tell_events()
        return len(asked)

    room.tell()
    assert cost(people[:1]) == cost(people[1:])
    assert len([name for _, name, _ in room.said[ear] if name == "notification"]) == 31  # and bob's follow
