"""Appeals: filed by whom it concerns, decided by somebody who had no hand in it; overturning restores everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, transaction
from django.db.models import Q

from moderation import acts, casework, figures, tasks, wording
from moderation.models import Appeal, AppealEvent, Case, Decision, Report, Statement
from moderation.models.appeal import TEXT_MAX
from moderation.operations import handling, interest
from moderation.operations.claims import LEASE, LostClaim, Taken, checked_reason
from moderation.operations.decide import reverse
from moderation.operations.reviewers import require_appeal_reviewer
from moderation.queries import standing
from moderation.statements import Length
from moderation.states import APPEAL, advance
from upscrolled import acting
from upscrolled.core.errors import Conflict, Invalid, NotAllowed, NotFound
from upscrolled.models import Account
from upscrolled.queries import staff

WITHIN: Final = timedelta(days=184)
ANSWERED_WITHIN: Final = timedelta(days=7)
ANSWER_LEAST: Final = 20


class SamePerson(NotAllowed):
    """The moderator had a hand in what is appealed."""

    safe = "An appeal is decided by another person than any who had a hand in it"


@dataclass(frozen=True, slots=True)
class AppealClaim:
    """A lease on an appeal."""

    appeal_id: int
    version: int


@transaction.atomic
def appeal_decision(statement_id: int, *, by: Account, text: str, now: datetime) -> Appeal:
    """Appeal against a decision about oneself, within six months; suspended accounts may.

    Raises NotFound, Invalid for no text or too long a one, Conflict when it is too late or was done before.
    """
    text = _checked(text)
    statement = standing.unsealed().filter(pk=statement_id, account_id=by.id).first()
    if statement is None:
        raise NotFound
    decision = Decision.objects.get(statement=statement)
    if decision.action == "restore":
        raise Conflict("This took a decision back; there is nothing to appeal against")
    if now > statement.created_at + WITHIN:
        raise Conflict(f"An appeal is possible within {WITHIN.days} days")
    if Appeal.objects.filter(decision=decision, account=by).exists():
        raise Conflict("You have appealed against this decision before")
    return _filed(Appeal(decision=decision, account=by, text=text), now)


@transaction.atomic
def appeal_refusal(report_id: int, *, by: Account, text: str, now: datetime) -> Appeal:
    """Ask for a second look at a report of one's own that was refused. Raises NotFound, Invalid, Conflict."""
    report = Report.objects.filter(pk=report_id, reporter=by).first()
    if report is None:
        raise NotFound
    return _second_look(report, by, text, now)


def _second_look(report: Report, by: Account | None, text: str, now: datetime) -> Appeal:
    text = _checked(text)
    if report.outcome != Report.Outcome.REFUSED or report.decided_at is None:
        raise Conflict("Only a report that was refused can be appealed")
    if now > report.decided_at + WITHIN:
        raise Conflict(f"An appeal is possible within {WITHIN.days} days")
    if Appeal.objects.filter(report=report, account=by).exists():
        raise Conflict("You have asked for a second look before")
    return _filed(Appeal(report=report, account=by, text=text), now)


def _filed(appeal: Appeal, now: datetime) -> Appeal:
    appeal.filed_at, appeal.deadline = now, now + ANSWERED_WITHIN
    if appeal.account_id is not None:
        acting.as_owner(appeal.account_id)  # signed in, or by the link that only they were sent
    appeal.save(force_insert=True)
    _note(appeal, "filed", by_id=appeal.account_id, now=now)
    return appeal


@transaction.atomic
def appeal_notice(report_id: int, *, text: str, now: datetime) -> Appeal:
    """Ask for a second look at a refused notice, or report, by its link. Raises NotFound, Invalid, Conflict."""
    report = (
        Report.objects.filter(Q(notice__isnull=False) | Q(reporter__isnull=False), pk=report_id)
        .select_related("reporter")
        .first()
    )
    if report is None:
        raise NotFound
    return _second_look(report, report.reporter, text, now)


@transaction.atomic
def claim_appeal(appeal_id: int, *, by: Account, now: datetime) -> AppealClaim:
    """Claim an appeal. Raises NotFound, LostClaim if somebody else holds it, SamePerson for who had a hand in it.

    And ConflictOfInterest for who has to do with whoever appeals, or with whom they reported; NotAllowed for who
    neither answers appeals there nor was granted what it is about.
    """
    require_appeal_reviewer(by, appeal_id, now=now)
    appeal = Appeal.objects.select_for_update().filter(pk=appeal_id).first()
    if appeal is None:
        raise NotFound
    interest.require_none_with(by, appeal.account_id)
    for case_id in cases_of(appeal):  # whoever reported it, or has to do with whom they reported
        interest.require_none(by, case_id)
    held = appeal.state == "claimed" and appeal.claimed_until is not None and appeal.claimed_until > now
    if held and appeal.claimed_by_id != by.id:
        raise Taken("Somebody else looks at this appeal")
    if appeal.state == "claimed" and not held and appeal.claimed_by is not None:
        _note(appeal, "lease ended", by_id=None, now=now, reason=f"@{appeal.claimed_by.username}")
    appeal.state = advance(APPEAL, appeal.state, "claim")
    appeal.claimed_by, appeal.claimed_until = by, now + LEASE
    appeal.version += 1
    _save(appeal)
    _note(appeal, "claimed", by_id=by.pk, now=now)
    note_from_outside(appeal, "appeal claimed", by=by, now=now)
    return AppealClaim(appeal.pk, appeal.version)


