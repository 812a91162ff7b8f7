"""What it takes to find posts among a million: `python -m tests.benchmarks.search`.

The product runs on a scratch directory with its worker held. Posts are added whose words are drawn as people draw
them, a few very often and most hardly ever, half of them English, half Arabic, over half a year. Then queries of
several kinds are asked as the API asks them; milliseconds are what a process waits. Exits with 1 if a bound is missed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import django
import numpy as np
from django.db import connection

from tests.benchmarks import report
from tests.benchmarks.stack import Stack

BEGIN, END = "<!-- search: begin (written by make bench) -->", "<!-- search: end -->"
MUST = 30.0  # milliseconds, the median of each kind
TEXTS, WORDS, VOCABULARY = 100_000, 18, 60_000  # different texts, words of each, words of each language
_LETTERS = {"en": ("bcdfghklmnprstvw", "aeiou"), "ar": ("بتثجحخدذرزسشصضطظعغفقكلمن", "اوي")}
_POSTS = """
INSERT INTO feed_post (id, author_id, audience, text, html, warning, sensitive, language, mentions, tags)
SELECT d.id, a.ids[1 + mod(d.n, cardinality(a.ids))], 'public', t.text, '', '', false, t.language, '{}', '{}'
FROM (SELECT ((%(now)s - n * 15552000000 / %(posts)s) << 16) | mod(n, 65536) AS id, n
      FROM generate_series(1, %(posts)s::bigint) n) d
