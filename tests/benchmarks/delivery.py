"""What follows from a post: pushing it to the lists of those who read its author, and how soon they see it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median

import psycopg

from tests.benchmarks import cpu
from tests.benchmarks.kinds import Reader
from tests.benchmarks.load import Generator, Request, percentile
from tests.benchmarks.stack import Stack

WORKING = ("worker", "postgres", "valkey", "cache")
GIVE_UP = 10.0
_POLL = 0.005


@dataclass(frozen=True, slots=True)
class Delivery:
    """Medians over the rounds. `followers` is the mean for one post."""

    title: str
    posts: int
    followers: float
    microseconds_each: float  # CPU of worker, PostgreSQL and Valkeys for each follower
    milliseconds_post: float  # the same for each post
    parts: dict[str, float]  # the same in milliseconds a post, by part


@dataclass(frozen=True, slots=True)
class Lag:
    """Milliseconds from sending a post until it is in a follower's home."""

    posts: int
    p50: float
    p99: float


class Deliveries:
    """Measures deliveries while every follower's list stands."""

    def __init__(self, stack: Stack, generator: Generator, background: Mapping[str, float]) -> None:
        self._stack, self._generator, self._background = stack, generator, background

    def caught_up(self, authors: Sequence[Reader], *, posts: int, rounds: int) -> Delivery:
        """Posts that waited, delivered in one go: what the work itself costs."""
        chosen = list(islice(cycle(authors), posts))
        spent: list[dict[str, float]] = []
        for number in range(rounds):
            with self._stack.worker_paused():
                self._generator.run([_post(who, number) for who in chosen], connections=4)
                time.sleep(0.2)
                before, begun = self._stack.cpu(), time.perf_counter()
            self._wait()
            time.sleep(0.3)  # the task's own end
            spent.append(self._used(before, time.perf_counter() - begun))
        typical = {name: median(used[name] for used in spent) for name in WORKING}
        return self._delivery("delivered in one go", chosen, typical)

    def as_it_comes(
        self, title: str, authors: Sequence[Reader], *, posts: int, pause: float, answer: Mapping[str, float]
    ) -> Delivery:
        """Posts one by one, each woken for on its own; `answer` is what each part used for a post's answer."""
        chosen = list(islice(cycle(authors), posts))
        before, begun = self._stack.cpu(), time.perf_counter()
        for number, who in enumerate(chosen):
            self._generator.run([_post(who, number)], connections=1)
            time.sleep(pause)
        self._wait()
        used = self._used(before, time.perf_counter() - begun)
        return self._delivery(
            title, chosen, {name: used[name] - posts * answer.get(name, 0.0) for name in used}
        )

    def lag(self, pairs: Sequence[tuple[Reader, Reader]]) -> Lag:
        """Post as the first of each pair and look at the home of the second until it is there."""
        waited = []
        for number, (author, reader) in enumerate(pairs):
            look = Request("GET", "/api/v1/timelines/home?limit=5", reader.token)
            self._generator.ask(look)
            begun = time.perf_counter()
            made = json.loads(self._generator.ask(_post(author, number)))["id"]
            while made not in {post["id"] for post in json.loads(self._generator.ask(look))}:
                if time.perf_counter() - begun > GIVE_UP:
                    break
                time.sleep(_POLL)
            waited.append((time.perf_counter() - begun) * 1_000)
        return Lag(len(waited), percentile(waited, 0.5), percentile(waited, 0.99))

    def _used(self, before: cpu.Snapshot, seconds: float) -> dict[str, float]:
        used = cpu.spent(before, self._stack.cpu())
        return {name: used[name] - self._background[name] * seconds for name in WORKING}

    def _delivery(self, title: str, chosen: Sequence[Reader], parts: Mapping[str, float]) -> Delivery:
        followers, spent = sum(who.followers for who in chosen), sum(parts.values())
        return Delivery(
            title,
            posts=len(chosen),
            followers=followers / len(chosen),
            microseconds_each=spent / followers * 1e6,
            milliseconds_post=spent / len(chosen) * 1e3,
            parts={name: seconds / len(chosen) * 1e3 for name, seconds in parts.items()},
        )

    def _wait(self) -> None:
        end = time.monotonic() + GIVE_UP
        with psycopg.connect(self._stack.services["database_url"], autocommit=True) as watcher:
            while time.monotonic() < end:
                row = watcher.execute("SELECT count(*) FROM feed_delivery").fetchone()
                if row == (0,):
                    return
                time.sleep(0.02)
        raise SystemExit(f"The worker did not deliver everything within {GIVE_UP:.0f} s.")


def _post(who: Reader, number: int) -> Request:
    body = json.dumps({"status": f"Something for everybody who reads me, number {number}."})
    return Request("POST", "/api/v1/statuses", who.token, body.encode())
