"""What moderation costs at the layer of its operations, in two processes: `python -m tests.benchmarks.moderation`.

Full decisions one by one and in bulk, reports while a million cases wait, the next case, the queue placed anew, a name
screened, a leaf and its proof in a tree of a million, the audit of a million posts. Nothing of HTTP is in it: CPU is of
these processes and of PostgreSQL.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import django
import psycopg

from tests.benchmarks import cpu, report
from tests.benchmarks.discover import POSTS, enter
from tests.benchmarks.stack import Stack

BEGIN, END = "<!-- moderation: begin (written by make bench) -->", "<!-- moderation: end -->"
CONNECTIONS = 2
DECISIONS, BULK, REPORTS = 150.0, 400.0, 500.0  # a second, at least
NEXT_MS, REFRESH_S, SCREEN_MS, LEAF_MS, AUDIT_S = 10.0, 20.0, 0.2, 0.1, 60.0  # at the most
SPARE = 20_000  # the oldest posts, which have no case yet
_CASES = """
INSERT INTO moderation_case (subject_kind, subject_id, account_id, cluster, state, lane, policy, source, deadline,
  opened_at, place, factors, second_opinion, version, outcome)
SELECT 'post', p.id, p.author_id, '', 'open', 'ordinary', 'spam', 'report', now() + interval '1 day', now(),
       4.5e11 - random() * 1e6, '{"probability": 0.2}', false, 0, ''
FROM (SELECT id, author_id FROM feed_post ORDER BY id OFFSET %(spare)s LIMIT %(cases)s) AS p
"""
_BANDS = """
INSERT INTO moderation_caseband (band, case_id)
SELECT hashint8extended(c.id, n), c.id FROM moderation_case c, generate_series(1, 8) AS n
"""


@dataclass
class Figures:
    """What was measured, as rows of the table, and the names of what missed its bound."""

    stack: Stack
    rows: list[list[str]] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def tell(self, name: str, value: float, unit: str, bound: float, *, least: bool = False) -> None:
        """Note a figure with what it is held to."""
        self._note(name, value, unit, bound, value >= bound if least else value <= bound, "")

    def rate(
        self, name: str, bound: float, work: Callable[[int], object], count: int, *, each: int = 1
    ) -> None:
        """Note how often a second it goes over the connections, and the CPU that each takes; `each` at a call."""
        found = _rate(self.stack, work, count)
        value, done = found.each_second * each, (count - CONNECTIONS) * each
        split = f"{found.python / done * 1e3:.2f} + {found.postgres / done * 1e3:.2f} ms"
        self._note(name, value, "/s", bound, value >= bound, split)

    def _note(self, name: str, value: float, unit: str, bound: float, fine: bool, split: str) -> None:
        self.rows.append(
            [name, f"**{_told(value)} {unit}**", f"{bound:g} {unit}", split, "yes" if fine else "no"]
        )
        sys.stdout.write(f"{name}: {_told(value)} {unit} {split}\n")
        sys.stdout.flush()
        if not fine:
            self.missed.append(name)


def _told(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it; exit with 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=2_000)
    parser.add_argument("--cases", type=int, default=1_000_000, help="that wait; and posts that are audited")
    parser.add_argument("--dry", action="store_true", help="do not write docs/benchmarks.md")
    options = parser.parse_args(arguments)
    with Stack() as stack:
        stack.manage("demo", "--world", "small")
        os.environ.update(stack.environ | {"DJANGO_SETTINGS_MODULE": "upscrolled.settings"})
        django.setup()
        figures = Figures(stack)
        with stack.worker_paused():
            _fill(stack, options.cases)
            _measure(figures, options.decisions)
        figures.tell("a name screened", _screened(), "ms", SCREEN_MS)
        figures.tell("a leaf and its proof among a million", _leaf(), "ms", LEAF_MS)
    told = report.table(["what", "took", "bound", "CPU each: Python + PostgreSQL", "reached"], figures.rows)
    sys.stdout.write(told + "\n")
    if not options.dry:
        load = f"load average at the end {os.getloadavg()[0]:.1f}"
        _write(f"{told}\n\n{datetime.now(UTC):%Y-%m-%d}, {options.cases:,} open cases, {load}.")
    sys.exit(bool(figures.missed))


def _fill(stack: Stack, cases: int) -> None:
    """As many posts as are audited, and a case that waits for each of the newest."""
    total = cases + SPARE
    with psycopg.connect(stack.services["database_url"], autocommit=True) as connection:
        now_ms = int(time.time() * 1000)
        made = connection.execute(POSTS, {"now": now_ms, "posts": total, "first": 1}).fetchall()
        enter(connection, made)
        connection.execute("VACUUM ANALYZE feed_post, feed_candidate")
        connection.execute(_CASES.replace("%(spare)s", str(SPARE)).replace("%(cases)s", str(cases)))
        connection.execute(_BANDS)
        connection.execute("VACUUM ANALYZE moderation_case, moderation_caseband")


def _measure(figures: Figures, count: int) -> None:
    posts = _posts(SPARE)
    single, many, reported = posts[:count], posts[count : 3 * count], posts[3 * count : 4 * count]
    figures.rate("decisions, one by one", DECISIONS, _decide_about(single), count)
    figures.rate("decisions in bulk", BULK, _bulk_about(many), 2 * count // 100, each=100)
    figures.rate("reports, half of them of what was reported before", REPORTS, _report(reported), count)
    figures.tell("the next case", _next(), "ms", NEXT_MS)
    figures.tell("100,000 cases placed anew", _timed(_refresh), "s", REFRESH_S)
    figures.tell(f"the audit of {_counted():,} posts", _timed(_audit), "s", AUDIT_S)


def _posts(count: int) -> list[tuple[int, int]]:
    """The oldest posts with their authors."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, author_id FROM feed_post WHERE deleted_at IS NULL ORDER BY id LIMIT %s", [count]
        )
        return cursor.fetchall()


