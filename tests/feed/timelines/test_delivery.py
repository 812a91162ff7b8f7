"""Who gets a post into the list when the operator asks for less to be delivered."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from feed import outbox, tasks
from feed.finding import ledger
from feed.models import Delivery, Post
from feed.operations.revise import Edit, edit_post
from feed.post_types.text import Words
from feed.timelines import store
from tests.people import NOON, publish
from tests.waiting import until
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


# --- beside others ------------------------------------------------------------------------------------


class Beside(threading.Thread):
    """Somebody on a connection of their own; `end` waits for them and says what they returned."""

    def __init__(self, act: Callable[[], Any]) -> None:
        super().__init__()
        self._act, self.outcome = act, None
        self.start()

    def run(self) -> None:
        try:
            self.outcome = self._act()
        except Exception as error:
            self.outcome = error
        finally:
            connection.close()

    def end(self) -> Any:
        self.join()
        return self.outcome


def until_somebody_waits() -> None:
    """Until a connection of this database waits for a lock."""

    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_stat_clear_snapshot()"
            )  # or a transaction sees the same again and again
            cursor.execute(
                """SELECT EXISTS (SELECT 1 FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock')"""
            )
            return cursor.fetchone()[0]

    until(waits)


@pytest.mark.django_db(transaction=True)
def test_a_post_that_is_published_while_deliveries_are_taken_is_not_struck_off_unseen(alice):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE feed_delivery IN ACCESS EXCLUSIVE MODE")
        taking = Beside(lambda: outbox.take(10).post_ids)  # begins before the post is there, ends after
        until_somebody_waits()
        post = publish(alice, "hello")

    assert taking.end() + list(Delivery.objects.values_list("post_id", flat=True)) == [post]


@pytest.mark.django_db(transaction=True)
def test_a_delivery_and_an_edit_of_the_same_post_do_not_wait_crosswise(alice, monkeypatch):
    post = publish(alice, "hello")
    edit = Edit(parts={"text": Words("hello again", "")})
    enter, editing = ledger.enter, []

    def meanwhile(post_ids: list[int]) -> None:
        enter(post_ids)
        if post in post_ids:
            editing.append(Beside(lambda: edit_post(post, by=alice, edit=edit, now=NOON)))
            until_somebody_waits()  # the edit, for the words that this delivery has entered

    monkeypatch.setattr(ledger, "enter", meanwhile)
    delivered = tasks.deliver_owed()

    assert (delivered, [each.end() for each in editing]) == (1, [None])
    assert Post.objects.get(pk=post).text == "hello again"
    assert not Delivery.objects.exists()
