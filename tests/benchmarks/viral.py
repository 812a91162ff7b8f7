"""One viral post: how fast a crowd can like it, and whether anybody else notices. `python -m tests.benchmarks.viral`.

The whole product runs beside it. First the operation itself, eight threads with a connection each; then the same
over HTTP, eight keep-alive connections. Meanwhile somebody likes other posts and somebody reads home, every few
milliseconds. At the end every count is compared with its rows.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import django
import psycopg

from tests.benchmarks import cpu, world
from tests.benchmarks.load import Generator, Request, generator, percentile
from tests.benchmarks.stack import ANSWERING, Stack

CONNECTIONS = 8
MUST_IN_PROCESS, MUST_HTTP = 2_000, 400  # likes a second on one post
BESIDE_EVERY = 0.02  # seconds between two likes of other posts, and between two looks at home
_WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('tuple', 'transactionid')"


@dataclass
class Beside:
    """What others met meanwhile, in milliseconds; and how often anybody was seen waiting for a lock."""

    likes: list[float] = field(default_factory=list)
    homes: list[float] = field(default_factory=list)
    looks: int = 0
    waits: int = 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it; exit with 1 if a bound is missed or a count is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--likes", type=int, default=20_000, help="through the operation")
    parser.add_argument("--http", type=int, default=4_000, help="over HTTP")
    options = parser.parse_args(arguments)
    with (
        Stack() as stack,
        generator(stack.port) as requests,
        ThreadPoolExecutor(CONNECTIONS) as pool,
    ):
        _say("Loading world small.")
        stack.manage("demo", "--world", "small")
        world.settle_tables(stack)
        cast = world.cast(stack)
        _join(stack)
        crowd = _gather(stack, cast.readers[0].id, options.likes + options.http)
        viral, other = _posts(cast)
        missed = []
        beside = _Others(stack, requests, cast, other)
        with beside.watched() as alone:
            time.sleep(3)
        _tell_beside("nobody else", alone)
        for title, must, go in (
            ("in process", MUST_IN_PROCESS, lambda: _in_process(pool, crowd[: options.likes], viral)),
            ("over HTTP", MUST_HTTP, _over_http(stack, requests, crowd[options.likes :], viral)),
        ):
            with beside.watched() as met:
                before, begun = stack.cpu(), time.perf_counter()
                mine = time.process_time()
                liked = go()
                seconds = time.perf_counter() - begun
                mine = time.process_time() - mine
            used = cpu.spent(before, stack.cpu())
            parts = ", ".join(f"{name} {used[name] / liked * 1e6:.0f}" for name in ANSWERING)
            _say(
                f"{title}: {liked} likes in {seconds:.1f} s, {liked / seconds:,.0f} a second (must: {must:,}); "
                f"CPU us a like, with what goes on beside it: {parts}, this process {mine / liked * 1e6:.0f}"
            )
            _tell_beside(title, met)
            if liked / seconds < must:
                missed.append(f"{title}: {liked / seconds:,.0f} likes a second; must {must:,}")
        missed += _check(stack, viral, options.likes + options.http)
    for line in missed:
        _say(f"Missed: {line}")
    sys.exit(bool(missed))


def _join(stack: Stack) -> None:
    """Let this process speak to the stack's servers by the product's own code."""
    os.environ.update(stack.environ | {"DJANGO_SETTINGS_MODULE": "upscrolled.settings"})
    django.setup()


def _gather(stack: Stack, like: int, people: int) -> list[Any]:
    """Make a crowd of accounts like one who stands already."""
    from tests.people import crowd
    from upscrolled.models import Account

    found = crowd(people, like=Account.objects.get(pk=like))
    with psycopg.connect(stack.services["database_url"], autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE upscrolled_account, upscrolled_accountcounters")
    return found


def _posts(cast: world.Cast) -> tuple[int, list[int]]:
    posts = [post for post, _author in cast.posts]
    return posts[-1], posts[:500]


def _in_process(pool: ThreadPoolExecutor, crowd: Sequence[Any], post_id: int) -> int:
    """Like through the operation, one thread for each connection; they stay open while their CPU is read."""
    from feed.operations.interact import like
    from tests.people import seen_by

    post = seen_by(None, post_id)
    queue, lock = iter(crowd), threading.Lock()

    def work() -> int:
        count = 0
        while True:
            with lock:
                who = next(queue, None)
            if who is None:
                return count
            like(post, by=who, now=datetime.now(UTC))
            count += 1

    return sum(future.result() for future in [pool.submit(work) for _ in range(CONNECTIONS)])


def _over_http(stack: Stack, requests: Generator, crowd: Sequence[Any], post_id: int) -> Callable[[], int]:
    from upscrolled.operations.access import issue_token

    now = datetime.now(UTC)
    batch = [
        Request(
            "POST",
            f"/api/v1/statuses/{post_id}/favourite",
            issue_token(account=who, application=None, scopes="read write", now=now).token,
        )
        for who in crowd
    ]
    return lambda: len(requests.run(batch, connections=CONNECTIONS).milliseconds)


class _Others:
    """People who have nothing to do with the post, and somebody who watches the locks."""

    def __init__(self, stack: Stack, requests: Generator, cast: world.Cast, posts: Sequence[int]) -> None:
        self._stack, self._cast = stack, cast
        marks = ((post, reader) for reader in cast.readers[1:] for post in posts[:100])
        self._likes = (
            Request("POST", f"/api/v1/statuses/{post}/favourite", reader.token) for post, reader in marks
        )
        self._homes = (
            Request("GET", "/api/v1/timelines/home", reader.token)
            for _ in range(1_000)
            for reader in cast.readers
        )

    @contextmanager
    def watched(self) -> Iterator[Beside]:
        """Let them go about their day until the block ends."""
        met, over = Beside(), threading.Event()
        work = (
            lambda: self._ask(self._likes, met.likes, over),
            lambda: self._ask(self._homes, met.homes, over),
            lambda: self._watch(met, over),
        )
        with ThreadPoolExecutor(len(work)) as pool:
            running = [pool.submit(each) for each in work]
            try:
                yield met
            finally:
                over.set()
        for each in running:
            each.result()

    def _ask(self, requests: Iterator[Request], taken: list[float], over: threading.Event) -> None:
        with generator(self._stack.port) as own:
            while not over.wait(BESIDE_EVERY):
                taken += own.run([next(requests)], connections=1).milliseconds

    def _watch(self, met: Beside, over: threading.Event) -> None:
        with psycopg.connect(self._stack.services["database_url"], autocommit=True) as connection:
            while not over.wait(BESIDE_EVERY):
                row = connection.execute(_WAITS).fetchone()
                met.looks += 1
                met.waits += row[0] if row else 0


def _check(stack: Stack, post_id: int, likes: int) -> list[str]:
    with psycopg.connect(stack.services["database_url"], autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM feed_sidecount").fetchone()
        _say(f"Counted aside and not yet folded: {row[0] if row else 0} rows.")
    said = stack.manage("audit_counts").strip().splitlines()[-1]
    _say(f"audit_counts: {said}")
    return [] if said == "0 differences." else [f"audit_counts says {said}"]


def _tell_beside(title: str, met: Beside) -> None:
    def told(values: list[float]) -> str:
        return f"p50 {percentile(values, 0.5):.1f}, p99 {percentile(values, 0.99):.1f} ms of {len(values)}"

    _say(
        f"  beside {title}: like of another post {told(met.likes)}; home {told(met.homes)}; "
        f"waiting for a lock: {met.waits} in {met.looks} looks"
    )


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
