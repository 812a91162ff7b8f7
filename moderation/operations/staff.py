"""What Mastodon's admin API asks for, as what is done here: every restriction with its reasons, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from moderation import casework, wording
from moderation.models import Case, Report
from moderation.operations import cases, claims, handling, interest, own
from moderation.operations.decide import Wish, reverse
from moderation.operations.reviewers import require
from moderation.statements import Reasons
from moderation.subjects import Subject
from upscrolled.core.errors import Conflict, Invalid, NotAllowed, NotFound
from upscrolled.models import Account, Restriction

# Mastodon's words, and what is decided for each.
ACTIONS: Final = {
    "none": "warn",
    "sensitive": "sensitive",
    "silence": "account_limited",
    "suspend": "account_suspended",
}


class InThePanel(NotAllowed):
    """The lane of abuse and terror."""

    safe = "This is looked at in the panel alone, with a second factor"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a moderator's app wants done about an account; `report_id` is the report it answers, if any."""

    account_id: int
    kind: str
    policy: str
    facts: str
    explanation: str
    report_id: int | None = None


@transaction.atomic
def act(asked: Asked, *, by: Account, now: datetime) -> None:
    """Decide about an account, or about the posts of a report, and close the cases that this answers.

    What no report named is a case of the moderator's own then, so that an appeal against it has one too. Raises Invalid
    for what has no reasons or no counterpart here, and what claiming and deciding raise.
    """
    action = ACTIONS.get(asked.kind)
    if action is None:
        raise Invalid(
            f"Validation failed: Type {asked.kind[:20]!r} is not done here; it is one of {', '.join(ACTIONS)}"
        )
    reasons = Reasons(asked.facts, asked.explanation, source="own_initiative")
    account = Subject("account", asked.account_id)
    if asked.report_id is None:
        if action == "sensitive":
            raise Invalid(
                "Validation failed: Report can't be blank; posts are covered one by one, never an account"
            )
        interest.require_none_with(by, asked.account_id)
        held = own.open_case(account, policy=asked.policy, because="asked for by an app", by=by, now=now)
        if Case.objects.get(pk=held.case_id).lane == "dark":
            raise InThePanel
        cases.decide_case(held, Wish(account, action, asked.policy, reasons), by=by, now=now)
        return
    reasons = Reasons(asked.facts, asked.explanation)
    report = _report(asked.report_id)
    if report.target_id != asked.account_id:
        raise Invalid("Validation failed: the report is about somebody else")
    waiting = [
        case for case in _cases(report) if action != "sensitive" or case.subject_kind in ("post", "media")
    ]
    if not waiting:
        raise Conflict("No case of this report waits any more")
    policy = asked.policy or report.reason
    for case in waiting if action == "sensitive" else waiting[:1]:
        held = claims.claim(case.pk, by=by, now=now)
        subject = casework.subject_of(case) if action == "sensitive" else account
        cases.decide_case(held, Wish(subject, action, policy, reasons), by=by, now=now)


@transaction.atomic
def lift(account_id: int, kind: str, *, by: Account, now: datetime) -> None:
    """Take back every decision by which that kind of restriction is in force on an account. Raises Conflict if none."""
    interest.require_none_with(by, account_id)
    account = Account.objects.filter(pk=account_id).first()
    running = Restriction.objects.filter(
        subject_kind="account", subject_id=account_id, kind=kind, starts_at__lte=now
    )
    numbers = list(running.exclude(ends_at__lte=now).values_list("decision_id", flat=True))
    if not numbers:
        raise Conflict("Nothing of that kind is in force")
    facts, explanation = wording.of(account.locale if account else "en").TAKEN_BACK
    for number in numbers:
        reverse(number, by=by, facts=facts, explanation=explanation, now=now, source="own_initiative")


@transaction.atomic
def assign(report_id: int, *, by: Account, now: datetime) -> None:
    """Claim every case of a report that waits. Raises NotFound, Conflict, and what claiming raises."""
    waiting = _cases(_report(report_id))
    if not waiting:
        raise Conflict("No case of this report waits any more")
    for case in waiting:
        claims.claim(case.pk, by=by, now=now)


@transaction.atomic
def unassign(report_id: int, *, by: Account, now: datetime) -> None:
    """Let the cases of a report go that one holds; without any, nothing changes."""
    for case in _cases(_report(report_id)):
        if case.claimed_by_id == by.pk:
            claims.release(claims.Claim(case.pk, case.version), by=by, reason="handed back", now=now)


@transaction.atomic
def resolve(report_id: int, *, by: Account, now: datetime) -> None:
    """Close a report without a decision: what it names keeps to the rules, and the reporter is told so."""
    waiting = _cases(_report(report_id))
    if not waiting:
        raise Conflict("No case of this report waits any more")
    for case in waiting:
        held = claims.claim(case.pk, by=by, now=now)
        cases.dismiss(held, by=by, reason="keeps to the rules", now=now)


@transaction.atomic
def sort(
    report_id: int, *, category: str, rule_ids: Sequence[str] | None, by: Account, now: datetime
) -> None:
    """Say what kind a report is; what it says and who said it stays. Raises NotFound, NotAllowed, Invalid."""
    require(by, "sort", now=now)
    report = _report(report_id)
    interest.require_none_with(by, report.target_id)
    if category and category not in Report.Category.values:
        raise Invalid(f"Validation failed: Category must be one of {', '.join(Report.Category.values)}")
    report.category = category or report.category
    report.rule_ids = list(rule_ids) if rule_ids is not None else report.rule_ids
    report.save(update_fields=["category", "rule_ids"])


@transaction.atomic
def reopen(report_id: int, *, by: Account, now: datetime) -> None:
    """Have what a report names looked at again: new cases, since a decided one stays decided."""
    report = _report(report_id)
    for case_id in report.cases:
        handling.reopen(case_id, by=by, now=now)


def _report(report_id: int) -> Report:
    found = Report.objects.filter(pk=report_id, target__isnull=False).first()
    if found is None:
        raise NotFound
    return found


def _cases(report: Report) -> list[Case]:
    """The unfinished cases of what a report names, also those opened after its own were decided.

    Raises NotAllowed for the lane of abuse and terror: it opens with a second factor of the moment, in the panel alone.
    """
    named = Case.objects.filter(pk__in=report.cases)
    pairs = {(case.subject_kind, case.subject_id) for case in named}
    found = Case.objects.filter(account_id=report.target_id or 0).exclude(state="decided").order_by("id")
    waiting = [case for case in found if (case.subject_kind, case.subject_id) in pairs]
    if any(case.lane == "dark" for case in waiting):
        raise InThePanel
    return waiting
