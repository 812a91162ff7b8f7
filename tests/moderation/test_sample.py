"""What nobody reports is estimated from posts drawn at random: as many as are worth their share of the time."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from moderation import counting, figures, publishing, queue, triage
from moderation.grounds import POLICIES
from moderation.models import Case
from moderation.operations import cases, claims
from moderation.operations.cases import Wish
from moderation.subjects import Subject
from tests.people import publish
from tests.restricting import REASONS, moderator

NOW = datetime.now(UTC)
OTHER = POLICIES["other"].minutes


@pytest.mark.parametrize("minutes", [0.3, 0.6, 2.0])
def test_it_takes_its_share_of_the_time_whatever_else_takes(minutes: float) -> None:
    """Before each other case comes a geometric number of the sample."""
    chance = triage.sample_chance(minutes, OTHER)
    spent = chance / (1 - chance) * OTHER
    assert spent / (spent + minutes) == pytest.approx(triage.SAMPLE_SHARE)


def test_it_comes_in_its_order_in_time_and_not_by_its_reach() -> None:
    little = triage.Factors(0.1, 2, 0.01, 1, OTHER, hours_left=24)
    much = triage.Factors(0.1, 2, 10_000.0, 1, OTHER, hours_left=168)
    assert triage.place("sample", little, NOW) < triage.place("sample", much, NOW + timedelta(days=6))
    assert triage.place("ordinary", little, NOW) < triage.place("sample", much, NOW)


@pytest.mark.parametrize("weight", [1.0, 1.5, 3.0, 1_000.0])
def test_what_one_stands_for_is_rounded_so_that_sums_stay_true(weight: float) -> None:
    drawn = [figures.rounded(weight, (n + 0.5) / 1_000) for n in range(1_000)]
    assert sum(drawn) / 1_000 == pytest.approx(weight, rel=2e-3)
    assert {each & (each - 1) for each in drawn} == {0}  # powers of two


def test_the_estimate_is_true_in_the_mean_and_its_range_holds_it() -> None:
    """A world of 4,000 posts of which one in twenty breaks a policy, and those with more reach rather less."""
    dice, held, estimates = random.Random(7), 0, []
    posts = [(n % 20 == 0, 0.01 if n % 20 else 0.02) for n in range(4_000)]
    for _ in range(100):
        tally = [0, 0, 0]
        for broke, chance in posts:
            if dice.random() < chance:
                weight = figures.rounded(1 / chance, dice.random())
                tally = [tally[0] + weight, tally[1] + weight * weight, tally[2] + weight * broke]
        part, low, high = figures.estimate(*tally) or (0.0, 0.0, 0.0)
        estimates.append(part)
        held += low <= 0.05 <= high
    assert sum(estimates) / 100 == pytest.approx(0.05, abs=0.01)
    assert held >= 85
    assert figures.estimate(0, 0, 0) is None
    assert figures.estimate(300, 300, 0) == (0.0, 0.0, pytest.approx(0.0126, abs=1e-3))


@pytest.mark.django_db
def test_as_many_are_drawn_as_the_days_work_is_worth(alice) -> None:
    assert queue.samples_due(now=NOW) == queue.SAMPLED_LEAST
    rows = [
        Case(
            subject_kind="post",
            subject_id=n + 1,
            state="decided",
            policy="illegal",
            lane="ordinary",
            opened_at=NOW,
            closed_at=NOW - timedelta(hours=1),
        )
        for n in range(480)
    ]
    Case.objects.bulk_create(rows)
    due = queue.samples_due(now=NOW) * 24 * OTHER
    assert due / (due + 480 * POLICIES["illegal"].minutes) == pytest.approx(triage.SAMPLE_SHARE)
    assert queue.samples_due(now=NOW + timedelta(days=2)) == queue.SAMPLED_LEAST


@pytest.mark.django_db
def test_what_it_says_is_published_from_the_log_alone(alice, bob) -> None:
    for n in range(4):
        publish(alice if n % 2 else bob, f"nobody reported this, {n}", now=NOW - timedelta(hours=1))
    assert queue.sample(wanted=50, now=NOW) == 4
    Case.objects.update(inclusion_probability=0.25)
    mia, then = moderator(), NOW + timedelta(minutes=1)
    for n, case in enumerate(Case.objects.order_by("id")):
        held = claims.claim(case.pk, by=mia, now=then)
        if n:
            cases.dismiss(held, by=mia, reason="a recipe", now=then)
        else:
            wish = Wish(Subject("post", case.subject_id), "removed", "hate", REASONS)
            cases.decide_case(held, wish, by=mia, now=then)
    publishing.publish(now=then, delay=timedelta(0))

    told = counting.publish(now=then).figures["unreported"]
    assert (told["looked_at"], told["broke"], told["share"]) == (4, 1, 0.25)
    assert told["low"] < 0.25 < told["high"]
    assert {leaf.told.count('"stands_for":4') for leaf in publishing.leaves()} == {1}
    for language, said in (
        ("en", "4 drawn at random and looked at, 1 of them did"),
        ("ar", "25.0 %"),
        ("fr", "dont 1"),
    ):
        page = Client().get("/transparency", headers={"accept-language": language}).content.decode()
        assert said in page, language
