"""What is asked of the rows to place a case: who reported it, how far it reaches, how many copies there are."""

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
  WHERE r.id = ANY(%(reports)s::bigint[]) AND r.reporter_id IS NOT NULL
), record AS (
  SELECT t.id, count(*) FILTER (WHERE r.outcome = 'upheld') AS upheld,
         count(*) FILTER (WHERE r.outcome = 'refused') AS refused
  FROM them t LEFT JOIN moderation_report r ON r.reporter_id = t.id AND r.outcome <> '' GROUP BY t.id
), together AS (
  SELECT a.reporter_id AS one, b.reporter_id AS other
  FROM moderation_report a JOIN moderation_report b ON b.target_id = a.target_id AND b.reporter_id <> a.reporter_id
  WHERE a.reporter_id IN (SELECT id FROM them) AND b.reporter_id IN (SELECT id FROM them)
    AND a.target_id <> coalesce(%(account)s, 0)
  GROUP BY 1, 2 HAVING count(DISTINCT a.target_id) >= 2
)
SELECT record.id, upheld, refused, ARRAY(SELECT other FROM together WHERE one = record.id) FROM record
"""
_REPORTS: Final = (
    "SELECT r.id FROM moderation_report r WHERE r.target_id = %(account)s AND %(case)s = ANY(r.cases)"
)
# An estimate, until impressions are counted: a part of the followers, and many for each that answers.
_REACH: Final = """
SELECT (coalesce(c.followers, 0) * 0.05 + 20 * (coalesce(n.likes, 0) + coalesce(n.reposts, 0) + coalesce(n.replies, 0)))
       / greatest(10, extract(epoch FROM %(now)s - to_timestamp((p.id >> 16) / 1000.0)) / 60)
FROM feed_post p LEFT JOIN feed_postcounters n ON n.post_id = p.id
LEFT JOIN upscrolled_accountcounters c ON c.account_id = p.author_id WHERE p.id = %(id)s
"""
_REACH_OF_ACCOUNT: Final = (
    "SELECT followers * 0.05 / 1440 + 1 FROM upscrolled_accountcounters WHERE account_id = %(id)s"
)


def factors(case: Case, *, now: datetime) -> triage.Factors:
    """Work out what a case's place is made of, as things stand."""
    policy = POLICIES.get(case.policy, POLICIES["other"])
    deadline = case.deadline or now
    return triage.Factors(
        probability=triage.probability(reporters(case)) if case.source != "sample" else triage.BASE_RATE,
        severity=policy.severity,
        views_per_minute=max(0.01, _reach(case, now=now)),
        cluster_size=_cluster_size(case),
        minutes=policy.minutes,
        hours_left=(deadline - now).total_seconds() / 3_600,
    )


def place(case: Case, *, now: datetime) -> None:
    """Put a case where it belongs now; the caller saves it."""
    found = factors(case, now=now)
    case.factors = {**found.explain(), "lane": case.lane}
    case.place = triage.place(case.lane, found, case.deadline or now)


def reporters(case: Case) -> list[triage.Reporter]:
    """Who reported this case, with their records."""
    reports = [row[0] for row in _rows(_REPORTS, {"account": case.account_id, "case": case.pk})]
    if not reports:
        return []
    rows = _rows(_REPORTERS, {"reports": reports, "account": case.account_id})
    return [triage.Reporter(row[0], row[1], row[2], frozenset(row[3])) for row in rows]


def _cluster_size(case: Case) -> int:
    if not case.cluster:
        return 1
    return max(1, Case.objects.filter(cluster=case.cluster).exclude(state="decided").count())


def _reach(case: Case, *, now: datetime) -> float:
    statement = {"post": _REACH, "account": _REACH_OF_ACCOUNT, "handle": _REACH_OF_ACCOUNT}.get(
        case.subject_kind
    )
    rows = _rows(statement, {"id": case.subject_id, "now": now}) if statement else []
    return float(rows[0][0]) if rows else 1.0


def _rows(sql: str, facts: dict[str, Any]) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        return cursor.fetchall()
