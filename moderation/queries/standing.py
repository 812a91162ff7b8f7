"""How somebody stands: what was decided about them, with reasons, strikes, appeals; and their own reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import DateTimeField, Func, Q, QuerySet
from django.db.models.functions import Now

from moderation import statements
from moderation.models import Appeal, Decision, Report, Statement
from moderation.statements import Readable
from upscrolled import acting
from upscrolled.core.errors import NotFound
from upscrolled.models import Restriction

LISTED: Final = 40

__all__ = [
    "LISTED",
    "Appeal",
    "Report",
    "Told",
    "binding",
    "decision",
    "decisions",
    "decisions_of",
    "note_read",
    "reports_by",
    "reports_of",
    "unsealed",
]


@dataclass(frozen=True, slots=True)
class Told:
    """A decision as the affected account reads it. `readable` is None once its key was erased."""

    statement: Statement
    decision: Decision
    readable: Readable | None
    restriction: Restriction | None
    strike_weight: int
    strike_expires_at: datetime | None
    reversed_at: datetime | None
    appeal: Appeal | None
    read_at: datetime | None

    def counts(self, now: datetime) -> bool:
        """Whether the strike still weighs."""
        expires = self.strike_expires_at
        return self.reversed_at is None and expires is not None and expires > now

    def binds(self, now: datetime) -> bool:
        """Whether its restriction is in force."""
        found = self.restriction
        return found is not None and found.starts_at <= now and (found.ends_at is None or found.ends_at > now)


def decisions(account_id: int, *, below: int | None = None, limit: int = LISTED) -> list[Told]:
    """Return what was decided about an account, the last first; `below` is the id of a statement."""
    found = unsealed().filter(account_id=account_id)
    if below is not None:
        found = found.filter(pk__lt=below)
    return _told(found.select_related("key", "policy", "decision", "notice").order_by("-id")[:limit])


def decisions_of(account_id: int, statement_ids: Sequence[int]) -> list[Told]:
    """Return these of an account's decisions."""
    found = unsealed().filter(account_id=account_id, pk__in=list(statement_ids))
    return _told(found.select_related("key", "policy", "decision", "notice"))


def decision(account_id: int, statement_id: int) -> Told:
    """Return one decision about an account, or raise NotFound."""
    found = decisions_of(account_id, [statement_id])
    if not found:
        raise NotFound
    return found[0]


def binding(account_id: int, *, now: datetime) -> list[Told]:
    """Return the decisions whose restriction is in force or whose strike still weighs."""
    numbers = _column(_BINDING, {"account": account_id, "now": now})
    found = unsealed().filter(pk__in=numbers)
    return _told(found.select_related("key", "policy", "decision", "notice").order_by("-id"))


def reports_by(account_id: int, *, below: int | None = None, limit: int = LISTED) -> list[Report]:
    """Return what somebody reported, the last first."""
    found = Report.objects.filter(reporter_id=account_id)
    if below is not None:
        found = found.filter(pk__lt=below)
    return list(found.order_by("-id")[:limit])


def reports_of(account_id: int, report_ids: Sequence[int]) -> list[Report]:
    """Return these of somebody's reports."""
    return list(Report.objects.filter(reporter_id=account_id, pk__in=list(report_ids)))


def note_read(statement_id: int, *, by: int, now: datetime) -> None:
    """Note that the affected account has read a statement, once."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"statement": statement_id, "actor": by, "now": now})


_BINDING: Final = """
SELECT s.id FROM moderation_statement s JOIN moderation_decision d ON d.statement_id = s.id
WHERE s.account_id = %(account)s
  AND (EXISTS (SELECT 1 FROM upscrolled_restriction r WHERE r.decision_id = d.id
               AND r.starts_at <= %(now)s AND (r.ends_at IS NULL OR r.ends_at > %(now)s))
    OR EXISTS (SELECT 1 FROM moderation_strike t WHERE t.decision_id = d.id AND t.expires_at > %(now)s
               AND NOT EXISTS (SELECT 1 FROM moderation_decision u WHERE u.reverses_id = d.id)))
"""
_READ: Final = f"""
UPDATE moderation_notice SET read_at = %(now)s FROM {acting.HAND}
WHERE statement_id = %(statement)s AND account_id = %(actor)s AND read_at IS NULL
"""
_BESIDE: Final = """
SELECT d.id, t.weight, t.expires_at, u.decided_at
FROM moderation_decision d LEFT JOIN moderation_strike t ON t.decision_id = d.id
LEFT JOIN moderation_decision u ON u.reverses_id = d.id
WHERE d.id = ANY(%(ids)s::bigint[])
"""


def unsealed() -> QuerySet[Statement]:
    """Statements that no order of silence keeps from their readers at this moment."""
    before = Func("id", function="moderation_not_before", output_field=DateTimeField(null=True))
    return Statement.objects.alias(before=before).filter(Q(before=None) | Q(before__lte=Now()))


def _told(found: Any) -> list[Told]:
    """Five statements for however many."""
    rows: list[Statement] = list(found)
    numbers = [row.decision.pk for row in rows]
    restrictions = {row.decision_id: row for row in Restriction.objects.filter(decision_id__in=numbers)}
    appeals: dict[tuple[int | None, int | None], Appeal] = {
        (row.decision_id, row.account_id): row for row in Appeal.objects.filter(decision_id__in=numbers)
    }
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, {"ids": numbers})
        beside = {row[0]: row[1:] for row in cursor.fetchall()}
    told = []
    for row in rows:
        weight, expires, reversed_at = beside[row.decision.pk]
        told.append(
            Told(
                row,
                row.decision,
                statements.unseal(row, row.key.key),
                restrictions.get(row.decision.pk),
                weight or 0,
                expires,
                reversed_at,
                appeals.get((row.decision.pk, row.account_id)),
                row.notice.read_at,
            )
        )
    return told


def _column(sql: str, facts: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        return [row[0] for row in cursor.fetchall()]
