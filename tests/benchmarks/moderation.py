"""What moderation costs at the layer of its operations, over two connections: `python -m tests.benchmarks.moderation`.

Full decisions one by one and in bulk, reports while a million cases wait, the next case, the queue placed anew, a name
screened, a leaf and its proof in a tree of a million, the audit.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import django
import psycopg

from tests.benchmarks import report
from tests.benchmarks.stack import Stack

CONNECTIONS = 2
DECISIONS, BULK, REPORTS = 150.0, 400.0, 500.0  # a second, at least
NEXT_MS, REFRESH_S, SCREEN_MS, LEAF_MS, AUDIT_S = 10.0, 20.0, 0.2, 0.1, 60.0  # at the most
_CASES = """
INSERT INTO moderation_case (subject_kind, subject_id, account_id, cluster, state, lane, policy, source, deadline,
  opened_at, place, factors, second_opinion, version, outcome)
SELECT 'post', n, 1 + n % 1000, '', 'open', 'ordinary', 'spam', 'report', now() + interval '1 day', now(),
       4.5e11 - random() * 1e6, '{"probability": 0.2}', false, 0, ''
FROM generate_series(1, %(cases)s) AS n
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it; exit with 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=1_000)
    parser.add_argument("--cases", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    rows: list[list[str]] = []
    missed: list[str] = []

    def tell(name: str, value: float, unit: str, bound: float, *, least: bool = False) -> None:
        fine = value >= bound if least else value <= bound
        rows.append([name, f"**{value:.2f} {unit}**", f"{bound:g} {unit}", "yes" if fine else "no"])
        if not fine:
            missed.append(name)

    with Stack() as stack:
        stack.manage("demo", "--world", "small")
        os.environ.update(stack.environ | {"DJANGO_SETTINGS_MODULE": "upscrolled.settings"})
        django.setup()
        with stack.worker_paused():
            tell("decisions, one by one", _decisions(options.decisions), "/s", DECISIONS, least=True)
            tell("decisions in bulk", _bulk(options.decisions), "/s", BULK, least=True)
            with psycopg.connect(stack.services["database_url"], autocommit=True) as connection:
                connection.execute(_CASES.replace("%(cases)s", str(options.cases)))
                connection.execute("VACUUM ANALYZE moderation_case")
            tell("reports", _reports(options.decisions), "/s", REPORTS, least=True)
            tell("the next case", _next(), "ms", NEXT_MS)
            tell("100,000 cases placed anew", _refresh(), "s", REFRESH_S)
            tell("the audit", _timed(lambda: _audit()), "s", AUDIT_S)
        tell("a name screened", _screened(), "ms", SCREEN_MS)
        tell("a leaf and its proof among a million", _leaf(), "ms", LEAF_MS)
    sys.stdout.write(report.table(["what", "took", "bound", "reached"], rows) + "\n")
    sys.exit(bool(missed))


def _posts(count: int, *, skip: int = 0) -> list[tuple[int, int]]:
    """So many posts with their authors."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, author_id FROM feed_post WHERE deleted_at IS NULL ORDER BY id LIMIT %s OFFSET %s",
            [count, skip],
        )
        return cursor.fetchall()


def _staff() -> object:
    from upscrolled.models import Account

    return Account.objects.exclude(role="").first() or _made_staff()


def _made_staff() -> object:
    from upscrolled.operations.accounts import create_account

    facts = {"email": "bench@example.org", "password_hash": "!", "confirmed": True, "role": "moderator"}
    return create_account(username="bench_moderator", now=datetime.now(UTC), **facts)


def _rate(work: Callable[[int], object], numbers: Sequence[int]) -> float:
    """How often a second, over two connections."""
    parts = [numbers[start::CONNECTIONS] for start in range(CONNECTIONS)]
    ready = threading.Barrier(CONNECTIONS + 1)

    def run(part: Sequence[int]) -> None:
        from django.db import connection

        work(part[0])
        ready.wait()
        for number in part[1:]:
            work(number)
        connection.close()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        done = [pool.submit(run, part) for part in parts]
        ready.wait()
        began = time.perf_counter()
        for one in done:
            one.result()
    return (len(numbers) - CONNECTIONS) / (time.perf_counter() - began)


def _wish(post: int, action: str = "removed") -> object:
    from moderation.operations.decide import Wish
    from moderation.subjects import Subject
    from tests.restricting import REASONS

    return Wish(Subject("post", post), action, "hate", REASONS)


def _decisions(count: int) -> float:
    from moderation.operations.decide import decide

    posts, staff = [post for post, _ in _posts(count)], _staff()
    return _rate(lambda n: decide(_wish(posts[n]), by=staff, now=datetime.now(UTC)), range(len(posts)))


def _bulk(count: int) -> float:
    from moderation.operations import bulk
    from moderation.subjects import Subject

    posts, staff = [Subject("post", post) for post, _ in _posts(count)], _staff()
    parts = [posts[start : start + 100] for start in range(0, len(posts), 100)]
    wish = _wish(posts[0].id, "sensitive")
    batches = _rate(
        lambda n: bulk.decide_all(wish, parts[n], by=staff, now=datetime.now(UTC)), range(len(parts))
    )
    return batches * 100


def _reports(count: int) -> float:
    from moderation.operations.report import Complaint, file_report
    from upscrolled.models import Account

    posts = _posts(count, skip=count)
    people = list(Account.objects.filter(is_active=True)[:50])

    def report_one(n: int) -> None:
        post, author = posts[n % len(posts)]
        reporter = next(one for one in people[n % 40 :] if one.id != author)
        complaint = Complaint(target_id=author, post_ids=[post], reason="spam")
        file_report(reporter=reporter, complaint=complaint, now=datetime.now(UTC))

    return _rate(report_one, range(count))


def _next() -> float:
    from moderation.operations import cases

    staff = _staff()
    return _timed(lambda: [cases.next_case(by=staff, now=datetime.now(UTC)) for _ in range(50)]) / 50 * 1_000


def _refresh() -> float:
    from moderation import queue

    return _timed(lambda: queue.refresh(now=datetime.now(UTC)))


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


if __name__ == "__main__":
    main()