JOIN bench_text t ON t.key = mod(d.n * 7919, (SELECT count(*) FROM bench_text))
CROSS JOIN (SELECT array_agg(id) AS ids FROM upscrolled_account) a
ON CONFLICT DO NOTHING
"""
_ENTERED = """
INSERT INTO feed_postwords (post_id, words)
SELECT p.id, t.words || array_to_tsvector(ARRAY['=from:' || p.author_id, '=language:' || p.language, '=public',
  '=month:' || to_char(to_timestamp((p.id >> 16) / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM')])
FROM feed_post p JOIN bench_text t ON t.text = p.text ORDER BY p.id ON CONFLICT DO NOTHING
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it, print the figures and write them to docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=60, help="queries of each kind")
    parser.add_argument("--dry", action="store_true", help="do not write docs/benchmarks.md")
    options = parser.parse_args(arguments)
    with Stack() as stack:
        stack.manage("demo", "--world", "small")
        os.environ.update(stack.environ | {"DJANGO_SETTINGS_MODULE": "upscrolled.settings"})
        django.setup()
        with stack.worker_paused():
            known = _fill(options.posts)
            rows, missed = _ask(known, options.rounds)
            told = "\n\n".join(
                [report.table(["search", "median", "p95", "must", ""], rows), *_told(options.posts)]
            )
    print(told, flush=True)
    if not options.dry:
        _write(f"{told}\n\n{datetime.now(UTC):%Y-%m-%d}.")
    sys.exit(bool(missed))


def _vocabulary(language: str, rng: np.random.Generator) -> list[str]:
    """Words that nobody uses, as long as words are: in the order of how often they are drawn."""
    first, second = (list(letters) for letters in _LETTERS[language])
    made: dict[str, None] = {}
    while len(made) < VOCABULARY:
        syllables = rng.integers(2, 5)
        made["".join(str(rng.choice(first)) + str(rng.choice(second)) for _ in range(syllables))] = None
    return list(made)


def _fill(posts: int) -> dict[str, list[str]]:
    """Add the posts, and return the words of each language, the most frequent first."""
    from feed.finding import postgres
    from upscrolled.core.words import words
    from upscrolled.demo import bulk

    rng = np.random.default_rng(7)
    known = {language: _vocabulary(language, rng) for language in _LETTERS}
    chance = 1 / np.arange(1, VOCABULARY + 1)
    drawn = rng.choice(VOCABULARY, size=(TEXTS, WORDS), p=chance / chance.sum())

    def texts() -> Iterator[tuple[int, str, str, str]]:
        for key, picked in enumerate(drawn):
            language = ("en", "ar")[key % 2]
            said = " ".join(known[language][n] for n in picked)
            yield key, language, said, postgres.tsvector([words(said)], [])

    bulk.run(
        "CREATE UNLOGGED TABLE bench_text (key int PRIMARY KEY, language text, text text UNIQUE, words tsvector)"
    )
    bulk.copy("bench_text", ("key", "language", "text", "words"), texts())
    bulk.run("ANALYZE bench_text")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef('post_words'::regclass)")
        (definition,) = cursor.fetchone()
        cursor.execute("DROP INDEX post_words")
        cursor.execute(_POSTS, {"now": int(datetime.now(UTC).timestamp() * 1_000), "posts": posts})
        cursor.execute(_ENTERED)
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE feed_post")
        cursor.execute("VACUUM ANALYZE feed_postwords")
    return known


def _ask(known: dict[str, list[str]], rounds: int) -> tuple[list[list[str]], list[str]]:
    rng = np.random.default_rng(8)
    kinds: list[tuple[str, Callable[[list[str]], str]]] = [
        ("one of the 50 most frequent words", lambda w: w[rng.integers(50)]),
        ("one of the next 2,000", lambda w: w[rng.integers(50, 2_050)]),
        ("a rare word", lambda w: w[rng.integers(20_000, VOCABULARY)]),
        ("two frequent words", lambda w: " ".join(w[n] for n in rng.integers(5, 400, 2))),
        ("three words", lambda w: " ".join(w[n] for n in rng.integers(0, 2_000, 3))),
        ("a phrase", lambda w: f'"{w[rng.integers(100)]} {w[rng.integers(100)]}"'),
        (
            "a word, without another, a month ago",
            lambda w: f"{w[rng.integers(2_000)]} -{w[0]} before:{_ago(30)}",
        ),
        ("a word of one author", lambda w: f"from:{_name(rng)} {w[rng.integers(300)]}"),
    ]
    rows, missed = [], []
    for language, named in (("en", "English"), ("ar", "Arabic")):
        for title, query in kinds:
            taken = _times([query(known[language]) for _ in range(rounds)])
            middle, slow = statistics.median(taken), sorted(taken)[int(len(taken) * 0.95)]
            reached = report.reached(middle, MUST, MUST)
            rows.append(
                [f"{named}: {title}", f"**{middle:.1f} ms**", f"{slow:.1f} ms", f"{MUST:g} ms", reached]
            )
            if middle > MUST:
                missed.append(title)
    return rows, missed


def _times(queries: Sequence[str]) -> list[float]:
    """Milliseconds of each query, asked for somebody with relations; the first ones are for the plan."""
    from feed.finding import Part, asked, backend
    from upscrolled.models import Account
    from upscrolled.viewer import Viewer

    viewer = Viewer(Account.objects.latest("counters__following"))
    taken = []
    for query in [*queries[:6], *queries]:
        begun = time.perf_counter()
        backend().posts(viewer, asked.read(query), Part(20))
        taken.append((time.perf_counter() - begun) * 1_000)
    return taken[6:]


def _told(posts: int) -> list[str]:
    """What the index takes of the disk, and what a post costs whoever enters it."""
    from feed.finding import document, postgres

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_relation_size('post_words'), pg_total_relation_size('feed_postwords'),
                      pg_total_relation_size('feed_post'), (SELECT array_agg(post_id) FROM (
                        SELECT post_id FROM feed_postwords ORDER BY post_id DESC LIMIT 5000) w)"""
        )
        index, words, all_posts, post_ids = cursor.fetchone()
        cursor.execute("DELETE FROM feed_postwords WHERE post_id = ANY(%(ids)s)", {"ids": post_ids})
    engine, begun = postgres.PostgresSearch(), time.perf_counter()
    for start in range(0, len(post_ids), 100):
        engine.enter(document.read(post_ids[start : start + 100]))
    each = (time.perf_counter() - begun) / len(post_ids) * 1_000
    megabytes = [f"{size / 1e6:,.0f} MB" for size in (index, words, all_posts)]
    return [
        f"With {posts:,} posts of {WORDS} words the index takes {megabytes[0]}, with the words themselves and their "
        f"key {megabytes[1]}; the posts take {megabytes[2]}.",
        f"To enter a post takes the worker that delivers it {each:.2f} ms, in batches of 100; whoever writes waits for "
        "none of it.",
    ]


def _ago(days: int) -> str:
    return str(datetime.fromtimestamp(time.time() - days * 86_400, UTC).date())


def _name(rng: np.random.Generator) -> str:
    from upscrolled.models import Account

    return list(Account.objects.order_by("id").values_list("username", flat=True)[:50])[rng.integers(50)]


def _write(told: str) -> None:
    page = report.PAGE.read_text()
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    report.PAGE.write_text(f"{before}{BEGIN}\n\n{told}\n\n{END}{after}")


if __name__ == "__main__":
    main()
