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
    whole = _Count()
    months: dict[str, _Count] = {}
    for data in entries:
        entry = json.loads(data)
        whole.add(entry)
        months.setdefault(entry["day"][:7], _Count()).add(entry)
    return {**whole.told(), "months": {month: months[month].told() for month in sorted(months)}}


class _Count:
    """One pass over entries."""

    def __init__(self) -> None:
        self.entries = self.decisions = self.detected = self.machine = 0
        self.taken_back = self.overturned = self.sealed = self.crises = 0
        self.by: dict[str, Counter[str]] = {
            name: Counter() for name in ("action", "policy", "category", "source", "ground")
        }
        self.lanes: dict[str, _Waits] = {}
        self.appeals = _Waits()
        self.answers: Counter[str] = Counter()
        self.door: Counter[str] = Counter()

    def add(self, entry: dict[str, Any]) -> None:
        self.entries += 1
        what = entry.get("act", "decision")
        if what == "decision":
            self._decision(entry)
        elif what == "kept":
            self._lane(entry).kept += 1
        elif what == "appeal":
            self.answers[entry["outcome"]] += 1
            self.appeals.add(entry)
        elif what == "door_appeal":
            self.door[entry["outcome"]] += 1
        self.sealed += what == "sealed"
        self.crises += what == "crisis_on"

    def _decision(self, entry: dict[str, Any]) -> None:
        if entry["action"] == "restore":
            self.taken_back += 1
            self.overturned += entry["source"] == "appeal"
            return
        self.decisions += 1
        self.detected += entry["automated_detection"]
        self.machine += entry["automated_decision"]
        for name, counter in self.by.items():
            counter[entry[name]] += 1
        if entry.get("lane"):
            self._lane(entry).decided += 1

    def _lane(self, entry: dict[str, Any]) -> _Waits:
        waits = self.lanes.setdefault(entry["lane"], _Waits())
        waits.add(entry)
        return waits

    def told(self) -> dict[str, Any]:
        appeals = {
            name: value for name, value in self.appeals.told().items() if name not in ("decided", "kept")
        }
        return {
            "entries": self.entries,
            "decisions": self.decisions,
            **{f"by_{name}": dict(sorted(counter.items())) for name, counter in self.by.items()},
            "lanes": {lane: self.lanes[lane].told() for lane in sorted(self.lanes)},
            "detected_by_machine": self.detected,
            "decided_by_machine": self.machine,
            "taken_back": self.taken_back,
            "overturned": self.overturned,
            "appeals": {
                "upheld": self.answers["upheld"],
                "overturned": self.answers["overturned"],
                **appeals,
            },
            "door_appeals": {"upheld": self.door["upheld"], "overturned": self.door["overturned"]},
            "sealed": self.sealed,
            "crises": self.crises,
        }
