"""Blocks of one kind of request, with what they cost; interleaved, so that a noisy minute touches all kinds."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from statistics import median

import psycopg

from tests.benchmarks import cpu
from tests.benchmarks.kinds import Kind
from tests.benchmarks.load import Generator, percentile
from tests.benchmarks.stack import ANSWERING, Stack

CONNECTIONS = (1, 8)

# Transaction control and the checks of foreign keys are no statements of ours.
_STATEMENTS = """
SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements
WHERE query !~* '^(begin|commit|rollback|savepoint|release|set|show|discard|deallocate)'
  AND query NOT LIKE '%FOR KEY SHARE%' AND query NOT LIKE '%pg_stat_statements%'
"""


@dataclass
class Figures:
    """What the blocks of one kind showed at one number of connections; CPU in milliseconds a request."""

    parts: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answering: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    statements: list[float] = field(default_factory=list)
    size: int = 0

    @property
    def cpu(self) -> float:
        """Median over the rounds: web, PostgreSQL and both Valkeys together."""
        return median(self.answering)

    def part(self, *names: str) -> float:
        """Median of some of the parts together."""
        return median(map(sum, zip(*(self.parts[name] for name in names), strict=True)))

    def wall(self, share: float) -> float:
        """A percentile of the waiting time in milliseconds."""
        return percentile(self.milliseconds, share)


Results = dict[tuple[str, int], Figures]


def idle(stack: Stack, seconds: float) -> dict[str, float]:
    """Return the CPU seconds a second that each part uses when nobody asks for anything."""
    before, begun = stack.cpu(), time.perf_counter()
    time.sleep(seconds)
    after, took = stack.cpu(), time.perf_counter() - begun
    return {name: used / took for name, used in cpu.spent(before, after).items()}


def rounds(
    stack: Stack,
    generator: Generator,
    kinds: Sequence[Kind],
    *,
    count: int,
    requests: int,
    background: Mapping[str, float],
    deadline: float,
    results: Results | None = None,
) -> Results:
    """Measure every kind in every round; stop early (after two) rather than pass the deadline.

    With `results` the figures are added to those of rounds before.
    """
    results = defaultdict(Figures) if results is None else results
    with psycopg.connect(stack.services["database_url"], autocommit=True) as watcher:
        for number in range(count):
            if number >= 2 and time.monotonic() > deadline:
                break
            for connections in CONNECTIONS:
                for kind in kinds:
                    figures = results[kind.name, connections]
                    _block(stack, generator, kind, figures, connections, requests, background, watcher)
    return results


def _block(
    stack: Stack,
    generator: Generator,
    kind: Kind,
    figures: Figures,
    connections: int,
    requests: int,
    background: Mapping[str, float],
    watcher: psycopg.Connection[tuple[int]],
) -> None:
    kind.prepare()
    requests = min(requests, kind.most)
    batch = kind.make(requests)
    if kind.again:
        generator.run(batch, connections=connections)
    with stack.worker_paused() if kind.writes else nullcontext():
        statements, before = _statements(watcher), stack.cpu()
        answers = generator.run(batch, connections=connections)
        after = stack.cpu()
        figures.statements.append((_statements(watcher) - statements) / requests)
    used = cpu.spent(before, after)
    cost = {name: (used[name] - background[name] * answers.seconds) / requests * 1_000 for name in used}
    for name, milliseconds in cost.items():
        figures.parts[name].append(milliseconds)
    figures.answering.append(sum(cost[name] for name in ANSWERING))
    figures.milliseconds += answers.milliseconds
    figures.rates.append(requests / answers.seconds)
    figures.size = answers.size // requests
    if kind.writes:
        _settle(watcher)


def _statements(watcher: psycopg.Connection[tuple[int]]) -> int:
    row = watcher.execute(_STATEMENTS).fetchone()
    assert row is not None
    return row[0]


def _settle(watcher: psycopg.Connection[tuple[int]], within: float = 20.0) -> None:
    """Wait until the worker has delivered everything, so that the next block is not charged for it."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        row = watcher.execute("SELECT count(*) FROM feed_delivery").fetchone()
        if row is not None and row[0] == 0:
            return
        time.sleep(0.05)
