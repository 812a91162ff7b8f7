"""Reported messages become cases, and are read by whoever holds one: those that were reported, and nothing around them.

This is the one place of moderation that knows the room of messages. Their texts stay there, sealed; a case has their
numbers. Each reading is written down there, with the case as its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from messaging.operations import media as attached
from messaging.operations import report as confided
from moderation import casework, copies, notices, subjects
from moderation.grounds import POLICIES
from moderation.models import Case, CaseCopy, Report
from moderation.operations import appeals
from moderation.operations.appeals import AppealClaim
from moderation.operations.claims import Claim, held_case
from moderation.operations.report import REASON_OF
from moderation.operations.reviewers import require
from moderation.subjects import Loaded
from upscrolled import acting
from upscrolled.core.errors import NotFound
from upscrolled.media.shown import MediaFacts
from upscrolled.models import Account, Notification

AT_ONCE = 50


@transaction.atomic
def take_up(*, now: datetime, at_most: int = AT_ONCE) -> int:
    """Open or join a case for each report of messages that nobody has taken up; return how many.

    The messages of a report are one case: they are looked at and decided together, unless one is set apart. The
    reporter is told that it arrived.
    """
    taken = confided.hand_over(limit=at_most, now=now)
    for one in taken:
        numbers = sorted(each.message_id for each in one.messages.all())
        about = list(subjects.load_all("message", numbers).values())
        reason = REASON_OF[one.category]
        report = Report(
            reporter_id=one.reporter_id,
            target_id=one.target_id,
            rule_ids=one.rule_ids,
            category=one.category,
            comment=one.comment,
            created_at=one.created_at,
            reason=reason,
            received_told_at=now,
        )
        cases = _cases(about, reason, now=now)
        report.cases = sorted(case.pk for case in cases)
        acting.as_owner(one.reporter_id)  # who said it, to the room of messages
        report.save()
        for case in cases:
            casework.place(case, now=now)
        notices.tell(one.reporter_id, Notification.Kind.REPORT, subject_id=report.pk, now=now)
    return len(taken)


def _cases(about: Sequence[Loaded], reason: str, *, now: datetime) -> list[Case]:
    """The case that a message is in already, and one for all the others."""
    facts: dict[str, Any] = {
        "policy": reason,
        "lane": POLICIES[reason].lane,
        "source": "report",
        "now": now,
    }
    found: set[int] = set()
    lead: Case | None = None
    for one in about:
        if lead is None or copies.is_waiting(one.subject):
            case, is_new = casework.open_or_join(one, **facts)
            lead = case if is_new else lead
            found.add(case.pk)
        else:
            casework.join(lead.pk, one, **facts)
    return list(Case.objects.filter(pk__in=found).order_by("pk"))


def end_copies(message_ids: Sequence[int], *, now: datetime) -> int:
    """End what was kept of reported messages; return how many copies there were. Call it within a transaction."""
    return attached.end_evidence(message_ids, now=now)


@dataclass(frozen=True, slots=True)
class Letter:
    """A reported message with its media, as it stood when it was reported; `text` is None if its key is lost."""

    message_id: int
    written_at: datetime
    text: str | None
    media: tuple[MediaFacts, ...] = ()


@transaction.atomic
def read(held: Claim, *, by: Account, now: datetime) -> list[Letter]:
    """Let whoever holds a case read the messages that it is about, each once; that they did is kept, with the case.

    Raises Missing for who may not read them, LostClaim for who does not hold it, NotFound for a case about
    something else.
    """
    require(by, "messages", now=now)
    case = held_case(held, by, now)
    if case.subject_kind != "message":
        raise NotFound
    letters = _read(_messages_of([case]), by=by, because=f"case {case.pk}", now=now)
    return _noted(case, letters, by=by, now=now)


@transaction.atomic
def read_appealed(held: AppealClaim, *, by: Account, now: datetime) -> list[Letter]:
    """Let whoever holds an appeal read the messages that it is about; that they did is kept, as in a case.

    Raises LostClaim for who does not hold it, NotFound for an appeal about something else.
    """
    appeal = appeals.held_appeal(held, by, now)
    cases = list(Case.objects.filter(pk__in=appeals.cases_of(appeal), subject_kind="message").order_by("pk"))
    about = appeal.decision
    if not cases:
        raise NotFound
    numbers = [about.subject_id] if about and about.subject_kind == "message" else _messages_of(cases)
    letters = _read(numbers, by=by, because=f"appeal {appeal.pk}", now=now)
    for case in cases:
        _noted(case, letters, by=by, now=now)
    return letters


def _messages_of(cases: Sequence[Case]) -> list[int]:
    joined = CaseCopy.objects.filter(case__in=cases).values_list("subject_id", flat=True)
    return [*(case.subject_id for case in cases), *joined]


def _noted(case: Case, letters: list[Letter], *, by: Account, now: datetime) -> list[Letter]:
    count = len({one.message_id for one in letters})
    casework.note(case.pk, "read", by_id=by.id, now=now, reason=f"{count} messages")
    return letters


def _read(numbers: Sequence[int], *, by: Account, because: str, now: datetime) -> list[Letter]:
    letters = []
    for number in sorted(numbers):
        found = confided.read_evidence(number, reader=by, because=because, now=now)
        texts = {(each.written_at, each.text): each.attachments for each in found}
        letters += [Letter(number, at, text, media) for (at, text), media in texts.items()]
    return letters
