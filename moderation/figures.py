"""Figures of moderation, counted from the entries of the public log and from nothing else. Pure.

Whoever has the log counts the same: `manage.py transparency` does it from the rows, anybody from the tiles.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

MINUTES_MOST: Final = 1 << 20  # about two years


@dataclass(frozen=True, slots=True)
class Clock:
    """What an entry tells of time: the lane, the minutes it took up to the next power of two, and if it was in time.

    An exact time could be matched with a post that vanished at that moment.
    """

    lane: str
    took: int
    in_time: bool


def clock(lane: str, *, opened: datetime, deadline: datetime | None, now: datetime) -> Clock:
    """Return what the log tells of how long something waited."""
    minutes = max(1.0, (now - opened).total_seconds() / 60)
    took = min(MINUTES_MOST, 1 << math.ceil(math.log2(minutes)))
    return Clock(lane, took, deadline is None or now <= deadline)


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
        """Return the count that `kept_as` told."""
        tally = cls()
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
        return {"whole": self._whole.kept_as(), "months": months}

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

    def kept_as(self) -> dict[str, Any]:
        return {
            "numbers": dict(self.numbers),
            "by": {name: dict(counter) for name, counter in self.by.items()},
            "lanes": {lane: waits.kept_as() for lane, waits in self.lanes.items()},
            "appeals": self.appeals.kept_as(),
        }

    @classmethod
    def of(cls, kept: dict[str, Any]) -> _Count:
        counted = cls()
        counted.numbers = Counter(kept["numbers"])
        counted.by |= {name: Counter(counter) for name, counter in kept["by"].items()}
        counted.lanes = {lane: _Waits.of(waits) for lane, waits in kept["lanes"].items()}
        counted.appeals = _Waits.of(kept["appeals"])
        return counted

    def add(self, entry: dict[str, Any]) -> None:
        self.numbers["entries"] += 1
        what = entry.get("act", "decision")
        if what == "decision":
            self._decision(entry)
        elif what == "kept":
            self._lane(entry).kept += 1
        elif what == "appeal":
            self.by["answer"][entry["outcome"]] += 1
            self.appeals.add(entry)
        elif what == "door_appeal":
            self.by["door"][entry["outcome"]] += 1
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

    def _lane(self, entry: dict[str, Any]) -> _Waits:
        waits = self.lanes.setdefault(entry["lane"], _Waits())
        waits.add(entry)
        return waits

    def told(self) -> dict[str, Any]:
        numbers, answers, door = self.numbers, self.by["answer"], self.by["door"]
        appeals = {
            name: value for name, value in self.appeals.told().items() if name not in ("decided", "kept")
        }
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
            "door_appeals": {"upheld": door["upheld"], "overturned": door["overturned"]},
            "sealed": numbers["sealed"],
            "crises": numbers["crisis_on"],
        }
