"""Where a long piece of work stands: a bar on a terminal, a line for each step elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

WIDTH = 24
_TICK = 0.5


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of the work; `run` returns how many rows it wrote, or None where that says nothing."""

    title: str
    run: Callable[[], int | None]


class Out(Protocol):
    """Where the progress is written: a command's stdout."""

    def write(self, text: str, *, ending: str = ...) -> object: ...
    def flush(self) -> object: ...
    def isatty(self) -> bool: ...


class Progress:
    """Runs steps one after the other and says how far it is, and how long each took."""

    def __init__(self, out: Out) -> None:
        self._out, self._begun = out, time.monotonic()
        self._bar = out.isatty()

    @property
    def seconds(self) -> float:
        """Time since the beginning."""
        return time.monotonic() - self._begun

    def run(self, steps: Sequence[Step]) -> None:
        """Run all of them."""
        for number, step in enumerate(steps, start=1):
            begun = time.monotonic()
            with _Ticker(partial(self._tick, number, len(steps), step.title), on=self._bar):
                rows = step.run()
            wrote = f"{rows:,} rows" if rows is not None and rows >= 0 else ""
            took = f"{time.monotonic() - begun:7.1f} s   in all {_clock(self.seconds)}"
            self._line(f"[{number:>{len(str(len(steps)))}}/{len(steps)}] {step.title:<40} {wrote:>16} {took}")

    def _tick(self, number: int, count: int, title: str) -> None:
        done = WIDTH * (number - 1) // count
        bar = "█" * done + "·" * (WIDTH - done)
        self._out.write(f"\r\x1b[2K{bar} {number}/{count} {title}  {_clock(self.seconds)}", ending="")
        self._out.flush()

    def _line(self, text: str) -> None:
        if self._bar:
            self._out.write("\r\x1b[2K", ending="")
        self._out.write(text, ending="\n")
        self._out.flush()


class _Ticker:
    """Draws the bar anew while a step runs, so that its clock goes on."""

    def __init__(self, draw: Callable[[], None], *, on: bool) -> None:
        self._draw = draw
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True) if on else None

    def __enter__(self) -> None:
        if self._thread is not None:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        self._draw()
        while not self._ended.wait(_TICK):
            self._draw()


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
