"""The surge beside the small world, as tables: printed, and written to docs/benchmarks.md between two markers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.benchmarks import report
from tests.benchmarks.kinds import Cast, Kind
from tests.benchmarks.load import Generator
from tests.benchmarks.measure import Results
from tests.benchmarks.stack import Stack

BEGIN, END = "<!-- surge: begin (written by make bench WORLD=surge) -->", "<!-- surge: end -->"
COMPARED = ("home", "public", "account", "context", "notifications", "discover")
RATIO_MUST, RATIO_AIM, HEAVY_MUST = 1.5, 1.3, 3.0
HALF_MUST, HALF_AIM = 100.0, 50.0


@dataclass
class Side:
    """One of the two worlds: the product that runs on it, who asks, and what was found."""

    name: str
    stack: Stack
    requests: Generator
    cast: Cast
    kinds: list[Kind]
    results: Results
    background: dict[str, float]


@dataclass(frozen=True, slots=True)
class Half:
    """Home at half of the measured capacity: requests a second, and milliseconds from when each was due."""

    rate: float
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class SurgeRun:
    """Everything that one run found out."""

    sides: dict[str, Side]
    pages: Sequence[Kind]
    half: Half
    rounds: int
    requests: int
    scale: float
    load: tuple[float, float]
    seconds: float


def text(run: SurgeRun) -> str:
    """Return the generated part of docs/benchmarks.md."""
    return "\n\n".join(
        [
            _circumstances(run),
            "### CPU per request, and how it grew",
            report.table(_HEAD, [_row(run, kind) for kind in run.sides["surge"].kinds]),
            f"*Ratio* is surge to small for one connection: at most {RATIO_MUST}, aim {RATIO_AIM}.",
            "### Heavy pages",
            report.table(_HEAVY_HEAD, [_heavy(run, kind) for kind in run.pages]),
            f"*Ratio* is to the ordinary page of the same world: at most {HEAVY_MUST:.0f}.",
            "### At half of the capacity",
            f"Home at {run.half.rate:.0f} requests a second, half of what 8 connections get: "
            f"p50 {run.half.p50:.1f} ms, p99 **{run.half.p99:.1f} ms** (at most {HALF_MUST:.0f}, "
            f"aim {HALF_AIM:.0f}; {report.reached(run.half.p99, HALF_MUST, HALF_AIM)}). "
            "A request waits from the moment it was due.",
        ]
    )


def failures(run: SurgeRun) -> list[str]:
    """Return a sentence for each figure that misses what it must reach."""
    found = []
    for kind in run.sides["surge"].kinds:
        ratio = _ratio(run, kind.name)
        if kind.name in COMPARED and ratio > RATIO_MUST:
            found.append(f"{kind.title}: {ratio:.2f} times the small world, must be at most {RATIO_MUST}")
    for kind in run.pages:
        if kind.against and _against(run, kind) > HEAVY_MUST:
            found.append(
                f"{kind.title}: {_against(run, kind):.2f} times the ordinary, must be at most {HEAVY_MUST:.0f}"
            )
    if run.half.p99 > HALF_MUST:
        found.append(
            f"home at half of the capacity: p99 {run.half.p99:.0f} ms, must be at most {HALF_MUST:.0f} ms"
        )
    return found


def write(run: SurgeRun) -> None:
    """Put the figures between the markers of docs/benchmarks.md, or at its end if there are none yet."""
    page = report.PAGE.read_text()
    before, begin, rest = page.partition(BEGIN)
    after = rest.partition(END)[2] if begin else "\n"
    before = before if begin else f"{page.rstrip()}\n\n## The surge\n\n"
    report.PAGE.write_text(f"{before}{BEGIN}\n\n{text(run)}\n\n{END}{after}")


_HEAD = (
    "request", "small, CPU ms", "surge", "ratio", "reached", "of it web", "PostgreSQL", "SQL", "c=1 p50 ms", "p99",
    "c=8 p99", "c=8 requests/s", "peers (at 1,000 accounts), ms",
)  # fmt: skip
_HEAVY_HEAD = (
    "page",
    "CPU ms",
    "of it PostgreSQL",
    "SQL",
    "KB",
    "compared with",
    "its CPU ms",
    "ratio",
    "reached",
    "p50 ms",
    "p99",
)


def _row(run: SurgeRun, kind: Kind) -> tuple[str, ...]:
    one, eight = (run.sides["surge"].results[kind.name, connections] for connections in (1, 8))
    ratio = _ratio(run, kind.name)
    return (
        kind.title,
        f"{run.sides['small'].results[kind.name, 1].cpu:.2f}",
        f"**{one.cpu:.2f}**",
        f"{ratio:.2f}",
        report.reached(ratio, RATIO_MUST, RATIO_AIM) if kind.name in COMPARED else "",
        f"{one.part('web'):.2f}",
        f"{one.part('postgres'):.2f}",
        report.statements(one),
        f"{one.wall(0.5):.1f}",
        f"{one.wall(0.99):.1f}",
        f"{eight.wall(0.99):.1f}",
        f"{sorted(eight.rates)[len(eight.rates) // 2]:.0f}",
        kind.peers,
    )


def _heavy(run: SurgeRun, kind: Kind) -> tuple[str, ...]:
    results = run.sides["surge"].results
    one = results[kind.name, 1]
    page = (
        kind.title,
        f"**{one.cpu:.2f}**",
        f"{one.part('postgres'):.2f}",
        report.statements(one),
        f"{one.size / 1024:.0f}",
    )
    waits = (f"{one.wall(0.5):.1f}", f"{one.wall(0.99):.1f}")
    if not kind.against:
        return (*page, "", "", "", "", *waits)
    ratio = _against(run, kind)
    title = next(
        other.title for other in (*run.sides["surge"].kinds, *run.pages) if other.name == kind.against
    )
    reached = "yes" if ratio <= HEAVY_MUST else "no"
    return (*page, title, f"{results[kind.against, 1].cpu:.2f}", f"{ratio:.2f}", reached, *waits)


def _ratio(run: SurgeRun, name: str) -> float:
    return run.sides["surge"].results[name, 1].cpu / run.sides["small"].results[name, 1].cpu


def _against(run: SurgeRun, kind: Kind) -> float:
    results = run.sides["surge"].results
    return results[kind.name, 1].cpu / results[kind.against, 1].cpu


def _circumstances(run: SurgeRun) -> str:
    return "\n".join(
        [
            f"- {datetime.now(UTC):%Y-%m-%d}, {run.rounds} rounds of {run.requests} requests of each kind, "
            f"{run.seconds:.0f} s in all. Both worlds on one PostgreSQL, asked in turn.",
            f"- {report.machine()}. Load of the machine (1 minute) before {run.load[0]:.1f}, after {run.load[1]:.1f}.",
            f"- World `surge` at scale {run.scale:g}, made by `manage.py demo --world surge`; world `small` beside it.",
        ]
    )
