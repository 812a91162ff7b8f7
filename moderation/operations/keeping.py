"""Holds of law on cases: their evidence and statements stay until a day, and then go their way."""

from __future__ import annotations

from datetime import datetime

from moderation import casework
from moderation.clocks import HELD_AT_MOST, HOLDS
from moderation.models import Case, CaseHold
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.models import Account


def hold(
    case_id: int, *, kind: str, because: str, by: Account | None, now: datetime, until: datetime | None = None
) -> CaseHold:
    """Keep what a case has. The clock is that of the kind, or `until`. Raises NotFound, Invalid."""
    if kind not in HOLDS:
        raise Invalid(f"Validation failed: Kind must be one of {', '.join(HOLDS)}")
    if len(because.strip()) < 3:
        raise Invalid("A hold needs a reason: whose order, and its number")
    within = HOLDS[kind]
    until = until or (now + within if within else None)
    if until is None or until <= now:
        raise Invalid("A hold needs an end, later than now")
    longest = within or HELD_AT_MOST
    if until > now + longest:
        raise Invalid(
            f"A hold of kind {kind} lasts {longest.days} days at the most; place another when it is over"
        )
    if not Case.objects.filter(pk=case_id).exists():
        raise NotFound
    placed = CaseHold.objects.create(
        case_id=case_id, kind=kind, because=because.strip(), placed_by=by, placed_at=now, until=until
    )
    casework.note(case_id, "held", by_id=by.id if by else None, now=now, reason=because.strip())
    return placed


def release(hold_id: int, *, by: Account | None, now: datetime) -> None:
    """End a hold before its day. Raises NotFound."""
    held = CaseHold.objects.filter(pk=hold_id, released_at=None).first()
    if held is None:
        raise NotFound
    CaseHold.objects.filter(pk=held.pk).update(released_at=now)
    casework.note(held.case_id, "hold released", by_id=by.id if by else None, now=now)
