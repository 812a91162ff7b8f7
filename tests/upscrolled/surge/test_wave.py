"""Who comes when: the two weeks, drawn from a seed."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from upscrolled.surge.wave import LOOKERS, READERS, VISITS, Wave, sign_ups_a_day


@pytest.mark.parametrize(
    ("day", "rate"), [(0, 460), (7, 14_000), (11.5, 300_000), (14, 300_000), (99, 300_000)]
)
def test_the_days_that_are_told_of_have_the_sign_ups_that_are_told(day: float, rate: float) -> None:
    assert sign_ups_a_day(day) == pytest.approx(rate)


def test_between_them_it_grows_by_a_steady_factor() -> None:
    assert sign_ups_a_day(3.5) == pytest.approx((460 * 14_000) ** 0.5)


def test_the_same_seed_brings_the_same_people_at_the_same_moments() -> None:
    wave = Wave(60, 30)

    first, again, other = (list(wave.arrivals(Random(seed))) for seed in (1, 1, 2))

    assert first == again
    assert first != other
    assert [at for at, _ in first] == sorted(at for at, _ in first)


def test_as_many_come_as_the_wave_says_and_most_of_them_at_its_height() -> None:
    wave = Wave(140, 200)
    expected = sum(wave.rate(tenth / 10) / 10 for tenth in range(int(wave.whole * 10)))

    arrivals = list(Wave(140, 200).arrivals(Random(3)))

    assert len(arrivals) == pytest.approx(expected, rel=0.06)
    at_its_height = sum(115 <= at < 140 for at, _ in arrivals)
    assert at_its_height == pytest.approx(200 * 25, rel=0.06)
    assert sum(at >= 140 for at, _ in arrivals) < 120, "afterwards it is quiet"


def test_newcomers_readers_and_lookers_come_in_their_shares() -> None:
    who = Counter(who for _, who in Wave(140, 200).arrivals(Random(4)))

    assert who["newcomer"] / who.total() == pytest.approx(1 / VISITS, rel=0.25)
    assert who["reader"] / who["looker"] == pytest.approx(READERS / LOOKERS, rel=0.1)
