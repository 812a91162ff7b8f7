"""Who may work on a case: staff by a role that reaches it, and somebody from outside on the one granted to them.

What a role may do stands in `upscrolled/roles.py`, where it reaches in PostgreSQL (`moderation_reach`, migration
0016), which asks the same of whoever decides. Whoever was granted a case must have to do with nobody in it, as staff
must not; the lane of abuse and terror is granted to nobody, also when a case comes there later, nor are private
messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from moderation.models import Decision
from moderation.operations.interest import INTERESTED
from upscrolled.core.errors import NotAllowed
from upscrolled.models import Account
from upscrolled.queries import staff
from upscrolled.queries.rows import rows


class OutOfReach(NotAllowed):
    """Somebody may do this, but not here."""

    safe = "This is outside of what your role was given for: its lanes, kinds or languages"


class Missing(NotAllowed):
    """A permission that somebody lacks; `permission` names it."""

    def __init__(self, permission: str) -> None:
        """Say which."""
        super().__init__(f"This action is not allowed: it needs the permission “{permission}”")
        self.permission = permission


_GRANTED: Final = f"""EXISTS (
  SELECT 1 FROM moderation_reviewgrant g JOIN moderation_case c ON c.id = g.case_id
  WHERE g.to_id = %(by)s AND g.case_id = {{case}} AND g.until > %(now)s AND c.lane <> 'dark'
    AND c.subject_kind <> 'message' AND NOT {INTERESTED}
    AND NOT EXISTS (SELECT 1 FROM moderation_reviewgrantend e WHERE e.grant_id = g.id))"""
_CASE: Final = f"SELECT 1 WHERE {_GRANTED.format(case='%(case)s::bigint')}"
# Every case that an appeal is about: the one of its decision, or those of its report.
_ABOUT: Final = """
FROM moderation_appeal a LEFT JOIN moderation_decision d ON d.id = a.decision_id
LEFT JOIN moderation_report r ON r.id = a.report_id
CROSS JOIN LATERAL (SELECT coalesce(r.cases, ARRAY[d.case_id]) AS cases) about"""
_APPEAL: Final = f"""
SELECT 1 {_ABOUT}
WHERE a.id = %(appeal)s AND cardinality(about.cases) > 0
  AND NOT EXISTS (SELECT 1 FROM unnest(about.cases) AS n (id) WHERE NOT {_GRANTED.format(case="n.id")})
"""
_MAY_IN: Final = """
SELECT upscrolled_may(%(by)s, %(permission)s, %(now)s), moderation_may_in(%(by)s, %(permission)s, %(case)s, %(now)s)
  OR NOT EXISTS (SELECT 1 FROM moderation_case c WHERE c.id = %(case)s)
"""
_MAY_ANSWER: Final = f"""
SELECT upscrolled_may(%(by)s, 'appeals', %(now)s), coalesce((
  SELECT CASE WHEN d.id IS NOT NULL AND d.case_id IS NULL THEN moderation_is_theirs(
      jsonb_populate_record(d, jsonb_build_object('decided_by_id', %(by)s::bigint)), 'appeals', %(now)s)
    ELSE NOT EXISTS (SELECT 1 FROM unnest(about.cases) AS n (id)
                     WHERE NOT moderation_may_in(%(by)s, 'appeals', n.id, %(now)s)) END
  {_ABOUT} WHERE a.id = %(appeal)s), true)
"""
_BEYOND: Final = """
SELECT s.id FROM unnest(%(ids)s::bigint[], %(owners)s::bigint[]) AS s (id, owner)
WHERE NOT EXISTS (SELECT 1 FROM moderation_reach(%(by)s, %(permission)s, %(now)s) r
  WHERE moderation_within(r.lanes, r.kinds, r.languages, %(lane)s, %(kind)s, s.id, s.owner))
"""
_MAY_TAKE_BACK: Final = """
SELECT upscrolled_may(%(by)s, %(permission)s, %(now)s), moderation_is_theirs(
  jsonb_populate_record(d, jsonb_build_object('decided_by_id', %(by)s::bigint)), %(permission)s, %(now)s)
FROM moderation_decision d WHERE d.id = %(decision)s
"""


def require(by: Account, permission: str, *, now: datetime) -> None:
    """Raise Missing for who may do this nowhere."""
    if not staff.may(by, permission, now=now):
        raise Missing(permission)


def require_reviewer(by: Account, case_id: int | None, permission: str = "sort", *, now: datetime) -> None:
    """Raise Missing or OutOfReach for who may not do this in a case, by a role or because it was granted to them."""
    if case_id is None:
        require(by, permission, now=now)
        return
    granted = partial(is_granted, by, case_id, now=now)
    _refuse(_MAY_IN, by, permission, now=now, unless=granted, case=case_id)


def require_appeal_reviewer(by: Account, appeal_id: int, *, now: datetime) -> None:
    """The same for an appeal: by a role that reaches all that it is about, or because all of it was granted."""
    granted = partial(is_granted_appeal, by, appeal_id, now=now)
    _refuse(_MAY_ANSWER, by, "appeals", now=now, unless=granted, appeal=appeal_id)


def require_taking_back(by: Account, earlier: Decision, *, appealed: bool, now: datetime) -> None:
    """Raise Missing or OutOfReach for who may not take a decision back.

    One's own, and what was only held back, is for who decides; what is `appealed` for who answers that; the rest for
    who may undo what others did.
    """
    permission = "undo"
    if earlier.action == "hold" or earlier.decided_by_id == by.pk:
        permission = "decide"
    elif appealed:
        permission = "appeals"
    granted = partial(is_granted, by, earlier.case_id, now=now) if earlier.case_id else bool
    _refuse(_MAY_TAKE_BACK, by, permission, now=now, unless=granted, decision=earlier.pk)


def beyond(
    by: Account,
    permission: str,
    lane: str,
    kind: str,
    about: Sequence[tuple[int, int | None]],
    *,
    now: datetime,
) -> set[int]:
    """Return those that no role of somebody reaches, of subjects of a kind with their owners; one statement."""
    facts = {
        "by": by.pk,
        "permission": permission,
        "lane": lane,
        "kind": kind,
        "ids": [number for number, _ in about],
        "owners": [owner for _, owner in about],
        "now": now,
    }
    return {row[0] for row in rows(_BEYOND, facts)}


def is_granted(by: Account, case_id: int, *, now: datetime) -> bool:
    """Say whether a case is granted to somebody now."""
    return bool(rows(_CASE, {"by": by.pk, "case": case_id, "now": now}))


def is_granted_appeal(by: Account, appeal_id: int, *, now: datetime) -> bool:
    """Say whether every case that an appeal is about is granted to somebody now."""
    return bool(rows(_APPEAL, {"by": by.pk, "appeal": appeal_id, "now": now}))


def _refuse(
    statement: str, by: Account, permission: str, *, now: datetime, unless: Callable[[], bool], **about: int
) -> None:
    ((somewhere, here),) = rows(statement, {"by": by.pk, "permission": permission, "now": now, **about})
    if (somewhere and here) or unless():
        return
    raise OutOfReach if somewhere else Missing(permission)
