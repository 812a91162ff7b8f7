"""The order of the queue, and why: pure arithmetic on factors that are stored with the case and shown.

Lanes of law come first, each by its deadline, and the sample last. Between them the expected harm that a minute of
review prevents: p(violation) × severity × views per minute × cluster ÷ minutes, and a term that grows as the deadline
nears, so that nothing starves. Nothing here knows who the author is, what they believe, or how many reported it:
reporters count by their record, and those who report together, or have none, count as about one (docs/moderation.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

LANES: Final = ("life", "dark", "order", "intimate", "ordinary", "sample")
CLOCKS: Final[dict[str, timedelta]] = {
    "life": timedelta(minutes=15),
    "dark": timedelta(hours=1),
    "order": timedelta(hours=1),
    "intimate": timedelta(hours=48),
    "ordinary": timedelta(hours=24),
    "sample": timedelta(days=7),
}
BASE_RATE: Final = (
    0.1  # how often a subject that somebody reports breaks a policy, before anything else is known
)
SAMPLE_SHARE: Final = 0.07  # of the time of review
_LANE_WIDTH: Final = 1e11
# The term at the deadline, and the hours in which it doubles. It is small until a case is days late: in an overload
# everything is late, and a larger one would make the queue first in, first out (docs/moderation.md has the figures).
_HASTE: Final = 0.5
_HASTE_DOUBLES: Final = 12.0
_HIGHEST: Final = 1e10


@dataclass(frozen=True, slots=True)
class Reporter:
    """Somebody who reported it: how their reports were decided before, and with whom they report together."""

    id: int
    upheld: int = 0
    refused: int = 0
    together_with: frozenset[int] = frozenset()

    @property
    def reliability(self) -> float:
        """Mean of the Beta posterior of their record."""
        return (1 + self.upheld) / (3 + self.upheld + self.refused)


@dataclass(frozen=True, slots=True)
class Factors:
    """What the place of a case is made of. `minutes` is what a look at it takes, on average."""

    probability: float
    severity: int
    views_per_minute: float
    cluster_size: int
    minutes: float
    hours_left: float

    @property
    def harm(self) -> float:
        """Severity-weighted views of what breaks a policy that a minute of review prevents."""
        harm = self.probability * self.severity * self.views_per_minute * self.cluster_size / self.minutes
        return min(harm, _HIGHEST)

    @property
    def haste(self) -> float:
        """What the nearing deadline adds."""
        late = -self.hours_left / _HASTE_DOUBLES
        return _HIGHEST if late > 60 else min(_HASTE * 2**late, _HIGHEST)

    def explain(self) -> dict[str, Any]:
        """All of it, for the screen that says why a case is first."""
        numbers = {name: round(value, 4) for name, value in asdict(self).items()}
        return {**numbers, "harm": round(self.harm, 4), "haste": round(self.haste, 4)}


def probability(reporters: Sequence[Reporter]) -> float:
    """How likely it is that the subject breaks the policy, by who reported it."""
    evidence = [_weigh(group) for group in _groups(reporters)]
    total = sum(evidence) / math.sqrt(len(evidence)) if evidence else 0.0
    return 1 / (1 + math.exp(-(_logit(BASE_RATE) + total)))


def sample_chance(minutes: float, sample_minutes: float) -> float:
    """How likely a case of the sample comes before one that takes so many minutes.

    Before each comes a geometric number of them, so that they take `SAMPLE_SHARE` of all the time.
    """
    wanted = SAMPLE_SHARE / (1 - SAMPLE_SHARE) * minutes / sample_minutes
    return wanted / (1 + wanted)


def start_of(lane: str) -> float:
    """The place before which no case of a lane stands."""
    return LANES.index(lane) * _LANE_WIDTH


def place(lane: str, factors: Factors, deadline: datetime) -> float:
    """Where in the queue: the smallest is next.

    The sample comes in its order in time: what would be looked at by its reach would tell of what has reach alone.
    """
    first = start_of(lane)
    if lane == "ordinary":
        return first + _LANE_WIDTH / 2 - (factors.harm + factors.haste)
    return first + deadline.timestamp()


def _weigh(group: Sequence[Reporter]) -> float:
    """What a group says, as log-odds: what its best member would say alone."""
    return max(_logit(reporter.reliability) for reporter in group) - _logit(BASE_RATE)


def _groups(reporters: Sequence[Reporter]) -> list[list[Reporter]]:
    """Rings, one group each; everybody without a record, one group together; others each for themselves."""
    known = {reporter.id: reporter for reporter in reporters}
    fresh = [reporter for reporter in known.values() if not reporter.upheld + reporter.refused]
    groups = [fresh] if fresh else []
    left = {number: reporter for number, reporter in known.items() if reporter not in fresh}
    while left:
        _, first = left.popitem()
        ring, edge = [first], [first]
        while edge:
            near = edge.pop().together_with & left.keys()
            found = [left.pop(number) for number in sorted(near)]
            ring += found
            edge += found
        groups.append(ring)
    return groups


def _logit(chance: float) -> float:
    return math.log(chance / (1 - chance))
