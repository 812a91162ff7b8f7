"""Cases that no report opens: what a moderator came across. Whatever is decided has one, so that an appeal has too."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from moderation import casework, subjects
from moderation.grounds import POLICIES
from moderation.operations import claims
from moderation.operations.claims import LEASE, Claim, checked_reason
from moderation.operations.reviewers import require
from moderation.states import CASE, advance
from moderation.subjects import Loaded, Subject
from upscrolled.core.errors import Invalid
from upscrolled.models import Account
from upscrolled.queries.rows import rows


@transaction.atomic
def open_case(about: Subject, *, policy: str, because: str, by: Account, now: datetime) -> Claim:
    """Open a case about something that nobody reported, or join the one that is open, and claim it.

    Raises NotFound, Invalid for an unknown policy or no reason, and what claiming raises.
    """
    require(by, "sort", now=now)
    if policy not in POLICIES:
        raise Invalid(f"Validation failed: Reason must be one of {', '.join(POLICIES)}")
    because = checked_reason(because)
    case, is_new = casework.open_or_join(
        subjects.load(about), policy=policy, lane=POLICIES[policy].lane, source="own", now=now
    )
    if is_new:
        casework.place(case, now=now)
    casework.note(case.pk, "came across", by_id=by.pk, now=now, reason=because)
    return claims.claim(case.pk, by=by, now=now)


_OPEN: Final = f"WITH {casework.OPENED} SELECT subject_id, id FROM opened WHERE is_new"
_TAKE: Final = """
WITH taken AS (
  UPDATE moderation_case SET state = %(state)s, claimed_by_id = %(by)s, claimed_until = %(until)s, version = version + 1
  WHERE id = ANY(%(cases)s::bigint[]) RETURNING id
)
INSERT INTO moderation_caseevent (case_id, at, kind, actor_id, reason)
SELECT taken.id, %(now)s, step.kind, %(by)s, step.reason
FROM taken CROSS JOIN (VALUES ('came across', %(because)s::text), ('claimed', '')) AS step (kind, reason)
"""
_CLOSE: Final = """
WITH closed AS (
  UPDATE moderation_case SET state = %(state)s, outcome = 'upheld', closed_at = %(now)s, claimed_by_id = NULL,
    claimed_until = NULL
  WHERE id = ANY(%(cases)s::bigint[]) RETURNING id, subject_kind, subject_id
), unbanded AS (DELETE FROM moderation_caseband WHERE case_id = ANY(%(cases)s::bigint[])
), seen AS (
  UPDATE upscrolled_restriction r SET ends_at = %(now)s FROM closed c
  WHERE (r.subject_kind, r.subject_id) = (c.subject_kind, c.subject_id) AND r.kind = 'hold' AND r.ends_at > %(now)s
    AND r.starts_at < %(now)s
)
INSERT INTO moderation_caseevent (case_id, at, kind, actor_id, reason)
SELECT id, %(now)s, 'decided', %(by)s, %(action)s FROM closed
"""


def open_together(
    about: Sequence[Loaded], *, policy: str, because: str, by: Account, now: datetime
) -> dict[Subject, int]:
    """Open a case about each of these, all of one kind, and claim it; return their numbers.

    Who waits in a case by now is left out. Call it within a transaction.
    """
    facts = casework.opening(about, policy=policy, lane=POLICIES[policy].lane, source="own", now=now)
    kind = about[0].subject.kind
    opened = {Subject(kind, subject): case for subject, case in rows(_OPEN, facts)}
    taken: dict[str, Any] = {
        "cases": [*opened.values()],
        "state": advance(CASE, "open", "claim"),
        "by": by.pk,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, taken | {"until": now + LEASE, "because": because})
    return opened


def close_together(case_ids: Collection[int], *, action: str, by: Account, now: datetime) -> None:
    """Close cases that `open_together` opened: what they are about was decided. Holds that waited for a person end."""
    facts: dict[str, Any] = {
        "cases": sorted(case_ids),
        "state": advance(CASE, "claimed", "decide"),
        "by": by.pk,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, facts | {"action": action})
