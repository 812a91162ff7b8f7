"""One person is told one thing, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.people import NOON
from upscrolled.models import Account, Notification
from upscrolled.operations.accounts import close_account
from upscrolled.operations.notify import drop_between, notify, notify_many, withdraw, withdraw_from
from upscrolled.operations.relationships import block, mute

LIKE, FOLLOW = Notification.Kind.LIKE, Notification.Kind.FOLLOW
POST = 116_000_000_000_000_000


def told(account: Account) -> list[tuple[str, int, int | None]]:
    """What somebody was told: kind, by whom, of which post."""
    rows = Notification.objects.filter(recipient=account).order_by("id")
    return [(row.kind, row.actor_id, row.subject_id) for row in rows]


def test_somebody_is_told_once_however_often_it_happens(alice, dave):
    assert notify(alice.id, LIKE, actor_id=dave.id, subject_id=POST, now=NOON) is True
    assert notify(alice.id, LIKE, actor_id=dave.id, subject_id=POST, now=NOON) is False

    assert told(alice) == [("like", dave.id, POST)]


def test_news_of_no_post_is_told_once_too(alice, dave):
    assert notify(alice.id, FOLLOW, actor_id=dave.id, now=NOON) is True
    assert notify(alice.id, FOLLOW, actor_id=dave.id, now=NOON) is False

    assert told(alice) == [("follow", dave.id, None)]


def test_nobody_is_told_of_what_they_did_themselves(alice):
    assert notify(alice.id, LIKE, actor_id=alice.id, subject_id=POST, now=NOON) is False


@pytest.mark.parametrize("who_blocks", ["the recipient", "the actor"])
def test_a_block_either_way_keeps_both_silent(alice, dave, who_blocks):
    blocker, blocked = (alice, dave) if who_blocks == "the recipient" else (dave, alice)
    block(blocked, by=blocker, now=NOON)

    assert notify(alice.id, LIKE, actor_id=dave.id, subject_id=POST, now=NOON) is False


def test_who_muted_notifications_is_not_told_and_who_muted_only_posts_is(alice, bob, dave):
    mute(dave, by=alice, now=NOON)
    mute(dave, by=bob, notifications=False, now=NOON)

    assert notify_many([alice.id, bob.id], LIKE, actor_id=dave.id, subject_id=POST, now=NOON) == [bob.id]


def test_a_mute_that_ran_out_no_longer_silences(alice, dave):
    mute(dave, by=alice, duration=timedelta(hours=1), now=NOON)

    assert not notify(alice.id, LIKE, actor_id=dave.id, subject_id=POST, now=NOON + timedelta(minutes=59))
    assert notify(alice.id, LIKE, actor_id=dave.id, subject_id=POST, now=NOON + timedelta(minutes=61))


def test_a_closed_account_is_told_nothing(alice, dave):
    close_account(account=alice)

    assert notify(alice.id, LIKE, actor_id=dave.id, subject_id=POST, now=NOON) is False


def test_a_crowd_is_told_in_one_statement(alice, bob, carol, dave, django_assert_num_queries):
    crowd = [alice.id, bob.id, carol.id, dave.id, 1]

    with django_assert_num_queries(1):
        now_told = notify_many(crowd, LIKE, actor_id=dave.id, subject_id=POST, now=NOON)

    assert sorted(now_told) == sorted([alice.id, bob.id, carol.id])


def test_nothing_is_asked_of_the_database_for_nobody(alice, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert notify_many([], LIKE, actor_id=alice.id, now=NOON) == []


def test_what_was_taken_back_is_no_news(alice, bob, dave):
    notify_many([alice.id, bob.id], LIKE, actor_id=dave.id, subject_id=POST, now=NOON)
    notify(alice.id, LIKE, actor_id=dave.id, subject_id=POST + 1, now=NOON)
    before = told(bob)

    withdraw(LIKE, actor_id=dave.id, subject_id=POST)

    assert (LIKE, dave.id, POST) in before
    assert (LIKE, dave.id, POST) not in told(alice) + told(bob)
    assert (LIKE, dave.id, POST + 1) in told(alice)


def test_a_follow_is_taken_back_from_one_person(alice, bob, dave):
    notify(alice.id, FOLLOW, actor_id=dave.id, now=NOON)
    notify(bob.id, FOLLOW, actor_id=dave.id, now=NOON)

    withdraw_from(alice.id, FOLLOW, actor_ids=[dave.id])

    assert ("follow", dave.id, None) not in told(alice)
    assert ("follow", dave.id, None) in told(bob)


def test_what_two_people_were_told_of_each_other_is_dropped_and_nothing_else(alice, bob, dave):
    notify(alice.id, LIKE, actor_id=dave.id, subject_id=POST, now=NOON)
    notify(dave.id, FOLLOW, actor_id=alice.id, now=NOON)
    notify(dave.id, FOLLOW, actor_id=bob.id, now=NOON)

    drop_between(dave.id, alice.id)

    assert told(dave) == [("follow", bob.id, None)]
    assert [row for row in told(alice) if row[1] == dave.id] == []
