"""Work on cases: take the next, keep it, let it go, decide it. A case is one person's for a while, or nobody's."""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from django.db import connection, transaction

from moderation import acts, casework, figures, intake, origins, queue, subjects, tasks, triage, wording
from moderation.models import Case, CaseBand, CaseCopy, Decision, LegalOrder, Report
from moderation.operations import interest
from moderation.operations.apart import look_at_apart
from moderation.operations.decide import Wish, decide, reverse
from moderation.operations.interest import INTERESTED
from moderation.operations.many import decide_some
from moderation.recording import Recorded
from moderation.states import CASE, advance
from upscrolled.core.errors import Conflict, Invalid, NotAllowed, NotFound
from upscrolled.models import Account, Restriction

LEASE: Final = timedelta(minutes=10)
REASON_LEAST: Final = 3
SAMPLE_SHARE: Final = 0.07  # of the cases that are taken from the queue
# Parts of the queue by their places: lanes of law, the sample, all of it.
_LAW: Final = (-math.inf, triage.start_of("ordinary"))
_SAMPLE: Final = (triage.start_of("sample"), math.inf)
_ALL: Final = (-math.inf, math.inf)


class LostClaim(Conflict):
    """The lease ran out, or somebody else holds the case by now."""

    safe = "This case is not yours any more; take it again"


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease on a case; `version` is what makes it this lease and no later one."""

    case_id: int
    version: int


# Whoever let it go before: a second opinion is somebody else's.
LET_GO: Final = """EXISTS (SELECT 1 FROM moderation_caseevent e
  WHERE e.case_id = c.id AND e.actor_id = %(by)s AND e.kind IN ('skipped', 'second opinion'))"""
_FIRST: Final = f"""
SELECT c.id FROM moderation_case c
WHERE c.state = 'open' AND NOT {INTERESTED} AND NOT {LET_GO}
  AND (%(dark)s OR c.lane <> 'dark') AND c.id <> %(besides)s
  AND c.place >= %(low)s::float8 AND c.place < %(high)s::float8
ORDER BY c.place, c.id"""
_NEXT: Final = f"""
WITH next AS ({_FIRST} LIMIT 1 FOR UPDATE OF c SKIP LOCKED)
UPDATE moderation_case c SET state = 'claimed', claimed_by_id = %(by)s, claimed_until = %(until)s,
  version = c.version + 1
FROM next WHERE c.id = next.id RETURNING c.id, c.version
"""


@transaction.atomic
def next_case(*, by: Account, now: datetime, dark: bool = False) -> Claim | None:
    """Claim the first case of the queue that is for this moderator; None when there is none.

    Now and then it is one of the sample of what nobody reported, before what is reported but after the lanes of law:
    else an overload would never let anybody look at it. `dark` lets in the lane of child abuse and terror, for which
    a second factor was just asked.
    """
    require_moderator(by)
    queue.free_leases(now=now)
    parts = [_LAW, _SAMPLE, _ALL] if random.random() < SAMPLE_SHARE else [_ALL]
    for low, high in parts:
        facts = {"by": by.id, "until": now + LEASE, "dark": dark, "besides": 0, "low": low, "high": high}
        if rows := _rows(_NEXT, facts):
            casework.note(rows[0][0], "claimed", by_id=by.id, now=now)
            return Claim(*rows[0])
    return None


def upcoming(*, by: Account, besides: int = 0, dark: bool = False) -> int | None:
    """Return the case that `next_case` would claim after `besides`, so that its screen can be fetched before."""
    low, high = _ALL
    facts = {"by": by.id, "dark": dark, "besides": besides, "low": low, "high": high}
    rows = _rows(_FIRST + " LIMIT 1", facts)
    return rows[0][0] if rows else None


@transaction.atomic
def claim(case_id: int, *, by: Account, now: datetime) -> Claim:
    """Claim a certain case. Raises NotFound, LostClaim if somebody else holds it, ConflictOfInterest."""
    require_moderator(by)
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise NotFound
    interest.require_none(by, case.pk)
    held = case.state == "claimed" and case.claimed_until is not None and case.claimed_until > now
    if held and case.claimed_by_id != by.id:
        raise LostClaim("Somebody else looks at this case")
    case.state = advance(CASE, case.state, "claim")
    case.claimed_by, case.claimed_until = by, now + LEASE
    case.version += 1
    case.save(update_fields=["state", "claimed_by", "claimed_until", "version"])
    casework.note(case.pk, "claimed", by_id=by.id, now=now)
    return Claim(case.pk, case.version)


@transaction.atomic
def heartbeat(held: Claim, *, by: Account, now: datetime) -> datetime:
    """Keep a case for another ten minutes; return until when. Raises LostClaim."""
    case = held_case(held, by, now)
    case.claimed_until = now + LEASE
    case.save(update_fields=["claimed_until"])
    return case.claimed_until


@transaction.atomic
def release(held: Claim, *, by: Account, reason: str, now: datetime, second_opinion: bool = False) -> None:
    """Let a case go, with a reason: skipped, or for somebody else's opinion. Raises LostClaim, Invalid."""
    reason = checked_reason(reason)
    case = held_case(held, by, now)
    case.second_opinion = case.second_opinion or second_opinion
    _free(case)
    kind = "second opinion" if second_opinion else "skipped"
    casework.note(case.pk, kind, by_id=by.id, now=now, reason=reason)


