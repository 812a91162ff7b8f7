"""What work costs in processor time, of this process and of the children that it waited for."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

BOUND = 1.15  # ours may cost so many times what the bare tools do


@dataclass
class Cost:
    """Of each run: seconds of processor time, of this process and its children, and of the clock."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def of(self, work: Callable[[], None]) -> None:
        """Do it once, and note what it took."""
        before, began = _spent(), time.monotonic()
        work()
        self.cpu.append(_spent() - before)
        self.wall.append(time.monotonic() - began)

    @property
    def typical(self) -> float:
        return statistics.median(self.cpu)


@dataclass(frozen=True, slots=True)
class Figure:
    """What a piece of work costs us and the bare tools, in CPU seconds; `peak` bytes of the child that did it."""

    name: str
    ours: float
    bare: float
    peak: int

    @property
    def ratio(self) -> float:
        return self.ours / self.bare


def _spent() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def say(line: str) -> None:
    print(line, flush=True)
