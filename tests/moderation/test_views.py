"""The queue goes by how often a post is seen now, as far as that is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feed.models import Impressions
from moderation import queue
from moderation.intake import Known
from moderation.models import Case
from tests.desks import reported
from upscrolled.core import ids

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
POST = ids.first_at(NOON)


def later(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def known(views: float | None, expected: float = 2.0) -> Known:
    numbers = {("post", str(POST)): expected}
    return Known(numbers if views is None else numbers | {("views of post", str(POST)): views})


def test_what_was_expected_gives_way_to_what_is_seen() -> None:
    assert known(None).pace("post", POST, now=later(60)) == (2.0, None)
    first, window = known(80).pace("post", POST, now=later(10))
    assert first == pytest.approx((80 + 2 * 10) / 20)
    pace, window = known(900).pace("post", POST, now=later(20), window=window)
    assert pace == pytest.approx((900 + 2 * 10) / 30)
    pace, window = known(900).pace("post", POST, now=later(60), window=window)  # nobody looks any more
    quiet, window = known(900).pace("post", POST, now=later(180), window=window)
    assert quiet == pytest.approx(pace * 10 / 130, abs=1e-3)
    surge, _ = known(10_900).pace("post", POST, now=later(190), window=window)
    assert surge == pytest.approx((10_000 + quiet * 10) / 20, abs=0.1)


@pytest.mark.django_db
def test_a_post_that_is_seen_more_and_more_moves_forward_as_the_clock_comes_round(alice, bob, dave) -> None:
    quiet = reported(alice, dave, "They are vermin, all of them.")
    seen = reported(bob, dave, "Everybody should hear what I think of those people.")
    Case.objects.update(factors={})
    now = datetime.now(UTC)
    queue.refresh(now=now)
    assert list(Case.objects.order_by("place", "id").values_list("id", flat=True)) == [quiet.pk, seen.pk]
    views = Impressions.objects.create(post_id=seen.subject_id, surface="discover", estimate=160)
    queue.refresh(now=now + timedelta(minutes=1))
    Impressions.objects.filter(post_id=views.post_id).update(estimate=16_000)
    paces = []
    for minutes in (2, 20, 200):
        queue.refresh(now=now + timedelta(minutes=minutes))
        case = Case.objects.order_by("place").first()
        assert (case.pk, "window" in case.factors) == (seen.pk, True)
        paces.append(case.factors["views_per_minute"])
    assert paces[0] > 1_000
    assert paces == sorted(paces, reverse=True)
    assert "window" not in Case.objects.get(pk=quiet.pk).factors