@transaction.atomic
def release_appeal(held: AppealClaim, *, by: Account, reason: str, now: datetime) -> None:
    """Let an appeal go, with a reason: it waits for somebody else. Raises LostClaim, Invalid."""
    reason = checked_reason(reason)
    appeal = held_appeal(held, by, now)
    appeal.state = advance(APPEAL, appeal.state, "release")
    appeal.claimed_by = appeal.claimed_until = None
    _save(appeal)
    _note(appeal, "skipped", by_id=by.pk, now=now, reason=reason)


@transaction.atomic
def uphold(held: AppealClaim, *, by: Account, answer: str, now: datetime) -> None:
    """Let the decision stand, with an answer. Raises LostClaim, Invalid."""
    appeal = held_appeal(held, by, now)
    _answer(appeal, "uphold", answer, by=by, now=now)


@transaction.atomic
def overturn(held: AppealClaim, *, by: Account, answer: str, now: datetime) -> None:
    """Take the decision back, or have a refused report looked at again. Raises LostClaim, Invalid."""
    appeal = held_appeal(held, by, now)
    _answer(appeal, "overturn", answer, by=by, now=now)
    if appeal.decision is not None:
        reverse(
            appeal.decision.pk,
            by=by,
            facts=wording.of(appeal.decision.statement.language).TAKEN_BACK[0],
            explanation=answer,
            now=now,
            source=Statement.Source.APPEAL,
        )
        return
    assert appeal.report is not None
    for case in Case.objects.filter(pk__in=appeal.report.cases, state="decided").order_by("id"):
        handling.look_again(case, "reopened", source="appeal", by=by, now=now)


def _checked(text: str) -> str:
    text = text.strip()
    if not text or len(text) > TEXT_MAX:
        raise Invalid(f"Validation failed: Text has {len(text)} characters; it needs 1 to {TEXT_MAX}")
    return text


def held_appeal(held: AppealClaim, by: Account, now: datetime) -> Appeal:
    """Return the appeal that this very lease holds, locked. Raises LostClaim, and NotAllowed once a grant is over."""
    appeal = Appeal.objects.select_for_update().filter(pk=held.appeal_id).first()
    if (
        appeal is None
        or (appeal.state, appeal.version, appeal.claimed_by_id) != ("claimed", held.version, by.id)
        or appeal.claimed_until is None
        or appeal.claimed_until <= now
    ):
        raise LostClaim
    require_appeal_reviewer(by, appeal.pk, now=now)
    return appeal


def _answer(appeal: Appeal, step: str, answer: str, *, by: Account, now: datetime) -> None:
    answer = answer.strip()
    if not ANSWER_LEAST <= len(answer) <= TEXT_MAX:
        raise Length("answer", len(answer), ANSWER_LEAST, TEXT_MAX)
    appeal.state = advance(APPEAL, appeal.state, step)
    appeal.decided_by, appeal.decided_at, appeal.answer = by, now, answer
    appeal.claimed_by = appeal.claimed_until = None
    _save(appeal)
    _note(appeal, appeal.state, by_id=by.pk, now=now, reason=answer)
    note_from_outside(appeal, "appeal answered", by=by, now=now, reason=appeal.state)
    waited = figures.clock("appeal", opened=appeal.filed_at, deadline=appeal.deadline, now=now)
    about = "decision" if appeal.decision_id is not None else "report"
    acts.tell(
        "appeal",
        appeal.pk,
        now=now,
        outcome=appeal.state,
        about=about,
        took=waited.took,
        in_time=waited.in_time,
    )
    transaction.on_commit(lambda: tasks.tell_reporters.delay(), robust=True)


def _note(appeal: Appeal, kind: str, *, by_id: int | None, now: datetime, reason: str = "") -> None:
    AppealEvent.objects.create(appeal=appeal, at=now, kind=kind, actor_id=by_id, reason=reason)


def note_from_outside(appeal: Appeal, kind: str, *, by: Account, now: datetime, reason: str = "") -> None:
    """Write down what a reviewer from outside does with an appeal, in the history of each case that it is about."""
    if staff.standing(by.pk, now=now).is_staff:
        return
    for case_id in cases_of(appeal):
        why = f"appeal {appeal.pk}: {reason}" if reason else f"appeal {appeal.pk}"
        casework.note(case_id, kind, by_id=by.pk, now=now, reason=why)


def cases_of(appeal: Appeal) -> list[int]:
    """The cases that an appeal is about."""
    about = appeal.report.cases if appeal.report else [appeal.decision.case_id] if appeal.decision else []
    return [case_id for case_id in about if case_id is not None]


def _save(appeal: Appeal) -> None:
    """Save; the database knows who had a hand in it."""
    try:
        with transaction.atomic():
            appeal.save()
    except DatabaseError as error:
        if "another person" in str(error):
            raise SamePerson from None
        raise
