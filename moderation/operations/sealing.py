"""Sealed decisions: the notice waits, on an enumerated legal basis, by two people, and the log says so at once.

What is sealed is the statement and its delivery for the cases that law names; the decision itself stands in the public
log as every other. At the end the notice is delivered by the clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, connection, transaction

from moderation import acts, casework, tasks
from moderation.models import SEAL_BASES, Case, SealStep
from moderation.operations.reviewers import require, require_reviewer
from upscrolled.core.errors import Conflict, Invalid, NotAllowed, NotFound
from upscrolled.models import Account

AT_ONCE: Final = timedelta(hours=24)
LONGEST: Final = timedelta(days=84)
DARK: Final = ("child_abuse", "terror")


class NotYours(NotAllowed):
    """The second approval is by the same person, or a renewal by one who approved before."""

    safe = "A seal is approved by two people, and renewed by two others"


@transaction.atomic
def seal_at_hit(case_id: int, *, bank: str, now: datetime) -> SealStep:
    """Seal a case for a day because its subject is in a bank of child abuse or terror. Raises NotFound, Conflict."""
    case = _case(case_id)
    if case.policy not in DARK:
        raise Conflict("Only a hit in a bank of child abuse or terror seals by itself")
    step = _write(SealStep(case=case, basis="bank_hit", reference=bank, until=now + AT_ONCE, at=now))
    _tell(step, now=now)
    return step


@transaction.atomic
def propose(
    case_id: int, *, basis: str, reference: str, until: datetime, by: Account, now: datetime
) -> SealStep:
    """Propose to keep the statements of a case sealed; nothing is, before another person confirms it.

    `reference` names the paper that asks for it. Raises NotFound, NotAllowed, Invalid.
    """
    require_reviewer(by, case_id, "seal", now=now)
    bases = SEAL_BASES[1:]
    if basis not in bases:
        raise Invalid(f"Validation failed: Basis must be one of {', '.join(bases)}")
    if not 3 <= len(reference.strip()) <= 200:
        raise Invalid(
            f"Validation failed: Reference has {len(reference.strip())} characters; it needs 3 to 200"
        )
    if not now < until <= now + LONGEST:
        raise Invalid(f"Validation failed: a seal lasts {LONGEST.days} days at the most")
    step = SealStep(case=_case(case_id), basis=basis, reference=reference.strip(), until=until, by=by, at=now)
    _write(step)
    casework.note(case_id, "seal proposed", by_id=by.id, now=now, reason=basis)
    return step


@transaction.atomic
def confirm(step_id: int, *, by: Account, now: datetime) -> SealStep:
    """Confirm a proposal: from now on the statements of its case are sealed. Raises NotFound, NotYours, Conflict."""
    require(by, "seal", now=now)
    proposed = SealStep.objects.filter(pk=step_id, confirms=None, by__isnull=False).first()
    if proposed is None:
        raise NotFound
    require_reviewer(by, proposed.case_id, "seal", now=now)
    # Steps are rows that only come, which web and workers may not even lock; what two would confirm is of one case.
    Case.objects.select_for_update().get(pk=proposed.case_id)
    if SealStep.objects.filter(confirms=proposed).exists():
        raise Conflict("This was confirmed before")
    step = SealStep(
        case_id=proposed.case_id,
        basis=proposed.basis,
        reference=proposed.reference,
        until=proposed.until,
        by=by,
        confirms=proposed,
        at=now,
    )
    _write(step)
    casework.note(proposed.case_id, "sealed", by_id=by.id, now=now, reason=proposed.basis)
    _tell(step, now=now)
    return step


def _write(step: SealStep) -> SealStep:
    """Save; the database knows who approved before and what may last how long."""
    try:
        with transaction.atomic():
            step.save()
    except DatabaseError as error:
        if "two people" in str(error):
            raise NotYours from None
        if "seal refused" in str(error):
            raise Conflict(str(error).partition("\n")[0].capitalize()) from None
        raise
    return step


def _tell(step: SealStep, *, now: datetime) -> None:
    """The log tells of a seal at once: on which basis and for how many days, and of nothing else."""
    days = max(1, round((step.until - step.at) / timedelta(days=1)))
    renewal = _renews(step)
    acts.tell("sealed", step.pk, now=now, basis=step.basis, days=days, renewal=renewal)
    transaction.on_commit(lambda: tasks.publish_log.delay(), robust=True)


def _renews(step: SealStep) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (SELECT 1 FROM moderation_sealstep s WHERE s.case_id = %(case)s AND s.id < %(step)s
                 AND (s.basis = 'bank_hit' OR s.confirms_id IS NOT NULL))""",
            {"case": step.case_id, "step": step.pk},
        )
        row = cursor.fetchone()
    assert row is not None
    return bool(row[0])


def _case(case_id: int) -> Case:
    case = Case.objects.filter(pk=case_id).first()
    if case is None:
        raise NotFound
    return case
