"""Forget what nobody may ask for any more: frozen evidence, and who sent a notice. The database says when.

And say whose account may not be erased yet: something of theirs is still being decided, or a law has it kept.

Evidence goes 200 days after its case was closed: appeals are possible for 184, and are answered within 7. Of terror and
the abuse of children it stays for 400, as the law of some countries asks. Neither goes while an appeal waits or a hold
of law stands (`moderation_forget_evidence`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection

from moderation.models import Appeal, CaseEvent, CaseHold, Evidence

NOTIFIERS_KEPT: Final = timedelta(days=200)
_BATCH: Final = 1_000
_NOTIFIERS: Final = """
UPDATE moderation_publicnotice n SET name = '', email = '' FROM moderation_report r
WHERE r.id = n.report_id AND (n.name <> '' OR n.email <> '') AND r.decided_at < %(before)s
  AND NOT EXISTS (SELECT 1 FROM moderation_appeal a WHERE a.report_id = r.id AND a.state IN ('filed', 'claimed'))
"""


def forget_evidence(*, now: datetime) -> list[int]:
    """Delete some of the evidence whose time is over, and write down of which cases; return these, none at the end."""
    rows = _rows("SELECT moderation_forget_evidence(%(most)s)", {"most": _BATCH})
    cases = sorted({row[0] for row in rows})
    CaseEvent.objects.bulk_create(CaseEvent(case_id=case, at=now, kind="evidence deleted") for case in cases)
    return cases


# A message is in the case that was opened for it, or joined one; another case of it may still have its evidence.
_UNKEPT: Final = """
WITH named AS (
  SELECT c.subject_id AS id FROM moderation_case c WHERE c.id = ANY(%(cases)s::bigint[]) AND c.subject_kind = 'message'
  UNION
  SELECT y.subject_id FROM moderation_casecopy y
  WHERE y.case_id = ANY(%(cases)s::bigint[]) AND y.subject_kind = 'message')
SELECT n.id FROM named n
WHERE NOT EXISTS (SELECT 1 FROM moderation_case c JOIN moderation_evidence e ON e.case_id = c.id
                  WHERE c.subject_kind = 'message' AND c.subject_id = n.id)
  AND NOT EXISTS (SELECT 1 FROM moderation_casecopy y JOIN moderation_evidence e ON e.case_id = y.case_id
                  WHERE y.subject_kind = 'message' AND y.subject_id = n.id)
ORDER BY n.id
"""


def without_evidence(case_ids: Collection[int]) -> list[int]:
    """Return those of the cases that have none left."""
    left = Evidence.objects.filter(case__in=case_ids).values_list("case_id", flat=True)
    return sorted(set(case_ids) - set(left))


def unkept_messages(case_ids: Collection[int]) -> list[int]:
    """Return the messages of these cases that no case keeps evidence of any more."""
    return [row[0] for row in _rows(_UNKEPT, {"cases": list(case_ids)})]


def forget_notifiers(*, now: datetime) -> int:
    """Empty names and addresses of people whose notice was decided long ago; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTIFIERS, {"before": now - NOTIFIERS_KEPT})
        return int(cursor.rowcount)


def held(account_ids: Collection[int]) -> set[int]:
    """Return those who wait for the decision of an appeal, or about whom a hold of law keeps a case."""
    open_ones = Appeal.objects.filter(account_id__in=account_ids, decided_at=None)
    holds = CaseHold.objects.filter(
        case__account_id__in=account_ids, released_at=None, until__gt=datetime.now(UTC)
    )
    waiting = open_ones.values_list("account_id", flat=True)
    return {*filter(None, waiting), *filter(None, holds.values_list("case__account_id", flat=True))}


def _rows(sql: str, facts: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        rows: list[Any] = cursor.fetchall()
        return rows
