"""The two weeks: how many people come at which moment, scaled so that the machine meets more than it can do."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

DAYS = 14.0
# (day, sign-ups a day): slowly, then by the press, then everybody at once; between two points by a steady factor.
GROWTH = ((0.0, 460.0), (7.0, 14_000.0), (11.5, 300_000.0), (14.0, 300_000.0))
HIGHEST = max(rate for _, rate in GROWTH)
# Visits that come with each sign-up: people who are there already, and strangers who only look.
READERS, LOOKERS = 12, 12
VISITS = 1 + READERS + LOOKERS
LEAST = 0.02  # of the highest rate: a replay in which nobody is there for a minute shows nothing


def sign_ups_a_day(day: float) -> float:
    """Return the sign-ups a day at a moment of the two weeks."""
    for (day0, rate0), (day1, rate1) in itertools.pairwise(GROWTH):
        if day <= day1:
            return rate0 * math.exp(math.log(rate1 / rate0) * (day - day0) / (day1 - day0))
    return GROWTH[-1][1]


@dataclass(frozen=True, slots=True)
class Wave:
    """`seconds` for the two weeks, and `peak` visits a second at the highest; afterwards a quiet time."""

    seconds: float
    peak: float

    @property
    def aftermath(self) -> float:
        """Seconds of the quiet time: a tenth, but long enough to see the level fall."""
        return max(self.seconds / 10, 10.0)

    @property
    def whole(self) -> float:
        """Seconds of the replay with what follows."""
        return self.seconds + self.aftermath

    def day(self, at: float) -> float:
        """Return the day that a second of the replay stands for."""
        return at / self.seconds * DAYS

    def rate(self, at: float) -> float:
        """Return the visits a second that come at a second of the replay."""
        if at >= self.seconds:
            return self.peak * LEAST
        return self.peak * max(sign_ups_a_day(self.day(at)) / HIGHEST, LEAST)

    def arrivals(self, rng: Random) -> Iterator[tuple[float, str]]:
        """Yield when somebody comes, and who: a Poisson process that waits for nobody's answer.

        Moments are drawn at the highest rate and kept with the chance that the rate of the moment gives.
        """
        at = 0.0
        while (at := at + rng.expovariate(self.peak)) < self.whole:
            if rng.random() * self.peak < self.rate(at):
                number = rng.randrange(VISITS)
                yield at, "newcomer" if number == 0 else "reader" if number <= READERS else "looker"
