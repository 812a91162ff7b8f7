"""What happened in each second, and what it was like for those who asked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

CLASSES = ("extra", "reading", "writing", "core")


@dataclass
class Second:
    """One second of the replay. Latencies are milliseconds of answered requests, by class."""

    at: int
    arrivals: int = 0
    sent: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    shed: Counter[str] = field(default_factory=Counter)
    limited: int = 0
    failed: int = 0
    abandoned: Counter[str] = field(default_factory=Counter)
    latencies: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in CLASSES})
    level: float = 0.0
    ages: dict[str, float] = field(default_factory=dict)

    @property
    def all_latencies(self) -> list[float]:
        """Those of every class together."""
        return [one for values in self.latencies.values() for one in values]


class Meter:
    """Counts by seconds since `begin`. A request belongs to the second in which its answer came, or did not."""

    def __init__(self) -> None:
        self.seconds: list[Second] = []
        self.unexpected: Counter[str] = Counter()
        self._begun = time.monotonic()

    def begin(self) -> None:
        """Forget what was, and count from now on."""
        self._begun, self.seconds = time.monotonic(), []
        self.unexpected.clear()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._begun

    @property
    def now(self) -> Second:
        """The second that runs."""
        while len(self.seconds) <= int(self.elapsed):
            before = self.seconds[-1] if self.seconds else None
            self.seconds.append(Second(len(self.seconds)))
            if before is not None:  # until somebody has looked again
                self.seconds[-1].level, self.seconds[-1].ages = before.level, before.ages
        return self.seconds[-1]

    def count(self, kind: str, importance: str, status: int, milliseconds: float) -> None:
        """Note an answer."""
        second = self.now
        if status == 503:
            second.shed[importance] += 1
        elif status == 429:
            second.limited += 1
        elif status >= 500 or status in (400, 401, 404, 405):
            second.failed += 1
            self.unexpected[f"{kind} {status}"] += 1
        else:
            second.answered[importance] += 1
            second.latencies[importance].append(milliseconds)

    def abandon(self, kind: str, importance: str, why: str) -> None:
        """Note that somebody got no answer."""
        self.now.abandoned[importance] += 1
        self.unexpected[f"{kind} {why}"] += 1


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
