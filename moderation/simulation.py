"""An overload of moderators (`overload.py`), and too little time for it.

The queue is put in our order, by the very functions of `triage`, and in others beside it; what is told is how much
of the harm each prevents. Nothing here reads a row.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Final

from moderation import near, triage
from moderation.grounds import POLICIES
from moderation.overload import HORIZON, Post, Report, World

_BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Case:
    """What waits, and who reported it so far."""

    post: Post
    policy: str
    opened: float
    luck: float
    cluster: str
    reporters: list[int] = field(default_factory=list)
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an order came to, as shares of 1: harm prevented, brigaded posts reviewed, reviews that found something.

    `minutes` is the median from a post to its decision, of what broke a policy.
    """

    prevented: float
    brigaded: float
    precision: float
    minutes: float


class Desk:
    """The queue at a moment, and what is known of reporters from what was decided so far."""

    def __init__(self, world: World, seed: int, *, together: bool = False) -> None:
        """`together`: near copies are one case and one decision, as in the product."""
        self.world = world
        self.together = together
        self.open: dict[int, Case] = {}
        self.copies: Counter[str] = Counter()
        self.upheld: Counter[int] = Counter()
        self.refused: Counter[int] = Counter()
        self._together: dict[int, Counter[int]] = {}
        self._done: set[int] = set()
        self._next = 0
        self._draw = random.Random(seed)

    def admit(self, upto: float) -> None:
        """Take in what was reported until then."""
        reports = self.world.reports
        while self._next < len(reports) and reports[self._next].at <= upto:
            self._take(reports[self._next])
            self._next += 1

    def waits_until(self) -> float:
        """When the next report comes."""
        reports = self.world.reports
        return reports[self._next].at if self._next < len(reports) else HORIZON

    def decide(self, case: Case) -> list[Post]:
        """Close a case, and those of its copies if they are together; their reporters are known better from then on."""
        alike = [case]
        if self.together and case.cluster:
            alike = [one for one in self.open.values() if one.cluster == case.cluster]
        for one in alike:
            del self.open[one.post.id]
            self._done.add(one.post.id)
            record = self.upheld if one.post.breaks else self.refused
            record.update(set(one.reporters))
        self.copies[case.cluster] -= len(alike)
        return [one.post for one in alike]

    def probability(self, case: Case) -> float:
        """What the reports say, as the product reckons it; asked again when somebody joins."""
        if case.probability is None:
            case.probability = triage.probability(
                [self._reporter(number) for number in dict.fromkeys(case.reporters)]
            )
        return case.probability

    def _take(self, report: Report) -> None:
        if report.post in self._done:
            return
        case = self.open.get(report.post)
        if case is None:
            post = self.world.posts[report.post]
            case = Case(post, report.policy, report.at, self._draw.random(), near.cluster_of(post.text))
            self.open[report.post] = case
            self.copies[case.cluster] += 1
        for other in case.reporters:
            self._together.setdefault(other, Counter())[report.reporter] += 1
            self._together.setdefault(report.reporter, Counter())[other] += 1
        case.reporters.append(report.reporter)
        case.probability = None

    def _reporter(self, number: int) -> triage.Reporter:
        """With whom they reported together on two other posts or more: this one is among the three."""
        upheld, refused = self.upheld[number], self.refused[number]
        ring: frozenset[int] = frozenset()
        if upheld + refused:
            near = self._together.get(number, Counter())
            ring = frozenset(
                other
                for other, times in near.items()
                if times > 2 and self.upheld[other] + self.refused[other]
            )
        return triage.Reporter(number, upheld, refused, ring)


Order = Callable[[Desk, Case, float], float]


def ours(desk: Desk, case: Case, at: float) -> float:
    """The order of the product: `triage.place` of the factors that it has; of reach it has a guess."""
    policy = POLICIES[case.policy]
    deadline = case.opened + triage.CLOCKS["ordinary"].total_seconds() / 60
    factors = triage.Factors(
        probability=desk.probability(case),
        severity=policy.severity,
        views_per_minute=max(0.01, case.post.rate(at) * case.post.guess),
        cluster_size=max(1, desk.copies[case.cluster]) if desk.together and case.cluster else 1,
        minutes=policy.minutes,
        hours_left=(deadline - at) / 60,
    )
    return triage.place("ordinary", factors, _BEGAN + timedelta(minutes=deadline))


def _discourse(desk: Desk, case: Case, _: float) -> float:
    """Each report counts 1, a point for trust, and a bonus for agreement once more than five were decided."""
    score = 0.0
    for reporter in case.reporters:
        upheld, refused = desk.upheld[reporter], desk.refused[reporter]
        total = upheld + refused
        bonus = (upheld / total - 0.7) * math.log(total, 4) * 5 if total > 5 else 0.0
        score += max(0.0, 2 + bonus)
    return -score


def _oracle(_: Desk, case: Case, at: float) -> float:
    """Knows what breaks a policy, how gravely, and how long the look takes."""
    return -case.post.severity * case.post.rate(at) / case.post.minutes


ORDERS: Final[dict[str, Order]] = {
    "ours": ours,
    "FIFO": lambda _, case, at: case.opened,
    "newest first": lambda _, case, at: -case.opened,
    "most reports": lambda _, case, at: -len(case.reporters),
    "as Discourse": _discourse,
    "at random": lambda _, case, at: case.luck,
    "oracle": _oracle,
}


def run(world: World, order: Order, *, share: float, seed: int = 0, together: bool = False) -> Outcome:
    """Review in that order with so much of the time that all reported posts need, spread evenly over the days."""
    desk, at, pace = Desk(world, seed, together=together), 0.0, share * world.needed / HORIZON
    prevented, brigaded, found, reviewed, useful = 0.0, 0, list[float](), 0, 0
    while at < HORIZON:
        desk.admit(at)
        if not desk.open:
            at = desk.waits_until()
            continue
        case = min(desk.open.values(), key=lambda waiting: (order(desk, waiting, at), waiting.post.id))
        at += case.post.minutes / pace
        if at > HORIZON:
            break
        decided = desk.decide(case)
        reviewed, useful = reviewed + 1, useful + bool(case.post.breaks)
        brigaded += case.post.brigaded
        prevented += sum(post.remaining(at) * post.severity for post in decided)
        found += [at - post.born for post in decided if post.breaks]
    all_brigaded = sum(post.brigaded for post in world.posts)
    return Outcome(
        prevented / world.harm,
        brigaded / max(1, all_brigaded),
        useful / max(1, reviewed),
        median(found) if found else math.nan,
    )
