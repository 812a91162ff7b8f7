"""Media of posts that not everybody may open are reached by signed addresses alone, and move back with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feed import openness, tasks
from feed.operations import audit
from moderation import tasks as decisions
from moderation.operations.decide import Wish, decide, reverse
from moderation.subjects import Subject
from tests import restricting
from tests.media import fetch, photo, ready, settle
from tests.people import client_of
from upscrolled.media import ledger
from upscrolled.models import Account, MediaAttachment, Restriction
from upscrolled.operations.accounts import close_account

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
STATUSES = "/api/v1/statuses"
WHY_NOT = {
    "facts": "The post was read again in its context.",
    "explanation": "It quotes the insult to condemn it.",
}


@pytest.fixture(autouse=True)
def _own_media(media_root):
    return media_root


def post(author, *media: str) -> int:
    made = client_of(author).post(STATUSES, {"media_ids": media or [ready(author)], "status": "hello"})
    assert made.status_code == 200, made.content
    move()
    return int(made.json()["id"])


def move() -> None:
    """What the clock does within a minute: files go where they should lie, and what nothing uses is removed."""
    settle()
    ledger.remove_due(now=datetime.now(UTC))


def addresses(post_id: int, reader: Account | None) -> list[str]:
    shown = client_of(reader).get(f"{STATUSES}/{post_id}")
    assert shown.status_code == 200, shown.content
    return [each["url"] for each in shown.json()["media_attachments"]]


def test_a_removed_photo_is_gone_from_its_address_and_comes_back_when_the_decision_is_reversed(alice):
    number = post(alice)
    (public,) = addresses(number, None)
    assert "/media/public/" in public
    assert fetch(public).status_code == 200

    wish = Wish(Subject("post", number), "removed", "hate", restricting.REASONS)
    removed = decide(wish, by=restricting.moderator(), now=NOW)
    decisions.carry_out(decision_id=removed.decision_id)
    # Not moved yet: nobody is told an address that is about to end.
    assert "/media/private/" in addresses(number, alice)[0]
    move()

    assert fetch(public).status_code == 404
    assert client_of(None).get(f"{STATUSES}/{number}").status_code == 404
    (signed,) = addresses(number, alice)
    assert "/media/private/" in signed
    assert fetch(signed).status_code == 200

    again = reverse(removed.decision_id, by=restricting.moderator(), **WHY_NOT, now=NOW)
    decisions.carry_out(decision_id=again.decision_id)
    move()

    assert addresses(number, None) == [public]
    assert fetch(public).status_code == 200


@pytest.mark.parametrize(
    ("kind", "countries", "private"),
    [
        ("hold", [], True),
        ("age_limited", [], True),
        ("removed", ["FR"], True),
        ("sensitive", [], False),
        ("hidden_from_discover", [], False),
        ("replies_off", [], False),
    ],
)
def test_the_clock_finds_posts_that_not_everybody_may_open(alice, bob, kind, countries, private):
    number = post(alice)
    (public,) = addresses(number, None)
    restricting.restrict("post", number, kind, countries=countries)

    tasks.settle_openness()
    move()

    assert fetch(public).status_code == (404 if private else 200)
    if kind != "hold":  # whoever may see it, bob outside of France too, is given what they can fetch
        (seen,) = addresses(number, bob)
        assert ("/media/private/" in seen) is private
        assert fetch(seen).status_code == 200


def test_what_ended_because_its_time_was_up_is_found_by_the_clock(alice):
    number = post(alice)
    public = addresses(number, None)
    made = restricting.restrict("post", number, "removed", starts_at=NOW - timedelta(days=90))
    assert openness.lately(now=NOW) == 0  # it began long ago: workers were away, and the night finds it
    tasks.settle_openness(all_of_them=True)
    assert not MediaAttachment.objects.get().open

    Restriction.objects.filter(pk=made.pk).update(ends_at=NOW - timedelta(minutes=1))
    tasks.settle_openness()
    move()

    assert addresses(number, None) == public
    assert openness.lately(now=NOW) == 0


def test_a_suspended_account_takes_all_its_media_along_and_brings_them_back(alice, bob):
    first, second = post(alice), post(alice, ready(alice, photo(2)), ready(alice, photo(3)))
    other = addresses(post(bob, ready(bob, photo(4))), None)
    public = addresses(first, None) + addresses(second, None)
    made = restricting.restrict("account", alice.id, "account_suspended")

    tasks.settle_standing()
    move()
    assert [fetch(each).status_code for each in [*public, *other]] == [404, 404, 404, 200]

    Restriction.objects.filter(pk=made.pk).update(ends_at=NOW - timedelta(minutes=1))
    tasks.settle_standing()
    move()
    assert [fetch(each).status_code for each in public] == [200, 200, 200]


def test_who_closes_the_account_closes_its_media(alice):
    (public,) = addresses(post(alice), None)
    close_account(account=alice)

    tasks.settle_standing()
    move()

    assert fetch(public).status_code == 404


def test_what_an_edit_adds_to_a_restricted_post_is_not_for_everybody(alice):
    first = ready(alice)
    number = post(alice, first)
    restricting.restrict("post", number, "removed", countries=["FR"])
    tasks.settle_openness()
    body = {"status": "hello", "media_ids": [first, ready(alice, photo(2))]}
    assert client_of(alice).put(f"{STATUSES}/{number}", body).status_code == 200
    move()

    assert ["/media/private/" in each for each in addresses(number, None)] == [True, True]


def test_the_same_photo_of_somebody_else_stays_where_it_is(alice, bob):
    of_alice, of_bob = post(alice), post(bob, ready(bob))
    (public,) = addresses(of_bob, None)
    assert addresses(of_alice, None) == [public]
    restricting.restrict("post", of_alice, "removed")

    tasks.settle_openness()
    move()

    assert fetch(public).status_code == 200
    assert not MediaAttachment.objects.get(owner=alice).public


def test_an_audit_finds_media_that_are_open_against_the_policy_and_closes_them(alice):
    number = post(alice)
    (public,) = addresses(number, None)
    restricting.restrict("post", number, "removed", starts_at=NOW - timedelta(days=9))
    assert {each.name: each.wrong for each in audit.audit()}["open media"] == 1

    audit.repair()
    move()

    assert {each.name: each.wrong for each in audit.audit()}["open media"] == 0
    assert fetch(public).status_code == 404
