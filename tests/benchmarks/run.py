"""Measure what a request costs: `make bench`.

The whole product is started on a scratch directory with production settings, world `small` is loaded, and each
kind of request is asked in interleaved rounds while the kernel counts the CPU of every part. Writes
docs/benchmarks.md; exits with 1 if a figure misses its bound.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence

import psycopg

from tests.benchmarks import measure, report, surge, world
from tests.benchmarks.delivery import Deliveries, Delivery, Lag
from tests.benchmarks.kinds import Cast, kinds
from tests.benchmarks.load import Generator, Request, generator
from tests.benchmarks.measure import Results
from tests.benchmarks.stack import Stack
from upscrolled.dev import places

TIME = 330.0  # seconds for all of it
READ_BY_MANY = 100


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it all; print the tables."""
    options = _options(arguments)
    if options.world == "surge":
        return surge.main(options)
    begun, load = time.monotonic(), os.getloadavg()[0]
    with Stack() as stack, generator(stack.port) as requests:
        _say("Loading world small.")
        loaded = stack.manage("demo", "--world", "small")
        _say(stack.manage("audit_counts").strip().splitlines()[-1])
        world.settle_tables(stack)
        cast = world.cast(stack)
        asked = kinds(cast, forget_readers=lambda: world.forget_readers(stack))
        chosen = [kind for kind in asked if not options.only or kind.name in options.only]
        _say("Warming up.")
        _warm_up(requests, cast)
        for kind in chosen:
            requests.run(kind.make(options.requests // 2), connections=8)
        background = measure.idle(stack, 5.0)
        _say(f"Measuring {len(chosen)} kinds of request.")
        results = measure.rounds(
            stack,
            requests,
            chosen,
            count=options.rounds,
            requests=options.requests,
            background=background,
            deadline=begun + TIME - 60,
        )
        deliveries, lag = _deliver(stack, requests, cast, background, results)
        run = report.Run(
            kinds=chosen,
            results=results,
            deliveries=deliveries,
            lag=lag,
            background=background,
            world=loaded.splitlines()[0].partition("World")[2].strip() + ".",
            servers=_servers(stack),
            rounds=len(results[chosen[0].name, 1].answering),
            requests=options.requests,
            load=(load, os.getloadavg()[0]),
            seconds=time.monotonic() - begun,
        )
    _say(report.text(run))
    if not options.only and not options.dry:
        report.write(run)
    if missed := report.failures(run):
        _say("\n".join(["", "Missed:", *missed]))
        sys.exit(1)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", choices=["small", "surge"], default="small")
    parser.add_argument("--scale", type=float, default=1.0, help="of the surge; docs are written at 1 only")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=200, help="of each kind in each round")
    parser.add_argument("--only", nargs="*", help="some kinds, for a quick look; docs are not written then")
    parser.add_argument("--dry", action="store_true", help="do not write docs/benchmarks.md")
    return parser.parse_args(arguments)


def _warm_up(requests: Generator, cast: Cast) -> None:
    """Open every connection of every worker process, and let everybody's home list stand."""
    requests.run(
        [Request("GET", "/api/v1/timelines/home?limit=20", reader.token) for reader in cast.readers],
        connections=16,
    )


def _deliver(
    stack: Stack, requests: Generator, cast: Cast, background: dict[str, float], results: Results
) -> tuple[list[Delivery], Lag]:
    deliveries = Deliveries(stack, requests, background)
    _warm_up(requests, cast)
    known = [reader for reader in cast.readers if reader.followers >= READ_BY_MANY]
    posted = results.get(("post", 1))
    found = [deliveries.caught_up(known, posts=100, rounds=5)]
    if posted:
        answer = {name: posted.part(name) / 1_000 for name in ("postgres", "valkey", "cache")}
        every = cast.readers[:: max(1, len(cast.readers) // 60)]
        for authors, title, posts, pause in (
            (every, "in a stream of about 40 a second, all authors", 300, 0.02),
            (known, "one now and then, authors read by many", 60, 0.1),
            (every, "one now and then, all authors", 60, 0.1),
        ):
            found.append(deliveries.as_it_comes(title, authors, posts=posts, pause=pause, answer=answer))
    return found, deliveries.lag(world.pairs(stack, cast.readers)[:60])


def _servers(stack: Stack) -> str:
    with psycopg.connect(stack.services["database_url"]) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    binary = places.valkey_binary(places.settle(stack.data_dir))
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    valkey = next((word[2:] for word in said.split() if word.startswith("v=")), "unknown")
    return f"PostgreSQL {row[0] if row else 'unknown'}, Valkey {valkey}"


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
