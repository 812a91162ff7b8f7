"""What the surge costs: `make bench WORLD=surge`.

The product runs twice on one PostgreSQL: on the surge world, and on the small world beside it. Each kind of request
is asked of both in turn, so that a figure and its ratio come from the same minutes. The surge world is kept in
DATA_DIR (default var/surge) for the next run. Exits with 1 if a ratio misses its bound.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from pathlib import Path

from tests.benchmarks import heavy, measure, world
from tests.benchmarks.beside import beside, prepare
from tests.benchmarks.kinds import Cast, Kind, kinds
from tests.benchmarks.load import Generator, Request, generator, percentile
from tests.benchmarks.measure import Figures, Results
from tests.benchmarks.stack import ROOT, Stack
from tests.benchmarks.surge_report import Half, Side, SurgeRun, failures, text, write

# Twenty gigabytes of rows are not served from the half that suits a laptop; both worlds have the same server.
DATABASE_MEMORY_MB = 6_144
TOKENS = 5  # of each heavy person: a token may ask three hundred times in five minutes
HALF_SECONDS, HALF_CONNECTIONS = 20.0, 32


def main(options: argparse.Namespace) -> None:
    """Make or find the worlds, measure, print the tables."""
    begun, load = time.monotonic(), os.getloadavg()[0]
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "var" / "surge").resolve()
    prepare(data_dir, scale=options.scale, say=_say)
    made = time.monotonic() - begun
    with (
        Stack(data_dir, database_memory_mb=DATABASE_MEMORY_MB) as large,
        generator(large.port) as to_large,
    ):
        if found := world.forget_posts(large):
            _say(f"Deleted {found:,} posts of earlier runs.")
        sides, pages = _compare(large, to_large, options)
        half = _half(sides[0])
        run = SurgeRun(
            sides={side.name: side for side in sides},
            pages=pages,
            half=half,
            rounds=options.rounds,
            requests=options.requests,
            scale=options.scale,
            load=(load, os.getloadavg()[0]),
            seconds=time.monotonic() - begun - made,
        )
    _say(text(run))
    if not options.only and not options.dry and options.scale == 1:
        write(run)
    if missed := failures(run):
        _say("\n".join(["", "Missed:", *missed]))
        sys.exit(1)


def _compare(large: Stack, to_large: Generator, options: argparse.Namespace) -> tuple[list[Side], list[Kind]]:
    """Ask both worlds for each kind in turn, and the large one for its heavy pages; the small one ends with it."""
    with (
        Stack(database_url=beside(large.services["database_url"])) as small,
        generator(small.port) as to_small,
    ):
        small.pids["postgres"] = large.pids["postgres"]
        sides = [
            _side("surge", large, to_large, world.sample(large), options),
            _side("small", small, to_small, world.cast(small), options),
        ]
        cases = heavy.find(large.services["database_url"])
        people = world.heavy_readers(large, cases.accounts, tokens=TOKENS)
        pages = heavy.heavy_kinds(sides[0].cast, cases, people, lambda: world.forget_readers(large))
        for side in sides:
            _warm_up(side, pages if side.name == "surge" else [])
        for side in sides:
            side.background = measure.idle(side.stack, 5.0)
        for number in range(options.rounds):
            _say(f"Round {number + 1} of {options.rounds}.")
            for kind in sides[0].kinds:
                for side in sides:
                    _measure(side, [next(own for own in side.kinds if own.name == kind.name)], options)
            _measure(sides[0], pages, options)
        return sides, pages


def _side(name: str, stack: Stack, requests: Generator, cast: Cast, options: argparse.Namespace) -> Side:
    asked = kinds(cast, forget_readers=lambda: world.forget_readers(stack))
    wanted = options.only or [kind.name for kind in asked]
    chosen = [kind for kind in asked if kind.name in wanted]
    if missing := [name for name in ("home",) if name not in {kind.name for kind in chosen}]:
        raise SystemExit(f"--only needs {', '.join(missing)} as well.")
    return Side(name, stack, requests, cast, chosen, defaultdict(Figures), {})


def _warm_up(side: Side, pages: list[Kind]) -> None:
    """Let everybody's list stand, and every process have seen each page."""
    _say(f"Warming up {side.name}.")
    _let_lists_stand(side)
    for kind in side.kinds:  # often, for discover's posts lie all over the table
        side.requests.run(kind.make(min(400, kind.most)), connections=8)
    for kind in pages:
        side.requests.run(kind.make(min(40, kind.most)), connections=8)


def _let_lists_stand(side: Side) -> None:
    side.requests.run(
        [Request("GET", "/api/v1/timelines/home?limit=20", reader.token) for reader in side.cast.readers],
        connections=16,
    )


def _measure(side: Side, chosen: list[Kind], options: argparse.Namespace) -> Results:
    return measure.rounds(
        side.stack,
        side.requests,
        chosen,
        count=1,
        requests=options.requests,
        background=side.background,
        deadline=float("inf"),
        results=side.results,
    )


def _half(side: Side) -> Half:
    """Ask for home at half of what was measured as capacity, whether or not it answers in time.

    Nothing but this product runs by then; the one beside it, with its own workers and clock, is a scale and no load.
    The last of the heavy pages forgot everybody's list. They are made again first, as for the home that it is half of.
    """
    _let_lists_stand(side)
    rates = sorted(side.results["home", 8].rates)
    rate = rates[len(rates) // 2] / 2
    home = next(kind for kind in side.kinds if kind.name == "home")
    answers = side.requests.paced(
        home.make(int(rate * HALF_SECONDS)), rate=rate, connections=HALF_CONNECTIONS
    )
    return Half(rate, percentile(answers.milliseconds, 0.5), percentile(answers.milliseconds, 0.99))


def _say(line: str) -> None:
    print(line, flush=True)
