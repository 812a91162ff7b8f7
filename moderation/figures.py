"""Figures of moderation, counted from the entries of the public log and from nothing else. Pure.

Whoever has the log counts the same: `manage.py transparency` does it from the rows, anybody from the tiles.
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

MINUTES_MOST: Final = 1 << 20  # about two years
_Z: Final = 1.96
TALLIED: Final = 2  # what a tally counts; one that counted less is begun anew


@dataclass(frozen=True, slots=True)
class Clock:
    """What an entry tells of time: the lane, the minutes it took up to the next power of two, and if it was in time.

    An exact time could be matched with a post that vanished at that moment. Of a case of the sample also how many
    posts that nobody reported it stands for.
    """

    lane: str
    took: int
    in_time: bool
    stands_for: int | None = None

    @property
    def sampled(self) -> dict[str, int]:
        """What an entry has of the sample: nothing, if it is not of it."""
        return {} if self.stands_for is None else {"stands_for": self.stands_for}


def clock(
    lane: str, *, opened: datetime, deadline: datetime | None, now: datetime, chance: float | None = None
) -> Clock:
    """Return what the log tells of how long something waited; `chance` is that with which it was sampled."""
    minutes = max(1.0, (now - opened).total_seconds() / 60)
    took = min(MINUTES_MOST, 1 << math.ceil(math.log2(minutes)))
    weight = None if chance is None else rounded(1 / chance, random.random())
    return Clock(lane, took, deadline is None or now <= deadline, weight)


def rounded(weight: float, drawn: float) -> int:
    """Return the power of two below or above a weight, by a number drawn from 0 to 1.

    So often that the mean is the weight: sums stay true, and nobody learns from it how far a post reached.
    """
    below = 1 << math.floor(math.log2(max(1.0, weight)))
    return below if drawn * below >= weight - below else 2 * below


def estimate(whole: int, squares: int, broke: int) -> tuple[float, float, float] | None:
    """Return which part of the posts that nobody reports breaks a policy, and between what it lies; None of nothing.

    From sums over the sample: weights, their squares, and the weights of what broke a policy. The range is Wilson's for
    19 of 20, with as many posts as these would be worth if all had weighed the same.
    """
    if not whole:
        return None
    part, worth = broke / whole, whole * whole / squares
    middle, room = part + _Z * _Z / (2 * worth), 1 + _Z * _Z / worth
    half = _Z * math.sqrt(part * (1 - part) / worth + _Z * _Z / (4 * worth * worth))
    low, high = max(0.0, (middle - half) / room), min(1.0, (middle + half) / room)
    return round(part, 4), round(low, 4), round(high, 4)


@dataclass(slots=True)
class _Waits:
    """How long things took, and how many were late."""

    decided: int = 0
    kept: int = 0
    late: int = 0
    took: Counter[int] = field(default_factory=Counter)

    def add(self, entry: dict[str, Any]) -> None:
        if entry.get("took") is not None:
            self.took[int(entry["took"])] += 1
            self.late += entry.get("in_time") is False

    def kept_as(self) -> dict[str, Any]:
        return {"decided": self.decided, "kept": self.kept, "late": self.late, "took": dict(self.took)}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> _Waits:
        took = Counter({int(minutes): count for minutes, count in kept["took"].items()})
        return cls(kept["decided"], kept["kept"], kept["late"], took)

    def told(self) -> dict[str, Any]:
        return {
            "decided": self.decided,
            "kept": self.kept,
            "late": self.late,
            "median_minutes": percentile(self.took, 50),
            "p95_minutes": percentile(self.took, 95),
        }


def percentile(counts: Counter[int], percent: int) -> int | None:
    """Return the least value that so many of a hundred do not exceed; None of nothing."""
    left = math.ceil(counts.total() * percent / 100)
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return None


def count(entries: Iterable[str]) -> dict[str, Any]:
    """Count the entries of the log, as a whole and by month."""
    tally = Tally()
    for data in entries:
        tally.add(data)
    return tally.told()


class Tally:
    """A count of the log that can be kept as JSON (`kept_as`) and gone on with (`of`), entry by entry."""

    def __init__(self) -> None:
        self._whole, self._months = _Count(), dict[str, _Count]()

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Tally:
        """Return the count that `kept_as` told; an empty one, if that counted less than is counted now."""
        tally = cls()
        if kept.get("version") != TALLIED:
            return tally
        tally._whole = _Count.of(kept["whole"])
        tally._months = {month: _Count.of(each) for month, each in kept["months"].items()}
        return tally

    @property
    def entries(self) -> int:
        """How many entries were counted."""
        return self._whole.numbers["entries"]

    def add(self, data: str) -> None:
        """Count the next entry."""
        entry = json.loads(data)
        self._whole.add(entry)
        self._months.setdefault(entry["day"][:7], _Count()).add(entry)

    def kept_as(self) -> dict[str, Any]:
        """Return the count as JSON keeps it."""
        months = {month: each.kept_as() for month, each in self._months.items()}
        return {"version": TALLIED, "whole": self._whole.kept_as(), "months": months}

    def told(self) -> dict[str, Any]:
        """Return the figures, as everybody reads them."""
        months = {month: self._months[month].told() for month in sorted(self._months)}
        return {**self._whole.told(), "months": months}


_BY: Final = ("action", "policy", "category", "source", "ground")


class _Count:
    """What was counted: plain numbers, and others by a name."""

    def __init__(self) -> None:
        self.numbers: Counter[str] = Counter()
        self.by: dict[str, Counter[str]] = {name: Counter() for name in (*_BY, "answer", "door")}
        self.lanes: dict[str, _Waits] = {}
        self.appeals = _Waits()
        self.door = _Waits()
        self.sample: Counter[str] = Counter()

    def kept_as(self) -> dict[str, Any]:
        return {
            "numbers": dict(self.numbers),
            "by": {name: dict(counter) for name, counter in self.by.items()},
            "lanes": {lane: waits.kept_as() for lane, waits in self.lanes.items()},
            "appeals": self.appeals.kept_as(),
            "door": self.door.kept_as(),
            "sample": dict(self.sample),
        }

    @classmethod
    def of(cls, kept: dict[str, Any]) -> _Count:
        counted = cls()
        counted.numbers = Counter(kept["numbers"])
        counted.by |= {name: Counter(counter) for name, counter in kept["by"].items()}
        counted.lanes = {lane: _Waits.of(waits) for lane, waits in kept["lanes"].items()}
        counted.appeals = _Waits.of(kept["appeals"])
        counted.door = _Waits.of(kept["door"])
        counted.sample = Counter(kept["sample"])
        return counted

    def add(self, entry: dict[str, Any]) -> None:
        self.numbers["entries"] += 1
        what = entry.get("act", "decision")
        if what == "decision":
            self._decision(entry)
        elif what == "kept":
            self._lane(entry).kept += 1
            self._sampled(entry, broke=False)
        elif what == "appeal":
            self.by["answer"][entry["outcome"]] += 1
            self.appeals.add(entry)
        elif what == "door_appeal":
            self.by["door"][entry["outcome"]] += 1
            self.door.add(entry)
        elif what in ("sealed", "crisis_on"):
            self.numbers[what] += 1

    def _decision(self, entry: dict[str, Any]) -> None:
        if entry["action"] == "restore":
            self.numbers["taken_back"] += 1
            self.numbers["overturned"] += entry["source"] == "appeal"
            return
        self.numbers["decisions"] += 1
        self.numbers["detected"] += entry["automated_detection"]
        self.numbers["machine"] += entry["automated_decision"]
        for name in _BY:
            self.by[name][entry[name]] += 1
        if entry.get("lane"):
            self._lane(entry).decided += 1
        self._sampled(entry, broke=True)

    def _sampled(self, entry: dict[str, Any], *, broke: bool) -> None:
        if (weight := entry.get("stands_for")) is None:
            return
        self.sample.update({"looked_at": 1, "broke": int(broke)})
        self.sample.update({"whole": weight, "squares": weight * weight, "bad": weight if broke else 0})

    def _lane(self, entry: dict[str, Any]) -> _Waits:
        waits = self.lanes.setdefault(entry["lane"], _Waits())
        waits.add(entry)
        return waits

    def told(self) -> dict[str, Any]:
        numbers, answers, door = self.numbers, self.by["answer"], self.by["door"]
        appeals, at_the_door = (
            {name: value for name, value in waits.told().items() if name not in ("decided", "kept")}
            for waits in (self.appeals, self.door)
        )
        return {
            "entries": numbers["entries"],
            "decisions": numbers["decisions"],
            **{f"by_{name}": dict(sorted(self.by[name].items())) for name in _BY},
            "lanes": {lane: self.lanes[lane].told() for lane in sorted(self.lanes)},
            "detected_by_machine": numbers["detected"],
            "decided_by_machine": numbers["machine"],
            "taken_back": numbers["taken_back"],
            "overturned": numbers["overturned"],
            "appeals": {
                "upheld": answers["upheld"],
                "overturned": answers["overturned"],
                **appeals,
            },
            "door_appeals": {"upheld": door["upheld"], "overturned": door["overturned"], **at_the_door},
            "sealed": numbers["sealed"],
            "crises": numbers["crisis_on"],
            "unreported": self._unreported(),
        }

    def _unreported(self) -> dict[str, Any]:
        sample = self.sample
        part, low, high = estimate(sample["whole"], sample["squares"], sample["bad"]) or (None, None, None)
        counts = {"looked_at": sample["looked_at"], "broke": sample["broke"]}
        return {**counts, "share": part, "low": low, "high": high}
