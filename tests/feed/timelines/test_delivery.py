"""Who gets a post into the list when the operator asks for less to be delivered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feed import tasks
from feed.timelines import store
from tests.people import NOON, publish
from upscrolled import activity, switches
from upscrolled.models import AccountCounters, Notification
from upscrolled.operations.relationships import follow
from upscrolled.operations.switches import turn

pytestmark = pytest.mark.django_db


@pytest.fixture
def readers(alice, bob, dave, client_of):
    """bob and dave follow alice, and both have a list; dave was not here for longer than a list stands."""
    follow(alice, by=dave, now=NOON)
    for person in (bob, dave):
        client_of(person).get("/api/v1/timelines/home")
    gone = datetime.now(UTC).date() - timedelta(days=activity.DAYS + 1)
    AccountCounters.objects.filter(pk=dave.id).update(active_on=gone)
    return bob, dave


def held_by(account) -> list[int]:
    version = AccountCounters.objects.get(pk=account.id).graph_version
    held = store.read(store.key(account.id, version))
    assert held is not None
    return held[0]


def only_active() -> None:
    turn(name="fan_out", value="active", because="the queue is long", by=None, now=NOON)
    switches.read()


def test_everybody_who_has_a_list_gets_a_post(readers, alice):
    post = publish(alice, "hello")
    tasks.deliver_owed()

    assert [post in held_by(person) for person in readers] == [True, True]


def test_with_the_switch_only_those_who_were_here_lately_do(readers, alice):
    only_active()
    post = publish(alice, "hello")
    tasks.deliver_owed()

    assert [post in held_by(person) for person in readers] == [True, False]


def test_nobody_can_have_a_list_from_before_the_days_that_count():
    assert timedelta(seconds=store.LIFETIME) <= timedelta(days=activity.DAYS)


def test_who_wants_to_be_told_of_a_post_is_told_all_the_same(readers, alice):
    _, dave = readers
    follow(alice, by=dave, now=NOON, notify=True)
    only_active()
    post = publish(alice, "hello")
    tasks.deliver_owed()

    assert Notification.objects.filter(recipient=dave, kind="post", subject_id=post).exists()
