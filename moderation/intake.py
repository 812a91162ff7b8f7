"""What is asked of the rows to place cases: who reported them, how far they reach, how many copies there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection

from moderation import triage
from moderation.grounds import POLICIES
from moderation.models import Case

# Reporters with their record, and who of them reported together before: on two other targets or more.
_REPORTERS: Final = """
WITH them AS (
  SELECT DISTINCT r.reporter_id AS id FROM moderation_report r
  WHERE r.target_id IS NOT DISTINCT FROM %(account)s::bigint AND %(case)s = ANY(r.cases)
    AND r.reporter_id IS NOT NULL
), record AS (
  SELECT t.id, count(*) FILTER (WHERE r.outcome = 'upheld') AS upheld,
         count(*) FILTER (WHERE r.outcome = 'refused') AS refused
  FROM them t LEFT JOIN moderation_report r ON r.reporter_id = t.id AND r.outcome <> '' GROUP BY t.id
), together AS (
  SELECT a.reporter_id AS one, b.reporter_id AS other
  FROM moderation_report a JOIN moderation_report b ON b.target_id = a.target_id AND b.reporter_id <> a.reporter_id
  WHERE a.reporter_id IN (SELECT id FROM record WHERE upheld + refused > 0)
    AND b.reporter_id IN (SELECT id FROM record WHERE upheld + refused > 0)
    AND a.target_id <> coalesce(%(account)s::bigint, 0)
  GROUP BY 1, 2 HAVING count(DISTINCT a.target_id) >= 2
)
SELECT record.id, upheld, refused, ARRAY(SELECT other FROM together WHERE one = record.id) FROM record
"""
# An estimate, until impressions are counted: a part of the followers, and many for each that answers.
_REACH_OF_POSTS: Final = """
SELECT p.id, (coalesce(c.followers, 0) * 0.05
              + 20 * (coalesce(n.likes, 0) + coalesce(n.reposts, 0) + coalesce(n.replies, 0)))
       / greatest(10, extract(epoch FROM %(now)s::timestamptz - to_timestamp((p.id >> 16) / 1000.0)) / 60)
FROM feed_post p LEFT JOIN feed_postcounters n ON n.post_id = p.id
LEFT JOIN upscrolled_accountcounters c ON c.account_id = p.author_id WHERE p.id = ANY(%(ids)s::bigint[])
"""
_REACH_OF_ACCOUNTS: Final = """
SELECT account_id, followers * 0.05 / 1440 + 1 FROM upscrolled_accountcounters WHERE account_id = ANY(%(ids)s::bigint[])
"""
_CLUSTERS: Final = """
SELECT cluster, count(*) FROM moderation_case
WHERE cluster = ANY(%(names)s::text[]) AND state <> 'decided' AND cluster <> '' GROUP BY cluster
"""
_LEAST_REACH: Final = 0.01


def place(cases: Sequence[Case], *, now: datetime) -> None:
    """Put cases where they belong now, three statements for however many; the caller saves them.

    Who reported a case is asked again only if that was left open (`stale`) or never asked.
    """
    reach = _reach(cases, now=now)
    clusters = dict(_rows(_CLUSTERS, {"names": [case.cluster for case in cases if case.cluster]}))
    for case in cases:
        policy = POLICIES.get(case.policy, POLICIES["other"])
        deadline = case.deadline or now
        found = triage.Factors(
            probability=_probability(case),
            severity=policy.severity,
            views_per_minute=max(_LEAST_REACH, reach.get((case.subject_kind, case.subject_id), 1.0)),
            cluster_size=max(1, clusters.get(case.cluster, 1)),
            minutes=policy.minutes,
            hours_left=(deadline - now).total_seconds() / 3_600,
        )
        case.factors = {**found.explain(), "lane": case.lane}
        case.place = triage.place(case.lane, found, deadline)


def reporters(case: Case) -> list[triage.Reporter]:
    """Who reported this case, with their records."""
    rows = _rows(_REPORTERS, {"account": case.account_id, "case": case.pk})
    return [triage.Reporter(row[0], row[1], row[2], frozenset(row[3])) for row in rows]


def _probability(case: Case) -> float:
    known = case.factors.get("probability")
    if known is None or case.factors.get("stale"):
        return triage.probability(reporters(case))
    return float(known)


def _reach(cases: Sequence[Case], *, now: datetime) -> dict[tuple[str, int], float]:
    found: dict[tuple[str, int], float] = {}
    for statement, kinds in ((_REACH_OF_POSTS, {"post"}), (_REACH_OF_ACCOUNTS, {"account", "handle"})):
        numbers = [case.subject_id for case in cases if case.subject_kind in kinds]
        if numbers:
            for number, views in _rows(statement, {"ids": numbers, "now": now}):
                found |= {(kind, number): float(views) for kind in kinds}
    return found


def _rows(sql: str, facts: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        rows: list[Any] = cursor.fetchall()
        return rows
