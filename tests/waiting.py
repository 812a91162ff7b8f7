"""Waiting for what another process or thread does: for the event itself, and long enough for a busy machine.

Nothing waits for all of `PATIENCE` where nothing is wrong, so it costs no time; a test must not pass or fail by how
fast a machine is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 60.0  # seconds


def until(
    read: Callable[[], T],
    is_right: Callable[[T], object] = bool,
    *,
    seconds: float = PATIENCE,
    pause: float = 0.02,
) -> T:
    """Read again and again until it is right, and return it; fail with what was read last when the time is over."""
    end = time.monotonic() + seconds
    while not is_right(value := read()):
        assert time.monotonic() < end, f"not in {seconds:g} seconds; the last was {value!r}"
        time.sleep(pause)
    return value


def children(of: int) -> list[int]:
    """Processes that this one has begun and that are still there; none if it has ended itself."""
    try:
        return [int(each) for each in Path(f"/proc/{of}/task/{of}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def has_ended(process: int) -> bool:
    """Say whether a process is gone, or as good as gone: nobody may have fetched its status yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def steady(window: int, *, needs: float = 10.0) -> None:
    """Let the wall clock's present window of so many seconds be a long one: wait for the next if this ends soon.

    For what is remembered or shared by the minute or the like; no test begins at the end of a day anyway.
    """
    if (left := window - time.time() % window) < needs:
        time.sleep(left)
