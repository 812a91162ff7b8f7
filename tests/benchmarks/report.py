"""The figures as tables: printed, and written to docs/benchmarks.md between two markers."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.delivery import Delivery, Lag
from tests.benchmarks.kinds import Kind
from tests.benchmarks.measure import Figures, Results

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: begin (written by make bench) -->", "<!-- figures: end -->"
DELIVERY_MUST, DELIVERY_AIM, LAG_MUST = 25.0, 8.0, 2_000.0
DISCOVER_MUST, DISCOVER_AIM = 1.3, 1.1
_DISCOVER = ("discover", "trends")


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that one run found out."""

    kinds: Sequence[Kind]
    results: Results
    deliveries: Sequence[Delivery]
    lag: Lag
    background: dict[str, float]
    world: str
    servers: str
    rounds: int
    requests: int
    load: tuple[float, float]
    seconds: float


def text(run: Run) -> str:
    """Return the generated part of docs/benchmarks.md."""
    return "\n\n".join(
        [
            _circumstances(run),
            "## CPU per request",
            table(_HEAD, [_row(kind, run.results) for kind in run.kinds]),
            _NOTES,
            "## Waiting time and rate",
            table(_WALL_HEAD, [_wall(kind, run.results) for kind in run.kinds]),
            "## Delivery of a post",
            table(_DELIVERY_HEAD, [_delivery(found) for found in run.deliveries]),
            _lag(run.lag),
            "## In the background",
            _background(run.background),
        ]
    )


def failures(run: Run) -> list[str]:
    """Return a sentence for each figure that misses what it must reach."""
    found = []
    for kind in run.kinds:
        must = _bounds(kind, run.results)[0]
        cost = run.results[kind.name, 1].cpu
        if must is not None and cost > must:
            found.append(f"{kind.title}: {cost:.2f} ms, must be at most {must:.2f} ms")
    each = run.deliveries[0].microseconds_each
    if each > DELIVERY_MUST:
        found.append(f"delivery: {each:.1f} µs a follower, must be at most {DELIVERY_MUST:.0f} µs")
    if run.lag.p99 > LAG_MUST:
        found.append(f"post to home: p99 {run.lag.p99:.0f} ms, must be at most {LAG_MUST:.0f} ms")
    return found


def write(run: Run) -> None:
    """Put the figures between the markers of docs/benchmarks.md; what stands around them stays."""
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text(run)}\n\n{END}{after}")


# --- the tables --------------------------------------------------------------------------------------

_HEAD = (
    "request", "CPU ms c=1", "c=8", "of it web", "PostgreSQL", "Valkey", "SQL", "KB", "must", "aim", "reached",
    "peers, ms",
)  # fmt: skip
_WALL_HEAD = ("request", "c=1 p50 ms", "p99", "c=8 p50 ms", "p99", "c=8 requests/s")
_DELIVERY_HEAD = (
    "posts",
    "number",
    "followers, mean",
    "CPU µs a follower",
    "CPU ms a post",
    "of it worker",
    "PostgreSQL",
    "Valkeys",
    "must",
    "aim",
    "reached",
)
_NOTES = """\
CPU is user and system time of web, PostgreSQL and both Valkeys together; the median of the rounds. *SQL* counts
statements without transaction control and without the checks of foreign keys. While *favourite*, *unfavourite*
and *post* are measured the worker is held, so that they hold the answer alone. *Reached* says which bound the
figure for one connection keeps. Discover is bound to home: at most 1.3 times, aim 1.1 times. Who asks for home,
discover or trends has asked for it a moment ago; a *first visit* finds nothing that was kept for this person."""


def _row(kind: Kind, results: Results) -> tuple[str, ...]:
    one, eight = results[kind.name, 1], results[kind.name, 8]
    must, aim = _bounds(kind, results)
    return (
        kind.title,
        f"**{one.cpu:.2f}**",
        f"{eight.cpu:.2f}",
        f"{one.part('web'):.2f}",
        f"{one.part('postgres'):.2f}",
        f"{one.part('valkey', 'cache'):.2f}",
        statements(one),
        f"{one.size / 1024:.0f}",
        f"{must:.2f}" if must is not None else "",
        f"{aim:.2f}" if aim is not None else "",
        reached(one.cpu, must, aim),
        kind.peers,
    )


def _bounds(kind: Kind, results: Results) -> tuple[float | None, float | None]:
    if kind.name in _DISCOVER:
        home = results["home", 1].cpu
        return home * DISCOVER_MUST, home * DISCOVER_AIM
    return kind.must, kind.aim


def reached(figure: float, must: float | None, aim: float | None) -> str:
    """Say which of the two bounds a figure keeps."""
    if must is None or aim is None:
        return ""
    return "aim" if figure <= aim else "must" if figure <= must else "no"


def statements(figures: Figures) -> str:
    """Return the usual number of statements of a request."""
    return f"{sorted(figures.statements)[len(figures.statements) // 2]:.1f}".removesuffix(".0")


def _wall(kind: Kind, results: Results) -> tuple[str, ...]:
    one, eight = results[kind.name, 1], results[kind.name, 8]
    rate = sorted(eight.rates)[len(eight.rates) // 2]
    walls = (f"{figures.wall(share):.1f}" for figures in (one, eight) for share in (0.5, 0.99))
    return (kind.title, *walls, f"{rate:.0f}")


def _delivery(found: Delivery) -> tuple[str, ...]:
    return (
        found.title,
        str(found.posts),
        f"{found.followers:.0f}",
        f"**{found.microseconds_each:.1f}**",
        f"{found.milliseconds_post:.2f}",
        f"{found.parts['worker']:.2f}",
        f"{found.parts['postgres']:.2f}",
        f"{found.parts['valkey'] + found.parts['cache']:.2f}",
        f"{DELIVERY_MUST:.0f}",
        f"{DELIVERY_AIM:.0f}",
        reached(found.microseconds_each, DELIVERY_MUST, DELIVERY_AIM),
    )


def _lag(lag: Lag) -> str:
    return (
        f"CPU is of the worker, PostgreSQL and both Valkeys; every follower's list stands. Takahē takes 2,200 µs a "
        f"follower, GoToSocial about 12,000.\n\nFrom sending a post until it is in a follower's home: "
        f"p50 {lag.p50:.0f} ms, p99 {lag.p99:.0f} ms over {lag.posts} posts (must: 2,000 ms)."
    )


def _background(background: dict[str, float]) -> str:
    parts = ", ".join(f"{name} {share * 1_000:.1f}" for name, share in background.items())
    return (
        f"Milliseconds of CPU a second when nobody asks for anything (taken off the figures above): {parts}."
    )


def _circumstances(run: Run) -> str:
    packages = ("Django", "granian", "psycopg", "msgspec", "celery")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return "\n".join(
        [
            f"- {datetime.now(UTC):%Y-%m-%d}, {run.rounds} rounds of {run.requests} requests of each kind, "
            f"{run.seconds:.0f} s in all.",
            f"- {machine()}. Load of the machine (1 minute) before {run.load[0]:.1f}, after {run.load[1]:.1f}.",
            f"- Python {platform.python_version()}, {versions}, {run.servers}.",
            f"- World `small`: {run.world}",
        ]
    )


def machine() -> str:
    """Describe where this runs."""
    model = "unknown processor"
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GB, {platform.system()} {platform.machine()}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a Markdown table that can be read as it stands."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"

    return "\n".join([line(head), line(["-" * width for width in widths]), *map(line, rows)])
