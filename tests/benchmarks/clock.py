"""What the clock's own work costs in the surge world: `python -m tests.benchmarks.clock`, after the world was made.

Everything that beat starts is done once, in this process, beside the product with nobody on it: what takes long here
takes it from people's pages, every few minutes or every night. Exits with 1 if a task fails or takes too long.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import django
from celery.schedules import crontab

from tests.benchmarks import report
from tests.benchmarks.stack import ROOT, Stack
from tests.benchmarks.surge import DATABASE_MEMORY_MB

BEGIN, END = "<!-- clock: begin (written by make bench WORLD=surge) -->", "<!-- clock: end -->"
SHARE_MUST, LONGEST_MUST = 0.10, 120.0  # of one core in a day, all of it together; seconds of a single task
TOLD = 0.1  # seconds; what takes less stands in one row together
DAY = timedelta(days=1)


class Took(NamedTuple):
    """A task: how long it took once, how often it begins in a day, and what went wrong."""

    name: str
    seconds: float
    a_day: float
    error: str = ""

    @property
    def share(self) -> float:
        """Of one core, in a day."""
        return self.seconds * self.a_day / DAY.total_seconds()


def main() -> None:
    """Do all of it, print the table, write it down."""
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "var" / "surge").resolve()
    if not (data_dir / "postgres").is_dir():
        sys.exit(f"{data_dir} holds no world yet: python -m tests.benchmarks --world surge makes it.")
    with Stack(data_dir, database_memory_mb=DATABASE_MEMORY_MB) as stack:
        os.environ.update(stack.environ | {"DJANGO_SETTINGS_MODULE": "upscrolled.settings"})
        django.setup()
        took = sorted(_all(), key=lambda task: -task.share)
    print(text(took), flush=True)
    write(took)
    if missed := failures(took):
        sys.exit("\n".join(["Missed:", *missed]))


def text(took: Sequence[Took]) -> str:
    """Return the table in Markdown."""
    told = [task for task in took if task.seconds >= TOLD]
    rest = [task for task in took if task.seconds < TOLD]
    rows = [
        (task.name, f"{task.seconds:.2f}", f"{task.a_day:,.0f}", f"{100 * task.share:.2f} %") for task in told
    ]
    rows.append((f"{len(rest)} others", "", "", f"{100 * sum(task.share for task in rest):.2f} %"))
    total = sum(task.share for task in took)
    return "\n\n".join(
        [
            report.table(("task", "seconds", "times a day", "of one core"), rows),
            f"{datetime.now(UTC):%Y-%m-%d}, everything that beat starts, once each: {100 * total:.1f} % of one core "
            f"in a day (at most {100 * SHARE_MUST:.0f} %).",
        ]
    )


def write(took: Sequence[Took]) -> None:
    """Put the table between its markers of docs/benchmarks.md."""
    before, _, rest = report.PAGE.read_text().partition(BEGIN)
    report.PAGE.write_text(f"{before}{BEGIN}\n\n{text(took)}\n\n{END}{rest.partition(END)[2]}")


def failures(took: Sequence[Took]) -> list[str]:
    """Return what misses a bound."""
    missed = [f"{task.name}: {task.error}" for task in took if task.error]
    missed += [
        f"{task.name}: {task.seconds:.0f} s, must be at most {LONGEST_MUST:.0f}"
        for task in took
        if task.seconds > LONGEST_MUST
    ]
    total = sum(task.share for task in took)
    if total > SHARE_MUST:
        missed.append(f"all of it: {100 * total:.1f} % of a core, must be at most {100 * SHARE_MUST:.0f} %")
    return missed


def _all() -> Iterator[Took]:
    from upscrolled.celery import app

    app.loader.import_default_modules()
    app.finalize()
    for name, entry in sorted(app.conf.beat_schedule.items()):
        begun, error = time.perf_counter(), ""
        try:
            app.tasks[entry["task"]](*entry.get("args", ()), **entry.get("kwargs", {}))
        except Exception as failure:  # the other tasks are measured all the same
            error = repr(failure)
        yield Took(name, time.perf_counter() - begun, _times_a_day(entry["schedule"]), error)


def _times_a_day(when: Any) -> float:
    """How often a schedule of beat comes round: a crontab, an interval, or plain seconds."""
    if isinstance(when, crontab):
        fields: Any = when
        return float(len(fields.minute) * len(fields.hour))
    every: timedelta = getattr(when, "run_every", None) or timedelta(seconds=float(when))
    return DAY / every


if __name__ == "__main__":
    main()
