"""What discover costs beside its pages: a pool frozen and published, a draw, a receipt, a verification, the way
of a like.

`python -m tests.benchmarks.discover`. The product runs on a scratch directory with its worker held. Posts are
added until there are as many as asked for, of the last two days, so that both parts of a pool are full; then
pools are frozen with some likes between them, as epochs follow each other. CPU is that of PostgreSQL and both
Valkeys together with this process.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
import numpy as np
import psycopg

from tests.benchmarks import cpu, report
from tests.benchmarks.stack import ROOT, Stack

BEGIN, END = "<!-- discover: begin (written by make bench) -->", "<!-- discover: end -->"
FREEZE_MUST, FREEZE_AIM, GROWTH_MUST = 60.0, 30.0, 1.2
DRAW_MUST, DRAW_AIM = 3.0, 2.0
RECEIPT_MUST, VERIFY_MUST, LIKE_MUST, LIKE_AIM = 1.0, 1.0, 5.0, 2.0
POSTS = """
WITH authors AS MATERIALIZED (SELECT array_agg(id) AS ids, count(*) AS people FROM upscrolled_account)
INSERT INTO feed_post (id, author_id, audience, text, html, warning, sensitive, language, mentions, tags)
SELECT ((%(now)s::bigint - n * 172800000 / %(posts)s) << 16) | (n %% 65536),
       a.ids[1 + n %% a.people], 'public', '', '', '', false, '', '{}', '{}'