@transaction.atomic
def decide_case(held: Claim, wish: Wish, *, by: Account, now: datetime) -> Recorded:
    """Decide what a claimed case is about, and close it. Raises LostClaim and what `decide` raises.

    Near copies that joined the case are decided alike, each with a statement of its own to whose it is; `bulk` of the
    decisions joins them, and takes all of it back. A decision about the account, or as an authority orders, is about
    one alone: the others are then looked at in a case of their own.
    """
    case = held_case(held, by, now)
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
    if together is not None:  # what is refused was decided before, or is gone
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


def checked_reason(reason: str) -> str:
    reason = reason.strip()
    if len(reason) < REASON_LEAST:
        raise Invalid(f"Validation failed: Reason has {len(reason)} characters; at least {REASON_LEAST}")
    return reason


def clock_of(case: Case, now: datetime) -> figures.Clock:
    """Return what the public log tells of how long a case waited."""
    return figures.clock(case.lane, opened=case.opened_at, deadline=case.deadline, now=now)


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


def held_case(held: Claim, by: Account, now: datetime) -> Case:
    """Return the case that this very lease holds, locked. Raises LostClaim."""
    case = Case.objects.select_for_update().filter(pk=held.case_id).first()
    lost = (
        case is None
        or (case.state, case.version, case.claimed_by_id) != ("claimed", held.version, by.id)
        or case.claimed_until is None
        or case.claimed_until <= now
    )
    if lost or case is None:
        raise LostClaim
    return case


def _account_of(case: Case) -> list[subjects.Subject]:
    """The account behind a case: it may be warned or suspended for a post."""
    return [subjects.Subject("account", case.account_id)] if case.account_id else []


def _free(case: Case) -> None:
    case.state = advance(CASE, case.state, "release")
    case.claimed_by = case.claimed_until = None
    case.save(update_fields=["state", "claimed_by", "claimed_until", "second_opinion"])


def _close(case: Case, step: str, outcome: str, *, by: Account, now: datetime, reason: str) -> None:
    case.state, case.outcome, case.closed_at = advance(CASE, case.state, step), outcome, now
    case.claimed_by = case.claimed_until = None
    case.save(update_fields=["state", "outcome", "closed_at", "claimed_by", "claimed_until"])
    CaseBand.objects.filter(case=case).delete()
    casework.note(
        case.pk, "decided" if step == "decide" else "dismissed", by_id=by.id, now=now, reason=reason
    )
    _rows(_OUTCOMES, {"case": case.pk, "now": now, **intake.whose(case)})
    transaction.on_commit(lambda: tasks.tell_reporters.delay(), robust=True)


def _end_holds(case: Case, copies: Sequence[CaseCopy], *, now: datetime) -> None:
    """A hold waits for a person, and here is one."""
    numbers = [case.subject_id, *(copy.subject_id for copy in copies)]
    holds = Restriction.objects.filter(subject_kind=case.subject_kind, subject_id__in=numbers, kind="hold")
    holds.filter(ends_at__gt=now).update(ends_at=now)


# A report has its outcome when all that it names is decided: upheld if any of it was.
_OUTCOMES: Final = """
UPDATE moderation_report r SET decided_at = %(now)s, outcome = CASE WHEN EXISTS (
    SELECT 1 FROM moderation_case c WHERE c.id = ANY(r.cases) AND c.outcome = 'upheld') THEN 'upheld' ELSE 'refused' END
WHERE %(case)s = ANY(r.cases) AND r.outcome = ''
  AND (r.target_id = ANY(%(accounts)s::bigint[]) OR (%(nobodys)s AND r.target_id IS NULL))
  AND NOT EXISTS (SELECT 1 FROM moderation_case c WHERE c.id = ANY(r.cases) AND c.state <> 'decided')
"""


def require_moderator(by: Account) -> None:
    """Raise NotAllowed for who does not moderate."""
    if by.role == "" or not by.is_active:
        raise NotAllowed("Only moderators work on cases")


def _rows(sql: str, facts: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        rows: list[Any] = cursor.fetchall() if cursor.description is not None else []
        return rows
