"""What moderators do with a case beside deciding it: leave a note, take a decision back, have it looked at again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from moderation import casework, intake, notices, subjects, wording
from moderation.models import Case, CaseCopy, CaseEvent, Decision, Report
from moderation.operations import interest
from moderation.operations.claims import LEASE, checked_reason
from moderation.operations.decide import reverse
from moderation.operations.reviewers import require_reviewer
from upscrolled.core.errors import Conflict, Invalid, NotFound
from upscrolled.models import Account

NOTE_MAX: Final = 2_000


@transaction.atomic
def add_note(case_id: int, *, by: Account, text: str, now: datetime) -> None:
    """Leave a note that every moderator of the case reads; nobody changes it. Raises NotFound, Invalid.

    And ConflictOfInterest for who may not look at the case.
    """
    require_reviewer(by, case_id, now=now)
    text = checked_reason(text)
    if len(text) > NOTE_MAX:
        raise Invalid(f"Validation failed: Note has {len(text)} characters; at most {NOTE_MAX}")
    if not Case.objects.filter(pk=case_id).exists():
        raise NotFound
    interest.require_none(by, case_id)
    casework.note(case_id, "note", by_id=by.id, now=now, reason=text)


# Each sitting is a row: whoever loads the screen again within a lease still reads what they were reading.
_LOOKED: Final = """
INSERT INTO moderation_caseevent (case_id, at, kind, actor_id, reason)
SELECT c.id, %(now)s, 'looked at', %(by)s, %(what)s FROM unnest(%(cases)s::bigint[]) AS c (id)
WHERE NOT EXISTS (SELECT 1 FROM moderation_caseevent e
                  WHERE e.case_id = c.id AND e.kind = 'looked at' AND e.actor_id = %(by)s AND e.at > %(since)s)
"""


def looked_at(cases: Collection[int], *, by: Account, what: str, now: datetime) -> None:
    """Write down, with each of these cases, that a moderator was shown what not everybody may see, and what it was."""
    facts: dict[str, Any] = {
        "cases": sorted(cases),
        "by": by.id,
        "what": what,
        "now": now,
        "since": now - LEASE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED, facts)


@transaction.atomic
def undo(case_id: int, *, by: Account, now: datetime, reason: str | None = None) -> Case:
    """Take back what became of a case, its copies too, and have it looked at anew; return the new case.

    What one has closed oneself is for who decides, what others did for who may undo that. Decisions are reversed, and
    everybody concerned is told, with that reason, or else that it was looked at again, in
    their language; that it was found to keep to the rules counts no more. Reporters hear of the outcome again. Raises
    NotFound, Conflict if nothing of it stands any more, ConflictOfInterest, and what taking a decision back raises.
    """
    reason = None if reason is None else checked_reason(reason)
    case = _case(case_id, by, "decide" if _closed_by(case_id) == by.pk else "undo", now)
    standing = Decision.objects.filter(case=case, reverses=None, reversed_by=None).order_by("id")
    if case.outcome != Report.Outcome.REFUSED and not standing:
        raise Conflict("Nothing that was decided in this case stands any more")
    for decision in standing.select_related("statement"):
        facts, explanation = wording.of(decision.statement.language).TAKEN_BACK
        reverse(decision.pk, by=by, facts=facts, explanation=reason or explanation, now=now)
    case.outcome = "undone"
    case.save(update_fields=["outcome"])
    return look_again(case, "undone", source=case.source, by=by, now=now, reason=reason)


@transaction.atomic
def reopen(case_id: int, *, by: Account, now: datetime) -> Case:
    """Have what a case was about looked at again, and return the case for it; what was decided stands until then.

    One that waits is returned as it is. Raises NotFound for a case or a subject that is not there, ConflictOfInterest.
    """
    case = _case(case_id, by, "undo", now)
    if case.state != "decided":
        return case
    return look_again(case, "reopened", source=case.source, by=by, now=now)


def _closed_by(case_id: int) -> int | None:
    """Return who closed a case last."""
    closed = CaseEvent.objects.filter(case_id=case_id, kind__in=("decided", "dismissed"))
    return closed.order_by("-id").values_list("actor_id", flat=True).first()


def _case(case_id: int, by: Account, permission: str, now: datetime) -> Case:
    require_reviewer(by, case_id, permission, now=now)
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise NotFound
    interest.require_none(by, case.pk)
    return case


def look_again(
    case: Case, step: str, *, source: str, by: Account, now: datetime, reason: str | None = None
) -> Case:
    """Open the case that looks at a decided one again; who reported it waits for the outcome of that one."""
    anew = _look_anew(case, source=source, now=now)
    why = f"case {anew.pk}: {reason}" if reason else f"case {anew.pk}"
    casework.note(case.pk, step, by_id=by.id, now=now, reason=why)
    with connection.cursor() as cursor:
        cursor.execute(_WAIT_ANEW, {"old": case.pk, "new": anew.pk, **intake.whose(case)})
    casework.place(anew, now=now)
    return anew


def _look_anew(case: Case, *, source: str, now: datetime) -> Case:
    """Open a case for what the earlier one was about; its copies join that. An order's is about one alone."""
    facts: dict[str, Any] = {"policy": case.policy, "lane": case.lane, "source": source, "now": now}
    anew, _ = casework.open_or_join(
        subjects.load(casework.subject_of(case)), apart=source == "order", **facts
    )
    copies = CaseCopy.objects.filter(case=case).order_by("id").values_list("subject_id", flat=True)
    for about in subjects.load_all(case.subject_kind, list(copies)).values():
        casework.open_or_join(about, **facts)
    return anew


# Who reported it waits for the outcome of the new case, and is told of that one.
_WAIT_ANEW: Final = f"""
WITH untold AS (
  UPDATE moderation_report r SET cases = array_append(cases, %(new)s::bigint), outcome = '', decided_at = NULL,
    outcome_told_at = NULL
  WHERE %(old)s::bigint = ANY(cases) AND NOT %(new)s::bigint = ANY(cases)
    AND (target_id = ANY(%(accounts)s::bigint[]) OR (%(nobodys)s AND target_id IS NULL))
  RETURNING r.id
), {notices.TELL_NOTIFIERS_AGAIN}
SELECT id FROM untold
"""