FROM authors a, generate_series(%(first)s::bigint, %(posts)s::bigint) AS n
ON CONFLICT DO NOTHING RETURNING id, author_id
"""
_CANDIDATES = """
COPY feed_candidate (post_id, author_id, likes, comments, shares, base, ring, day) FROM STDIN
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it; exit with 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=200_000)
    parser.add_argument(
        "--again", type=int, default=0, help="freeze again with so many posts, for the growth"
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--dry", action="store_true", help="do not write docs/benchmarks.md")
    options = parser.parse_args(arguments)
    rows: list[list[str]] = []
    missed: list[str] = []

    def tell(name: str, value: float, unit: str, must: float, aim: float | None = None) -> None:
        reached = report.reached(value, must, must if aim is None else aim)
        aimed = "" if aim is None else f"{aim:g} {unit}"
        rows.append([name, f"**{value:.2f} {unit}**", f"{must:g} {unit}", aimed, reached])
        if value > must:
            missed.append(f"{name}: {value:.2f} {unit}; must {must:g}")

    with Stack() as stack:
        stack.manage("demo", "--world", "small")
        _join(stack)
        frozen = _frozen_at(stack, options.posts, options.rounds)
        tell(f"a pool frozen and published, {options.posts:,} posts", frozen, "ms", FREEZE_MUST, FREEZE_AIM)
        if options.again:
            later = _frozen_at(stack, options.again, options.rounds)
            tell(f"the same with {options.again:,}, to that", later / frozen, "times", GROWTH_MUST)
        sizes = _frames()
        tell("a draw with 500 taken out, two pages", _draws(options.rounds), "ms", DRAW_MUST, DRAW_AIM)
        tell("its receipt as JSON", _receipts(options.rounds), "ms", RECEIPT_MUST)
        tell("docs/verify/discover.py, start of Python included", _verified(), "s", VERIFY_MUST)
        tell("a like until the pool that serves counts it", _way_of_a_like(), "s", LIKE_MUST, LIKE_AIM)
    told = report.table(["what", "took", "must", "aim", "reached"], rows)
    _say(f"{told}\n\n{sizes}")
    if not options.dry:
        _write(f"{told}\n\n{datetime.now(UTC):%Y-%m-%d}, medians of {options.rounds}. {sizes}")
    for line in missed:
        _say(f"Missed: {line}")
    sys.exit(bool(missed))


def _join(stack: Stack) -> None:
    """Let this process speak to the stack's servers by the product's own code."""
    os.environ.update(stack.environ | {"DJANGO_SETTINGS_MODULE": "upscrolled.settings"})
    django.setup()


def _frozen_at(stack: Stack, posts: int, rounds: int) -> float:
    """Milliseconds of CPU for a pool, in PostgreSQL, the Valkeys and this process together."""
    from feed.timelines import pools

    now_ms = int(time.time() * 1000)
    with psycopg.connect(stack.services["database_url"], autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM feed_candidate").fetchone()
        first = row[0] if row else 0
        made = connection.execute(POSTS, {"now": now_ms, "posts": posts, "first": first}).fetchall()
        enter(connection, made)
        connection.execute("VACUUM ANALYZE feed_post, feed_candidate")
    at, spent = datetime.now(UTC), []
    with stack.worker_paused():
        pools.advance(now=at)
        for number in range(1, rounds + 1):
            _some_likes()
            before, mine = stack.cpu(), time.process_time()
            assert pools.advance(now=at + timedelta(seconds=2 * number)) is not None
            used = cpu.spent(before, stack.cpu())
            servers = sum(used.get(name, 0.0) for name in ("postgres", "valkey", "cache"))
            spent.append((servers + time.process_time() - mine) * 1000)
    return statistics.median(spent)


def enter(connection: psycopg.Connection[Any], made: list[Any]) -> None:
    """Let discover draw these posts, few of which are liked much."""
    from feed import candidates
    from feed.ranking import formula

    post_ids, author_ids = (np.array(column, np.int64) for column in zip(*made, strict=True))
    likes = (np.random.default_rng(1).random(len(made)) ** 8 * 300).astype(np.int64)
    created_ms = post_ids >> 16
    columns = (
        post_ids,
        author_ids,
        likes,
        np.zeros_like(likes),
        np.zeros_like(likes),
        formula.base_all(1.0 + likes, created_ms.astype(np.float64)),
        (formula.mix_all(post_ids.astype(np.uint64)) ^ np.uint64(1 << 63)).view(np.int64),
        created_ms // candidates.DAY_MS,
    )
    with connection.cursor().copy(_CANDIDATES) as copy:
        for row in zip(*(column.tolist() for column in columns), strict=True):
            copy.write_row(row)


def _some_likes() -> None:
    """What two seconds change: some counts, here and there."""
    from django.db import connection

    from feed import counting

    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE feed_candidate SET likes = likes + 1, base = {counting.base("likes + 1", "comments", "shares")}
                WHERE post_id IN (SELECT post_id FROM feed_candidate ORDER BY base DESC LIMIT 200)"""
        )


def _frames() -> str:
    from feed.models import FrozenPool
    from feed.ranking import frames
    from feed.timelines import pools

    pool = pools.current(now=datetime.now(UTC)).pool
    whole = len(frames.keyframe(pool))
    deltas = FrozenPool.objects.filter(is_keyframe=False, pool="all").values_list("size", flat=True)
    typical = statistics.median(deltas)
    day = (typical * 43_200 + whole * 144) / 1e9
    return (
        f"{len(pool):,} posts: {whole / 1000:,.0f} KB whole, {typical / 1000:,.0f} KB as a difference; "
        f"{day:.1f} GB a day."
    )


def _draws(rounds: int) -> float:
    from feed.timelines import pools

    ready = pools.current(now=datetime.now(UTC))
    removed = ready.pool.id[:: len(ready.pool) // 500].tolist()

    def draw() -> None:
        found = ready.draw(f"bench {time.perf_counter_ns()}", removed)
        found.page(0)
        found.page(1)

    return _milliseconds(draw, rounds)


def _receipts(rounds: int) -> float:
    import msgspec

    from feed.api.discover import receipt
    from feed.timelines import pools
    from feed.timelines.scrolls import Scroll

    ready = pools.current(now=datetime.now(UTC))
    removed = {post: "seen" for post in ready.pool.id[:: len(ready.pool) // 500].tolist()}
    scroll = Scroll.begin(ready, viewer_id=1, nonce="n", nonce_from="client", removed=removed, seen=[])
    places = scroll.page(0)
    return _milliseconds(lambda: msgspec.json.encode(receipt(scroll.receipt(0, places))), rounds)


def _verified() -> float:
    """Seconds for a page of a full pool, as a stranger verifies it."""
    from feed.ranking import draw
    from feed.ranking.receipt import receipt
    from feed.timelines import pools

    pool = pools.current(now=datetime.now(UTC)).pool
    page = receipt(draw.draw(pool, "bench"), 1, nonce_from="client")
    with tempfile.TemporaryDirectory() as room:
        paths = [Path(room, name) for name in ("receipt.json", "pool")]
        paths[0].write_text(json.dumps(page.to_dict()))
        paths[1].write_bytes(pool.to_bytes())
        begun = time.perf_counter()
        said = subprocess.run(
            [sys.executable, "-I", str(ROOT / "docs/verify/discover.py"), *map(str, paths)],
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - begun
    assert said.stdout == "ok\n", said
    return seconds


def _way_of_a_like() -> float:
    """Seconds from a like to the first answer whose pool counts it, while the product runs as it does; the median."""
    from feed.operations.interact import like
    from feed.timelines import pools
    from tests.people import crowd, seen_by
    from upscrolled.models import Account

    took = []
    for fan in crowd(9, like=Account.objects.earliest("id")):
        time.sleep(random.random() * 2)  # at any moment of an epoch, not just after the last pool came
        pool = pools.current(now=datetime.now(UTC)).pool
        at = int(pool.base.argmax())
        post, before = int(pool.id[at]), int(pool.likes[at])
        begun = time.perf_counter()
        like(seen_by(None, post), by=fan, now=datetime.now(UTC))
        while time.perf_counter() - begun < 30:
            pool = pools.current(now=datetime.now(UTC)).pool
            found = pool.likes[pool.id == post]
            if len(found) and int(found[0]) > before:
                break
            time.sleep(0.02)
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def _milliseconds(work: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        before = time.process_time()
        work()
        taken.append((time.process_time() - before) * 1000)
    return statistics.median(taken)


def _write(told: str) -> None:
    page = report.PAGE.read_text()
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    report.PAGE.write_text(f"{before}{BEGIN}\n\n{told}\n\n{END}{after}")


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
