"""What is said about a replay: a line a second, a table at the end, and plots."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from upscrolled.surge.meter import CLASSES, Second, percentile
from upscrolled.surge.plot import Line, chart
from upscrolled.surge.wave import DAYS, GROWTH, Wave

QUEUES = ("critical", "fanout", "default", "deliveries")
_HEAD = (
    f"{'':<16}{'s':>5}{'visits/s':>10}{'asked/s':>9}{'answered/s':>12}"
    f"{'extra':>8}{'reading':>9}{'writing':>9}{'core':>7}{'abandoned':>11}{'core p50':>10}{'p99':>7}{'level':>7}"
)


def line(second: Second, wave: Wave) -> str:
    """Return one second as one line."""
    p50, p99 = (percentile(second.latencies["core"], share) for share in (0.5, 0.99))
    shed = " ".join(f"{name[0]}{second.shed[name]}" for name in CLASSES)
    ages = " ".join(f"{name} {age:.1f}s" for name, age in second.ages.items() if age >= 0.05) or "empty"
    when = f"day {wave.day(second.at):4.1f}" if second.at < wave.seconds else "after   "
    return (
        f"{when}  visits {second.arrivals:3d}/s  answered {second.answered.total():4d}/s  shed {shed}  "
        f"abandoned {second.abandoned.total()}  core p50 {p50:4.0f} p99 {p99:4.0f} ms  "
        f"level {second.level:.1f}  queues {ages}"
    )


def table(seconds: Sequence[Second], wave: Wave) -> str:
    """Return a row for each stretch of the two weeks. What is under a class is the share of it that was refused."""
    edges = [day / DAYS * wave.seconds for day, _ in GROWTH]
    rows = [
        _row(f"day {day0:g} to {day1:g}", [one for one in seconds if first <= one.at < last])
        for (day0, _), (day1, _), first, last in zip(GROWTH, GROWTH[1:], edges, edges[1:], strict=False)
    ]
    after = [one for one in seconds if one.at >= wave.seconds]
    return "\n".join([_HEAD, *rows, _row("afterwards", after), _row("all", seconds)])


def _row(name: str, seconds: Sequence[Second]) -> str:
    long = max(len(seconds), 1)
    core = [one for second in seconds for one in second.latencies["core"]]
    refused = [refused_share(seconds, importance) for importance in CLASSES]
    return (
        f"{name:<16}{len(seconds):>5}{sum(one.arrivals for one in seconds) / long:>10.1f}"
        f"{sum(one.sent.total() for one in seconds) / long:>9.0f}"
        f"{sum(one.answered.total() for one in seconds) / long:>12.0f}"
        f"{refused[0]:>8.0%}{refused[1]:>9.0%}{refused[2]:>9.0%}{refused[3]:>7.0%}"
        f"{sum(one.abandoned.total() for one in seconds):>11}"
        f"{percentile(core, 0.5):>10.0f}{percentile(core, 0.99):>7.0f}"
        f"{max((one.level for one in seconds), default=0.0):>7.1f}"
    )


def refused_share(seconds: Sequence[Second], importance: str) -> float:
    """Return which share of the requests of a class was refused."""
    shed = sum(one.shed[importance] for one in seconds)
    answered = sum(one.answered[importance] for one in seconds)
    return shed / (shed + answered) if shed else 0.0


def write(seconds: Sequence[Second], wave: Wave, directory: Path) -> list[Path]:
    """Write the plots and the figures they are made of; return the files."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for name, svg in plots(seconds, wave).items():
        path = directory / f"{name}.svg"
        path.write_text(svg)
        written.append(path)
    path = directory / "seconds.csv"
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows(_figures(second) for second in seconds)
    return [*written, path]


def plots(seconds: Sequence[Second], wave: Wave) -> dict[str, str]:
    """Return the SVG of each plot by its name."""
    marks = [(day / DAYS * wave.seconds, f"day {day:g}") for day in (0, 2, 4, 6, 8, 10, 12, 14)]
    throughput = [
        Line("asked", [one.sent.total() for one in seconds]),
        Line("answered", [one.answered.total() for one in seconds]),
        Line("refused", [one.shed.total() for one in seconds]),
        Line("abandoned", [one.abandoned.total() for one in seconds]),
    ]
    latency = [
        Line("core p50", [_latency(one.latencies["core"], 0.5) for one in seconds]),
        Line("core p99", [_latency(one.latencies["core"], 0.99) for one in seconds]),
        Line("all p99", [_latency(one.all_latencies, 0.99) for one in seconds]),
    ]
    shares = [Line(name, [refused_share([one], name) * 100 for one in seconds]) for name in CLASSES]
    ages = [Line(name, [one.ages.get(name, 0.0) for one in seconds]) for name in QUEUES]
    return {
        "surge-throughput": chart("Requests", "a second", throughput, marks=marks),
        "surge-latency": chart("Waiting for an answer", "ms", latency, marks=marks, is_log=True),
        "surge-shed": chart("Refused by 503", "% of the class", shares, marks=marks),
        "surge-queues": chart("Oldest work in each queue", "s", ages, marks=marks),
    }


def _latency(values: Sequence[float], share: float) -> float | None:
    return percentile(values, share) if values else None


_COLUMNS = [
    *("second", "visits", "asked", "answered"),
    *(f"answered_{name}" for name in CLASSES),
    *(f"shed_{name}" for name in CLASSES),
    *("limited", "failed", "abandoned", "core_p50_ms", "core_p99_ms", "all_p50_ms", "all_p99_ms", "level"),
    *(f"{name}_age_s" for name in QUEUES),
]


def _figures(second: Second) -> list[float | int]:
    core, every = second.latencies["core"], second.all_latencies
    return [
        *(second.at, second.arrivals, second.sent.total(), second.answered.total()),
        *(second.answered[name] for name in CLASSES),
        *(second.shed[name] for name in CLASSES),
        *(second.limited, second.failed, second.abandoned.total()),
        *(round(percentile(core, share), 1) for share in (0.5, 0.99)),
        *(round(percentile(every, share), 1) for share in (0.5, 0.99)),
        round(second.level, 2),
        *(round(second.ages.get(name, 0.0), 2) for name in QUEUES),
    ]
