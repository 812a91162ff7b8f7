"""Decide, and take a decision back: the only verbs that restrict anything and anybody."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from moderation import notices, policies, statements, subjects, tasks
from moderation.actions import ACTIONS, Action
from moderation.figures import Clock
from moderation.models import Decision, Statement
from moderation.operations import interest
from moderation.operations.reviewers import OutOfReach, beyond, require, require_reviewer, require_taking_back
from moderation.recording import Recorded, Ruling, record
from moderation.statements import Reasons
from moderation.subjects import Loaded, Subject
from upscrolled.core.errors import Conflict, Invalid, NotAllowed, NotFound
from upscrolled.models import Account, Restriction

COUNTRIES_MAX: Final = 250


class AlreadySo(Conflict):
    """The same restriction is in force."""

    safe = "This restriction is in force already"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a moderator wants decided. Countries are ISO 3166 codes of two letters; none means everywhere."""

    subject: Subject
    action: str
    policy: str
    reasons: Reasons
    countries: Sequence[str] = ()
    ends_at: datetime | None = None


@transaction.atomic
def decide(
    wish: Wish,
    *,
    by: Account | None,
    now: datetime,
    case_id: int | None = None,
    bulk: UUID | None = None,
    clock: Clock | None = None,
) -> Recorded:
    """Decide about a subject: reasons, notice, restriction, strike and log entry stand together or not at all.

    `by` is None for what a machine decides: a hold. Raises Invalid for what cannot be decided so, NotAllowed for who
    may not, AlreadySo for what is in force, NotFound for what is not there.
    """
    ruling = replace(ruling_of(wish, by=by, now=now, case_id=case_id, bulk=bulk), clock=clock)
    subjects.alone(wish.subject)
    about = subjects.load(wish.subject)
    permitted(ruling, by, [about], now=now)
    require_other(by, about)
    if already(ruling, wish.subject.kind, [wish.subject.id], now=now):
        raise AlreadySo
    if ruling.action.key == "hold" and _held_before(wish.subject, by) and not _decides(by, case_id, now):
        raise AlreadySo("This was held back once, and then somebody decides")
    return _recorded(record(ruling, about, now=now))


def ruling_of(
    wish: Wish, *, by: Account | None, now: datetime, case_id: int | None = None, bulk: UUID | None = None
) -> Ruling:
    """Return what a wish decides, whomever it is about. Raises Invalid, and NotAllowed for a machine's wish."""
    action = action_of(wish)
    if wish.subject.kind not in action.subjects:
        raise Invalid(f"Validation failed: {action.key} is nothing for a {wish.subject.kind}")
    if by is None and not action.by_machine:
        raise NotAllowed("Only a person decides this")
    ends_at, countries = _end(wish, now), country_codes(wish.countries)
    policy = policies.in_force(wish.policy, now=now)
    return Ruling(action, policy, wish.reasons, by.id if by else None, countries, ends_at, case_id, bulk=bulk)


def already(ruling: Ruling, kind: str, numbers: Sequence[int], *, now: datetime) -> set[int]:
    """Return those on which what a ruling restricts is in force before it."""
    if not ruling.action.restricts:
        return set()
    return subjects.restricted(kind, numbers, ruling.action.key, countries=sorted(ruling.countries), now=now)


def _held_before(subject: Subject, by: Account | None) -> bool:
    """Say whether the last word on a subject is that it waits (for a program: a program's), though the hold is over."""
    about = Decision.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    last = about.order_by("-id").first()
    return last is not None and last.action == "hold" and (by is not None or last.decided_by_id is None)


def _decides(by: Account | None, case_id: int | None, now: datetime) -> bool:
    if by is None:
        return False
    try:
        require_reviewer(by, case_id, "decide", now=now)
    except NotAllowed:
        return False
    return True


def permitted(
    ruling: Ruling, by: Account | None, about: Sequence[Loaded], *, now: datetime, apart: Collection[int] = ()
) -> set[int]:
    """Return those of these subjects of a kind that are out of reach for who decides; two statements at the most.

    A hold is for who holds, all else for who decides: in the case, or by the lane of the policy where there is none;
    many outside of a case for who decides about many.
    Subjects `apart` have cases of their own, which were asked about. Raises Missing or OutOfReach if it is all of them.
    """
    if by is None:
        return set()
    permission = "hold" if ruling.action.key == "hold" else "decide"
    if ruling.case_id is not None:
        require_reviewer(by, ruling.case_id, permission, now=now)
        return set()
    if ruling.bulk is not None:
        permission = "decide_many"
    rest = [(one.subject.id, one.owner_id) for one in about if one.subject.id not in apart]
    if not rest:
        return set()
    refused = beyond(by, permission, ruling.policy.lane, about[0].subject.kind, rest, now=now)
    if len(refused) == len(about):
        require(by, permission, now=now)
        raise OutOfReach
    return refused


