"""Who may work on a case: moderators on any, and somebody from outside on the one that was granted to them.

Whoever was granted a case must have to do with nobody in it, as moderators must not; the lane of abuse and terror is
granted to nobody, also when a case comes there later, nor are private messages. The database asks the same of whoever
decides (migration 0009).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from moderation.operations.interest import INTERESTED
from upscrolled.core.errors import NotAllowed
from upscrolled.models import Account
from upscrolled.queries.rows import rows

_GRANTED: Final = f"""EXISTS (
  SELECT 1 FROM moderation_reviewgrant g JOIN moderation_case c ON c.id = g.case_id
  WHERE g.to_id = %(by)s AND g.case_id = {{case}} AND g.until > %(now)s AND c.lane <> 'dark'
    AND c.subject_kind <> 'message' AND NOT {INTERESTED}
    AND NOT EXISTS (SELECT 1 FROM moderation_reviewgrantend e WHERE e.grant_id = g.id))"""
_CASE: Final = f"SELECT 1 WHERE {_GRANTED.format(case='%(case)s::bigint')}"
# Every case that an appeal is about: the one of its decision, or those of its report.
_APPEAL: Final = f"""
SELECT 1 FROM moderation_appeal a LEFT JOIN moderation_decision d ON d.id = a.decision_id
LEFT JOIN moderation_report r ON r.id = a.report_id
CROSS JOIN LATERAL (SELECT coalesce(r.cases, ARRAY[d.case_id]) AS cases) about
WHERE a.id = %(appeal)s AND cardinality(about.cases) > 0
  AND NOT EXISTS (SELECT 1 FROM unnest(about.cases) AS n (id) WHERE NOT {_GRANTED.format(case="n.id")})
"""


def require_moderator(by: Account) -> None:
    """Raise NotAllowed for who does not moderate."""
    if by.role == "" or not by.is_active:
        raise NotAllowed("Only moderators work on cases")


def require_reviewer(by: Account, case_id: int | None, *, now: datetime) -> None:
    """Raise NotAllowed for who neither moderates nor was granted this case."""
    if by.role == "" and by.is_active and case_id is not None and is_granted(by, case_id, now=now):
        return
    require_moderator(by)


def require_appeal_reviewer(by: Account, appeal_id: int, *, now: datetime) -> None:
    """Raise NotAllowed for who neither moderates nor was granted every case that an appeal is about."""
    if by.role == "" and by.is_active and is_granted_appeal(by, appeal_id, now=now):
        return
    require_moderator(by)


def is_granted(by: Account, case_id: int, *, now: datetime) -> bool:
    """Say whether a case is granted to somebody now."""
    return bool(rows(_CASE, {"by": by.pk, "case": case_id, "now": now}))


def is_granted_appeal(by: Account, appeal_id: int, *, now: datetime) -> bool:
    """Say whether every case that an appeal is about is granted to somebody now."""
    return bool(rows(_APPEAL, {"by": by.pk, "appeal": appeal_id, "now": now}))
