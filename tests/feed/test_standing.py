"""Whose tickets count follows from how accounts stand, whoever changed that and whenever it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from feed import openness, standing, tasks
from feed.models import Candidate, Uncounted
from feed.operations import audit
from feed.operations.interact import like, repost, unlike
from tests import restricting
from tests.people import NOON, publish, seen_by
from tests.waiting import PATIENCE
from upscrolled.models import Account, Restriction
from upscrolled.operations.accounts import close_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(alice, bob, dave) -> int:
    """Liked, shared and answered by bob and dave."""
    number = publish(alice, "hello")
    for person in (bob, dave):
        like(seen_by(person, number), by=person, now=NOON)
        repost(seen_by(person, number), by=person, audience="public", now=NOON)
        publish(person, "yes", reply_to=number)
    return number


def tickets(post: int) -> tuple[int, int, int]:
    held = Candidate.objects.get(pk=post)
    return held.likes, held.comments, held.shares


def wrong() -> list[str]:
    return [found.name for found in audit.audit() if found.wrong]


def restrict(account: Account, kind: str, *, begins: timedelta, ends: timedelta) -> Restriction:
    now = datetime.now(UTC)
    return restricting.restrict("account", account.id, kind, starts_at=now + begins, ends_at=now + ends)


def run_thread(act: Callable[[], Any]) -> threading.Thread:
    """Somebody else's connection."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    return threading.Thread(target=run)


HOUR = timedelta(hours=1)


def test_who_closes_the_account_gives_no_tickets_any_more(post, bob):
    close_account(account=bob)
    assert wrong() == ["candidates: tickets"]

    tasks.settle_standing()

    assert tickets(post) == (1, 1, 1)
    assert wrong() == []
    assert list(Uncounted.objects.values_list("account_id", flat=True)) == [bob.id]


def test_once_it_is_settled_there_is_nothing_to_do(post, bob, django_assert_num_queries):
    close_account(account=bob)
    assert standing.settle(now=NOON) == 1

    with django_assert_num_queries(1):
        assert standing.settle(now=NOON) == 0


@pytest.mark.parametrize("kind", ["account_suspended", "hold", "uncounted"])
def test_a_restriction_takes_tickets_away_for_as_long_as_it_lasts(post, bob, kind):
    decided = restrict(bob, kind, begins=-HOUR, ends=HOUR)
    standing.settle(now=NOON)
    assert tickets(post) == (1, 1, 1)
    assert wrong() == []

    Restriction.objects.filter(pk=decided.pk).update(ends_at=datetime.now(UTC) - HOUR / 2)
    standing.settle(now=NOON)

    assert tickets(post) == (2, 2, 2)
    assert wrong() == []
    assert not Uncounted.objects.exists()


def test_one_that_is_still_to_come_or_says_something_else_changes_nothing(post, bob, dave):
    restrict(bob, "hold", begins=HOUR, ends=2 * HOUR)
    restrict(dave, "hidden_from_discover", begins=-HOUR, ends=HOUR)

    assert standing.settle(now=NOON) == 0
    assert tickets(post) == (2, 2, 2)


def test_what_somebody_on_hold_takes_back_was_not_counted(post, bob):
    restrict(bob, "hold", begins=-HOUR, ends=HOUR)
    standing.settle(now=NOON)

    assert unlike(seen_by(bob, post), by=bob).likes == 1
    assert tickets(post) == (1, 1, 1)
    assert wrong() == []


def test_many_at_once_are_settled_in_several_rounds(post, bob, dave):
    for person in (bob, dave):
        close_account(account=person)

    assert standing.settle(now=NOON, at_most=1) == 1
    assert standing.settle(now=NOON, at_most=1) == 1
    assert standing.settle(now=NOON, at_most=1) == 0
    assert tickets(post) == (0, 0, 0)
    assert wrong() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ends", [False, True])
def test_what_somebody_likes_while_it_is_settled_counts_as_they_stand(post, alice, bob, monkeypatch, ends):
    """A like of that moment does not see yet, or sees still, that bob is uncounted."""
    other = publish(alice, "and this", after=9)
    decided = restrict(bob, "uncounted", begins=-HOUR, ends=HOUR)
    if ends:
        standing.settle(now=NOON)
        Restriction.objects.filter(pk=decided.pk).update(ends_at=datetime.now(UTC) - HOUR / 2)
    likes = [run_thread(lambda: like(seen_by(bob, other), by=bob, now=NOON))]
    likes.append(run_thread(lambda: unlike(seen_by(bob, post), by=bob)))
    compare = openness.of_account

    def meanwhile(account_id, *, now):
        for thread in likes:
            thread.start()
            thread.join()
        return compare(account_id, now=now)

    monkeypatch.setattr(openness, "of_account", meanwhile)
    standing.settle(now=NOON)

    assert wrong() == []
    assert Candidate.objects.get(pk=other).likes == (1 if ends else 0)


@pytest.mark.django_db(transaction=True)
def test_what_began_before_is_waited_for(post, alice, bob, monkeypatch):
    """A share that counted bob and is not committed when he is written down as uncounted."""
    other = publish(alice, "and this", after=9)
    restrict(bob, "uncounted", begins=-HOUR, ends=HOUR)
    counted, go_on = threading.Event(), threading.Event()

    def share() -> None:
        with transaction.atomic():
            repost(seen_by(bob, other), by=bob, audience="public", now=NOON)
            counted.set()
            assert go_on.wait(PATIENCE)

    thread = run_thread(share)
    thread.start()
    assert counted.wait(PATIENCE)
    let_end = standing._let_others_end

    def meanwhile() -> None:
        threading.Timer(0.2, go_on.set).start()
        let_end()

    monkeypatch.setattr(standing, "_let_others_end", meanwhile)
    try:
        standing.settle(now=NOON)
    finally:
        go_on.set()
        thread.join()

    assert wrong() == []