def _counted() -> int:
    from feed.models import Post

    return Post.objects.count()


def _staff() -> object:
    from upscrolled.models import Account

    return Account.objects.exclude(role="").first() or _made_staff()


def _made_staff() -> object:
    from upscrolled.operations.accounts import create_account

    facts = {"email": "bench@example.org", "password_hash": "!", "confirmed": True, "role": "senior"}
    return create_account(username="bench_moderator", now=datetime.now(UTC), **facts)


@dataclass
class Rate:
    """How often a second it went, and the CPU seconds of the processes that did it and of PostgreSQL."""

    each_second: float
    python: float
    postgres: float


def _rate(stack: Stack, work: Callable[[int], object], count: int) -> Rate:
    """Do it so often, in two processes with a connection each, as the web has them; both have begun before."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    together, used = context.Barrier(CONNECTIONS + 1, timeout=300), context.Queue()

    def run(numbers: Sequence[int]) -> None:
        try:
            work(numbers[0])
            together.wait()
            mine = time.process_time()
            for number in numbers[1:]:
                work(number)
            used.put(time.process_time() - mine)
            together.wait()
            together.wait()  # whose connection is closed has used nothing any more
        except BaseException:
            together.abort()
            raise

    parts = [range(start, count, CONNECTIONS) for start in range(CONNECTIONS)]
    processes = [context.Process(target=run, args=(part,)) for part in parts]
    for process in processes:
        process.start()
    together.wait()
    before, began = stack.cpu(), time.perf_counter()
    together.wait()
    seconds, after = time.perf_counter() - began, stack.cpu()
    together.wait()
    python = sum(used.get() for _ in processes)
    for process in processes:
        process.join()
    return Rate((count - CONNECTIONS) / seconds, python, cpu.spent(before, after)["postgres"])


def _wish(post: int, action: str = "removed") -> object:
    from moderation.operations.decide import Wish
    from moderation.subjects import Subject
    from tests.restricting import REASONS

    return Wish(Subject("post", post), action, "hate", REASONS)


def _decide_about(posts: Sequence[tuple[int, int]]) -> Callable[[int], object]:
    from moderation.operations.decide import decide

    staff = _staff()
    return lambda n: decide(_wish(posts[n][0]), by=staff, now=datetime.now(UTC))


def _bulk_about(posts: Sequence[tuple[int, int]]) -> Callable[[int], object]:
    from moderation.operations import bulk
    from moderation.subjects import Subject

    staff, wish = _staff(), _wish(posts[0][0], "sensitive")
    parts = [[Subject("post", post) for post, _ in posts[n : n + 100]] for n in range(0, len(posts), 100)]

    def decide_part(n: int) -> None:
        batch = bulk.decide_all(wish, parts[n], by=staff, now=datetime.now(UTC))
        assert len(batch.decided) == len(parts[n]), batch.refused

    return decide_part


def _report(posts: Sequence[tuple[int, int]]) -> Callable[[int], object]:
    """The first half of the calls opens a case each, the second joins them by somebody else."""
    from moderation.operations.report import Complaint, file_report
    from upscrolled.models import Account

    people, half = list(Account.objects.filter(is_active=True).order_by("id")[:60]), len(posts) // 2

    def report_one(n: int) -> None:
        post, author = posts[n % half]
        reporter = next(one for one in people[n % 47 + n // half :] if one.id != author)
        complaint = Complaint(target_id=author, post_ids=[post], reason="spam")
        file_report(reporter=reporter, complaint=complaint, now=datetime.now(UTC))

    return report_one


def _next() -> float:
    """Milliseconds, the median."""
    from moderation.operations import claims

    staff = _staff()
    taken = [_timed(lambda: claims.next_case(by=staff, now=datetime.now(UTC))) for _ in range(100)]
    return statistics.median(taken) * 1_000


def _refresh() -> None:
    from moderation import queue

    queue.refresh(now=datetime.now(UTC))


def _audit() -> None:
    from moderation.operations import audit

    audit.audit(now=datetime.now(UTC))


def _screened() -> float:
    from moderation.screening import hits

    return _timed(lambda: [hits("handle", f"some_person_{n}") for n in range(5_000)]) / 5_000 * 1_000


def _leaf() -> float:
    from moderation.log import tree

    grown = tree.Tree([tree.leaf_hash(str(n).encode()) for n in range(1_000_000)])

    def more() -> None:
        for n in range(1_000):
            grown.append(tree.leaf_hash(str(n).encode()))
            tree.inclusion_proof(grown.size - 1 - n, grown.size, grown.node)

    return _timed(more)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _write(told: str) -> None:
    page = report.PAGE.read_text()
    before, rest = page.split(BEGIN)
    report.PAGE.write_text(f"{before}{BEGIN}\n\n{told}\n\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
