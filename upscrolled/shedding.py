"""What is refused when more is asked than can be answered, and how much of it: a rule, not an accident.

The measure is how long requests wait before Python sees them (`canary.py` tells). A site that keeps up has no
standing queue; one that does not has a queue which grows until everybody waits, sign-ups and likes behind trends
that nobody needs. So the level rises while the wait stands above a target, and each level refuses one class of
requests more: first what costs most and matters least. The waiting time of an interval is its shortest, as in
CoDel (RFC 8289 §3.1): a burst leaves, a standing queue stays. The level follows it like PIE's drop probability
(RFC 8033 §4.2), by a part that adds up and a part that answers at once; it falls slowly.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from enum import IntEnum
from functools import cached_property
from random import uniform
from typing import Final

from django.conf import settings

INTERVAL: Final = 0.5  # seconds whose shortest wait is one step of the controller
STALE: Final = 10.0  # seconds after which what was heard says nothing about now
RISE, AT_ONCE, FALL = 0.3, 0.5, 0.2  # levels a second for a doubled wait; levels now; levels a second back
_WORST, _BEST = 2.0, -1.0  # doublings of the target that count at most, either way
HIGHEST: Final = 3.9  # one in ten of the most important always gets through


class Importance(IntEnum):
    """Classes of requests in the order in which they are refused; the last never is."""

    EXTRA = 1
    READING = 2
    WRITING = 3
    CORE = 4
    ALWAYS = 5


# Seconds after which somebody who was refused shall come again, shortest and longest: by chance, or all who
# were refused in the same second would come back in the same second.
PAUSES: Final = {
    Importance.EXTRA: (10.0, 30.0),
    Importance.READING: (5.0, 15.0),
    Importance.WRITING: (3.0, 9.0),
    Importance.CORE: (2.0, 6.0),
    Importance.ALWAYS: (1.0, 1.0),
}


def default_of(method: str) -> Importance:
    """Return the class of an endpoint that declares none: reads go before writes, whose author is waiting."""
    return Importance.READING if method in ("GET", "HEAD") else Importance.WRITING


def share(importance: Importance, level: float) -> float:
    """Return which share of a class is refused at a level: one class after the other, each gradually."""
    if importance is Importance.ALWAYS:
        return 0.0
    return min(max(level - (importance - 1), 0.0), 1.0)


def pause(importance: Importance) -> int:
    """Return the seconds to name in Retry-After."""
    return round(uniform(*PAUSES[importance]))


class Controller:
    """Waits in, level out. Knows no clock: every moment is an argument, in seconds of any one clock."""

    def __init__(self, target_ms: float) -> None:
        self.target_ms = target_ms
        self.level = 0.0
        self.standing_ms = 0.0
        self._sum = 0.0
        self._shortest = math.inf
        self._ends: float | None = None
        self._heard: float | None = None

    def hear(self, waited_ms: float, *, now: float) -> None:
        """Take in how long a request waited; at the end of an interval the level takes its step."""
        if self._ends is None or self.is_stale(now):
            self._ends, self._shortest, self._sum = now + INTERVAL, math.inf, 0.0
            self.level = 0.0
        self._heard = now
        self._shortest = min(self._shortest, waited_ms)
        if now >= self._ends:
            self._step(self._shortest)
            self._ends, self._shortest = now + INTERVAL, math.inf

    def is_stale(self, now: float) -> bool:
        """Say whether nothing was heard for so long that the level means nothing any more."""
        return self._heard is None or now - self._heard > STALE

    def _step(self, standing_ms: float) -> None:
        self.standing_ms = standing_ms
        error = min(max(math.log2(max(standing_ms, 0.001) / self.target_ms), _BEST), _WORST)
        self._sum = min(max(self._sum + (RISE if error > 0 else FALL) * INTERVAL * error, 0.0), HIGHEST)
        self.level = min(self._sum + AT_ONCE * max(error, 0.0), HIGHEST)


class Gauge:
    """This process' controller, and what it refused so far."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.refused = dict.fromkeys(Importance, 0)

    @cached_property
    def controller(self) -> Controller:
        return Controller(settings.SHED_TARGET_MS)

    @property
    def is_on(self) -> bool:
        """Whether anything is ever refused."""
        return self.controller.target_ms > 0

    def hear(self, waited_ms: float) -> None:
        """Take in how long a request of ours waited; nothing is done when shedding is off."""
        if self.is_on:
            with self._lock:
                self.controller.hear(waited_ms, now=self._clock())

    @property
    def level(self) -> float:
        """How many classes are refused now, the last of them in part; 0 when all is well, or not known."""
        level = self.controller.level
        return 0.0 if level == 0.0 or self.controller.is_stale(self._clock()) else level

    def count(self, importance: Importance) -> None:
        """Note that a request was refused."""
        with self._lock:
            self.refused[importance] += 1

    def report(self) -> dict[str, object]:
        """Return the state for people and for plots; the counts begin with the process."""
        return {
            "level": round(self.level, 2),
            "wait_ms": round(self.controller.standing_ms, 1),
            "target_ms": self.controller.target_ms,
            "refused": {one.name.lower(): n for one, n in self.refused.items() if n},
        }


gauge: Final = Gauge()
