"""CPU time of process trees, as the kernel counts it: user and system together, in seconds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

Snapshot = dict[str, dict[tuple[int, int], float]]  # family -> (process, thread) -> seconds
_TICK = os.sysconf("SC_CLK_TCK")


def snapshot(leaders: Mapping[str, int]) -> Snapshot:
    """Read every thread of every descendant of each leader."""
    children = _children()
    return {name: _threads(pid, children) for name, pid in leaders.items()}


def spent(before: Snapshot, after: Snapshot) -> dict[str, float]:
    """Return the seconds that each family used between the two.

    A thread that began meanwhile counts from zero. One that ended is left out: autovacuum and its like, no
    part of a request.
    """
    return {
        name: sum(seconds - before[name].get(thread, 0.0) for thread, seconds in threads.items())
        for name, threads in after.items()
    }


def descendants(leader: int) -> list[int]:
    """Return the leader and all processes below it."""
    return _below(leader, _children())


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                text = Path(f"/proc/{entry.name}/stat").read_text()
            except OSError:
                continue
            found.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    return found


def _below(leader: int, children: Mapping[int, list[int]]) -> list[int]:
    found = [leader]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def _threads(leader: int, children: Mapping[int, list[int]]) -> dict[tuple[int, int], float]:
    found = {}
    for pid in _below(leader, children):
        try:
            tasks = os.listdir(f"/proc/{pid}/task")
        except OSError:
            continue
        for task in tasks:
            seconds = _of_thread(f"/proc/{pid}/task/{task}")
            if seconds is not None:
                found[pid, int(task)] = seconds
    return found


def _of_thread(path: str) -> float | None:
    """Read one thread: to the nanosecond where the kernel keeps schedstat, else to its tick of 10 ms."""
    try:
        with open(f"{path}/schedstat") as file:
            return int(file.read().split()[0]) / 1e9
    except FileNotFoundError:
        pass
    except OSError:
        return None
    try:
        with open(f"{path}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / _TICK