@transaction.atomic
def reverse(
    decision_id: int,
    *,
    by: Account | None,
    facts: str,
    explanation: str,
    now: datetime,
    source: str = Statement.Source.OWN,
    bulk: UUID | None = None,
) -> Recorded:
    """Take a decision back: a new one that points at it, and what it restricted ends now.

    Whoever reported it hears that it was refused after all, once nothing of it stands any more. Raises NotFound,
    Conflict if it was taken back before or is itself one that takes back, and ConflictOfInterest.
    """
    earlier = _lock(decision_id)
    subject = Subject(earlier.subject_kind, earlier.subject_id)
    statement = earlier.statement
    about = Loaded(subject, statement.account_id, statement.language, {})
    if by is not None:
        require_taking_back(by, earlier, appealed=source == Statement.Source.APPEAL, now=now)
    require_other(by, about)
    if by is not None:
        interest.require_none_with(by, statement.account_id)
    reasons = Reasons(
        facts, explanation, source=source, ground=statement.ground, legal_reference=statement.legal_reference
    )
    opened = statements.unseal(statement, statement.key.key)
    prior = statements.link_of(bytes.fromhex(opened.salt)) if opened is not None else ""
    ruling = Ruling(
        ACTIONS["restore"],
        earlier.policy,
        reasons,
        by.id if by else None,
        reverses_id=earlier.pk,
        case_id=earlier.case_id,
        prior=prior,
        bulk=bulk,
    )
    recorded = record(ruling, about, now=now)
    running = Restriction.objects.filter(decision_id=earlier.pk)
    running.exclude(ends_at__lte=now).update(ends_at=now)
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED_NOW, {"decision": earlier.pk, "now": now})
        if cursor.rowcount:
            transaction.on_commit(lambda: tasks.tell_reporters.delay(), robust=True)
    return _recorded(recorded)


# Who reported it was told that it was upheld; once nothing of it stands they are told that it was not after all.
_REFUSED_NOW: Final = f"""
WITH untold AS (
  UPDATE moderation_report r SET outcome = 'refused', decided_at = %(now)s, outcome_told_at = NULL
  FROM moderation_decision e JOIN moderation_statement t ON t.id = e.statement_id
  WHERE e.id = %(decision)s AND e.case_id = ANY(r.cases) AND r.outcome = 'upheld'
    AND (r.target_id = t.account_id OR (r.target_id IS NULL AND t.account_id IS NULL))
    AND NOT EXISTS (
      SELECT 1 FROM moderation_decision d JOIN moderation_statement s ON s.id = d.statement_id
      WHERE d.case_id = ANY(r.cases) AND s.account_id IS NOT DISTINCT FROM r.target_id AND d.reverses_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM moderation_decision u WHERE u.reverses_id = d.id))
  RETURNING r.id
), {notices.TELL_NOTIFIERS_AGAIN}
SELECT id FROM untold
"""


def action_of(wish: Wish) -> Action:
    """Return the action that is wished for; taking back is none of them. Raises Invalid."""
    action = ACTIONS.get(wish.action)
    if action is None or action.key == "restore":
        raise Invalid(f"Validation failed: Action must be one of {', '.join(_DECIDABLE)}")
    return action


def require_other(by: Account | None, about: Loaded) -> None:
    """Raise NotAllowed for who would decide about themselves."""
    if by is not None and about.owner_id == by.id:
        raise NotAllowed("Nobody decides about themselves")


_DECIDABLE: Final = tuple(key for key in ACTIONS if key != "restore")


def _lock(decision_id: int) -> Decision:
    """Return a decision that can be taken back; nobody else takes it back for the rest of the transaction."""
    earlier = Decision.objects.filter(pk=decision_id).first()
    if earlier is None:
        raise NotFound
    subjects.alone(Subject(earlier.subject_kind, earlier.subject_id))
    if earlier.action == "restore":
        raise Conflict("This takes an earlier decision back; decide anew instead")
    if Decision.objects.filter(reverses_id=earlier.pk).exists():
        raise Conflict("This decision was taken back before")
    return Decision.objects.select_related("statement__key", "policy").get(pk=decision_id)


def _end(wish: Wish, now: datetime) -> datetime | None:
    action, ends_at = ACTIONS[wish.action], wish.ends_at
    if action.longest is not None and ends_at is None:
        ends_at = now + action.longest
    if ends_at is not None and ends_at <= now:
        raise Invalid(f"Validation failed: the end, {ends_at:%Y-%m-%d %H:%M} UTC, is over")
    if action.longest is not None and ends_at is not None and ends_at > now + action.longest:
        hours = int(action.longest.total_seconds() // 3_600)
        raise Invalid(f"Validation failed: {action.key} lasts {hours} hours at the most")
    return ends_at if action.restricts else None


def country_codes(named: Sequence[str]) -> list[str]:
    """Return countries as sorted codes of two letters. Raises Invalid."""
    codes = sorted({code.upper() for code in named})
    if wrong := [code for code in codes if not (len(code) == 2 and code.isascii() and code.isalpha())]:
        raise Invalid(f"Validation failed: {wrong[0][:20]!r} is no country code of two letters")
    if len(codes) > COUNTRIES_MAX:
        raise Invalid(f"Validation failed: {len(codes)} countries; at most {COUNTRIES_MAX}")
    return codes


def _recorded(recorded: Recorded) -> Recorded:
    """Have the notice delivered and the rest settled once the decision stands; the clock finds what is forgotten."""
    transaction.on_commit(lambda: tasks.carry_out.delay(decision_id=recorded.decision_id), robust=True)
    return recorded
