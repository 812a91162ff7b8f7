"""Close a case that one holds: decide it, or find that it keeps to the rules; take out what is no copy of the rest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.db import connection, transaction

from moderation import acts, casework, figures, intake, origins, subjects, tasks, wording
from moderation.models import Case, CaseBand, CaseCopy, Decision, LegalOrder, Report
from moderation.operations.apart import look_at_apart
from moderation.operations.claims import Claim, checked_reason, free, held_case
from moderation.operations.decide import Wish, decide, reverse
from moderation.operations.many import decide_some
from moderation.operations.reviewers import require_reviewer
from moderation.recording import Recorded
from moderation.states import CASE, advance
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.models import Account, Restriction


@transaction.atomic
def decide_case(held: Claim, wish: Wish, *, by: Account, now: datetime) -> Recorded:
    """Decide what a claimed case is about, and close it. Raises LostClaim and what `decide` raises.

    Near copies that joined the case are decided alike, each with a statement of its own to whose it is; `bulk` of the
    decisions joins them, and takes all of it back. A decision about the account, or as an authority orders, is about
    one alone: the others are then looked at in a case of their own.
    """
    case = held_case(held, by, now)
    require_reviewer(by, case.pk, "decide", now=now)
    if wish.subject not in (casework.subject_of(case), *_account_of(case)):
        raise Invalid("Validation failed: this case is about something else")
    others = list(CaseCopy.objects.filter(case=case).order_by("id"))
    order = origins.order_of(case)
    alike = others if wish.subject == casework.subject_of(case) and order is None else []
    wish = _as_ordered(case, order, wish)
    together = uuid4() if alike else None
    named = [subjects.Subject(copy.subject_kind, copy.subject_id) for copy in alike]
    subjects.alone(wish.subject, *named)
    clock = clock_of(case, now)
    recorded = decide(wish, by=by, now=now, case_id=case.pk, bulk=together, clock=clock)
    # What is refused was decided before, or is gone; of the sample is the first alone.
    if together is not None:
        clock = replace(clock, stands_for=None)
        decide_some(
            wish, wish.subject.kind, named, {}, by=by, now=now, bulk=together, case_id=case.pk, clock=clock
        )
    _end_holds(case, alike, now=now)
    _close(case, "decide", Report.Outcome.UPHELD, by=by, now=now, reason=wish.action)
    if not alike:
        account = wish.subject.id if wish.subject.kind == "account" else None
        look_at_apart(
            case, [copy for copy in others if account is None or copy.account_id != account], now=now
        )
    return recorded


@transaction.atomic
def hold_back(held: Claim, wish: Wish, *, by: Account, now: datetime) -> Recorded:
    """Hold back what a claimed case is about until somebody who decides has looked: nothing final, the case goes on.

    It waits again, for somebody else. Raises LostClaim and what `decide` raises, Invalid for anything but a hold.
    """
    case = held_case(held, by, now)
    if wish.action != "hold" or wish.subject != casework.subject_of(case):
        raise Invalid("Validation failed: only what this case is about can be held back")
    wish = replace(wish, reasons=origins.reasons_of(case, origins.order_of(case), wish.reasons))
    recorded = decide(wish, by=by, now=now, case_id=case.pk)
    case.second_opinion = True
    free(case)
    casework.note(
        case.pk, "second opinion", by_id=by.id, now=now, reason="held back until somebody has decided"
    )
    return recorded


@transaction.atomic
def answered(held: Claim, *, action: str, decided: Collection[int], by: Account, now: datetime) -> None:
    """Close a claimed case whose subject was decided about beside it, with many others. Raises LostClaim.

    Copies in it that are not among what was `decided` are looked at in a case of their own.
    """
    case = held_case(held, by, now)
    others = list(CaseCopy.objects.filter(case=case).order_by("id"))
    alike = [copy for copy in others if copy.subject_id in decided]
    _end_holds(case, alike, now=now)
    _close(case, "decide", Report.Outcome.UPHELD, by=by, now=now, reason=action)
    look_at_apart(case, [copy for copy in others if copy not in alike], now=now)


@transaction.atomic
def dismiss(held: Claim, *, by: Account, reason: str, now: datetime) -> None:
    """Close a claimed case: it keeps to the rules. What was held back is released. Raises LostClaim, Invalid."""
    reason = checked_reason(reason)
    case = held_case(held, by, now)
    require_reviewer(by, case.pk, "decide", now=now)
    numbers = [case.subject_id, *CaseCopy.objects.filter(case=case).values_list("subject_id", flat=True)]
    holds = Decision.objects.filter(
        subject_kind=case.subject_kind, subject_id__in=numbers, action="hold", reversed_by=None
    )
    for hold in holds.select_related("statement"):
        facts, explanation = wording.of(hold.statement.language).RELEASED
        reverse(hold.pk, by=by, facts=facts, explanation=explanation, now=now)
    waited = clock_of(case, now)
    acts.tell(
        "kept",
        case.pk,
        now=now,
        lane=waited.lane,
        policy=case.policy,
        source=case.source,
        took=waited.took,
        in_time=waited.in_time,
        **waited.sampled,
    )
    _close(case, "dismiss", Report.Outcome.REFUSED, by=by, now=now, reason=reason)


@transaction.atomic
def set_apart(held: Claim, copy: subjects.Subject, *, by: Account, reason: str, now: datetime) -> Case:
    """Take out of a claimed case what is no copy of the rest; it gets a case of its own. Raises LostClaim, NotFound."""
    reason = checked_reason(reason)
    case = held_case(held, by, now)
    found = CaseCopy.objects.filter(case=case, subject_kind=copy.kind, subject_id=copy.id).first()
    if found is None:
        raise NotFound
    (apart,) = look_at_apart(case, [found], now=now)
    casework.note(case.pk, "set apart", by_id=by.id, now=now, reason=f"case {apart.pk}: {reason}")
    return apart


def clock_of(case: Case, now: datetime) -> figures.Clock:
    """Return what the public log tells of how long a case waited."""
    return figures.clock(
        case.lane, opened=case.opened_at, deadline=case.deadline, now=now, chance=case.inclusion_probability
    )


def _as_ordered(case: Case, order: LegalOrder | None, wish: Wish) -> Wish:
    """The wish with the source of its case; and no further than an order reaches, if there is one."""
    wish = replace(wish, reasons=origins.reasons_of(case, order, wish.reasons))
    if order is None or not order.countries:
        return wish
    if beyond := sorted({code.upper() for code in wish.countries} - set(order.countries)):
        raise Invalid(
            f"Validation failed: the order does not reach {beyond[0]}; what our own policies say of the rest "
            "is a decision of its own"
        )
    return replace(wish, countries=wish.countries or order.countries)


def _account_of(case: Case) -> list[subjects.Subject]:
    """The account behind a case: it may be warned or suspended for a post."""
    return [subjects.Subject("account", case.account_id)] if case.account_id else []


def _close(case: Case, step: str, outcome: str, *, by: Account, now: datetime, reason: str) -> None:
    case.state, case.outcome, case.closed_at = advance(CASE, case.state, step), outcome, now
    case.claimed_by = case.claimed_until = None
    case.save(update_fields=["state", "outcome", "closed_at", "claimed_by", "claimed_until"])
    CaseBand.objects.filter(case=case).delete()
    casework.note(
        case.pk, "decided" if step == "decide" else "dismissed", by_id=by.id, now=now, reason=reason
    )
    facts = {"case": case.pk, "now": now, **intake.whose(case)}
    with connection.cursor() as cursor:
        cursor.execute(_ONE_BY_ONE, facts)
        cursor.execute(_OUTCOMES, facts)
    transaction.on_commit(lambda: tasks.tell_reporters.delay(), robust=True)


def _end_holds(case: Case, copies: Sequence[CaseCopy], *, now: datetime) -> None:
    """A hold waits for a person, and here is one."""
    numbers = [case.subject_id, *(copy.subject_id for copy in copies)]
    holds = Restriction.objects.filter(subject_kind=case.subject_kind, subject_id__in=numbers, kind="hold")
    holds.filter(ends_at__gt=now).update(ends_at=now)


_WAITING: Final = """%(case)s = ANY(r.cases) AND r.outcome = ''
  AND (r.target_id = ANY(%(accounts)s::bigint[]) OR (%(nobodys)s AND r.target_id IS NULL))"""
# Of two who close the last two cases of a report at the same moment, the second sees that the first is closed: else
# each would wait for the other, and the reporter for both.
_ONE_BY_ONE: Final = f"SELECT 1 FROM moderation_report r WHERE {_WAITING} ORDER BY r.id FOR NO KEY UPDATE"
# A report has its outcome when all that it names is decided: upheld if any of it was.
_OUTCOMES: Final = f"""
UPDATE moderation_report r SET decided_at = %(now)s, outcome = CASE WHEN EXISTS (
    SELECT 1 FROM moderation_case c WHERE c.id = ANY(r.cases) AND c.outcome = 'upheld') THEN 'upheld' ELSE 'refused' END
WHERE {_WAITING} AND NOT EXISTS (SELECT 1 FROM moderation_case c WHERE c.id = ANY(r.cases) AND c.state <> 'decided')
"""
