"""Whose tickets count follows from how accounts stand, whoever changed that and whenever it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feed import standing, tasks
from feed.models import Candidate, Uncounted
from feed.operations import audit
from feed.operations.interact import like, repost, unlike
from tests import restricting
from tests.people import NOON, publish, seen_by
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
