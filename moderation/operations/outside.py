"""Grant a single case to somebody from outside, and take it back. Whatever they do with it stands in its history."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from moderation import casework
from moderation.models import Appeal, Case, ReviewGrant, ReviewGrantEnd
from moderation.models.outside import GRANTED_AT_MOST
from moderation.operations import appeals, claims, interest
from moderation.operations.interest import ConflictOfInterest
from moderation.operations.reviewers import (
    is_granted,
    require,
    require_appeal_reviewer,
    require_reviewer,
)
from upscrolled.core.errors import Conflict, Invalid, NotFound
from upscrolled.models import Account
from upscrolled.queries import staff


@transaction.atomic
def grant(case_id: int, *, to: Account, days: int, because: str, by: Account, now: datetime) -> ReviewGrant:
    """Let somebody without a role look at a case, and decide it and appeals about it, for so many days.

    Who has to do with whom the case is about may grant it, since nobody else may be there to decide it; but nobody
    chooses who judges themselves. Raises NotFound, Invalid, Conflict if it is granted to them already, and
    ConflictOfInterest.
    """
    require_reviewer(by, case_id, "grant", now=now)
    because = claims.checked_reason(because)
    if not 1 <= days <= GRANTED_AT_MOST.days:
        raise Invalid(f"Validation failed: {days} days; a case is granted for 1 to {GRANTED_AT_MOST.days}")
    if not to.is_active or staff.standing(to.pk, now=now).is_staff:
        raise Invalid("Validation failed: a case is granted to an open account without a role of its own")
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise NotFound
    if case.lane == "dark" or case.subject_kind == "message":
        raise Invalid(
            "Validation failed: private messages, abuse of children and terror are for moderators alone"
        )
    concerned = {case.account_id, *case.copies.values_list("account_id", flat=True)}
    if by.pk in concerned:
        raise ConflictOfInterest("Nobody chooses who decides about themselves")
    interest.require_none(to, case.pk)
    if is_granted(to, case.pk, now=now):
        raise Conflict(f"This case is granted to @{to.username} already")
    until = now + timedelta(days=days)
    made = ReviewGrant.objects.create(case=case, to=to, by=by, because=because, created_at=now, until=until)
    why = f"to @{to.username} until {until:%Y-%m-%d %H:%M} UTC: {because}"
    casework.note(case.pk, "granted", by_id=by.pk, now=now, reason=why)
    return made


@transaction.atomic
def take_back(grant_id: int, *, because: str, by: Account, now: datetime) -> Case:
    """End a grant before its time, and return its case; if they hold it, it goes back to the queue.

    Raises NotFound, Conflict for one that is over, Invalid without a reason.
    """
    require(by, "grant", now=now)
    because = claims.checked_reason(because)
    ended = ReviewGrant.objects.filter(pk=grant_id).first()
    if ended is None:
        raise NotFound
    case = Case.objects.select_for_update().get(pk=ended.case_id)
    if ended.until <= now or ReviewGrantEnd.objects.filter(grant=ended).exists():
        raise Conflict("This grant is over")
    ReviewGrantEnd.objects.create(grant=ended, by=by, because=because, at=now)
    if case.state == "claimed" and case.claimed_by_id == ended.to_id:
        claims.free(case)
    casework.note(case.pk, "grant ended", by_id=by.pk, now=now, reason=because)
    return case


@transaction.atomic
def look(case_id: int, *, by: Account, now: datetime) -> None:
    """Write down that somebody from outside looks at a case. Raises NotAllowed for one that is not granted to them."""
    require_reviewer(by, case_id, now=now)
    casework.note(case_id, "looked at", by_id=by.pk, now=now)


@transaction.atomic
def look_at_appeal(appeal_id: int, *, by: Account, now: datetime) -> None:
    """Write down, with each case that an appeal is about, that somebody from outside looks at it. Raises NotAllowed."""
    require_appeal_reviewer(by, appeal_id, now=now)
    appeal = Appeal.objects.select_related("report", "decision").get(pk=appeal_id)
    appeals.note_from_outside(appeal, "looked at", by=by, now=now)
