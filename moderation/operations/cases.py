"""Work on cases: take the next, keep it, let it go, decide it. A case is one person's for a while, or nobody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from moderation import casework, queue, subjects, tasks, wording
from moderation.models import Case, Decision, Report
from moderation.operations.decide import Wish, decide, reverse
from moderation.recording import Recorded
from moderation.states import CASE, advance
from upscrolled.core.errors import Conflict, Invalid, NotAllowed, NotFound
from upscrolled.models import Account, Restriction

LEASE: Final = timedelta(minutes=10)
REASON_LEAST: Final = 3


class LostClaim(Conflict):
    """The lease ran out, or somebody else holds the case by now."""

    safe = "This case is not yours any more; take it again"


class ConflictOfInterest(NotAllowed):
    """The moderator is, follows, blocks or was reported by whose case it is, or reported it."""

    safe = "This case is not for you: it is about somebody you have to do with"


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease on a case; `version` is what makes it this lease and no later one."""

    case_id: int
    version: int


# Who may not look at a case `c`: whose it is, who follows them or is blocked either way, who was reported by them,
# who reported it; and whoever let it go before, so that a second opinion is somebody else's.
INTERESTED: Final = """(
  coalesce(c.account_id, 0) = %(by)s
  OR EXISTS (SELECT 1 FROM upscrolled_follow f WHERE f.account_id = %(by)s AND f.target_id = c.account_id)
  OR EXISTS (SELECT 1 FROM upscrolled_block b WHERE b.account_id = %(by)s AND b.target_id = c.account_id)
  OR EXISTS (SELECT 1 FROM upscrolled_block b WHERE b.account_id = c.account_id AND b.target_id = %(by)s)
  OR EXISTS (SELECT 1 FROM moderation_report r WHERE r.reporter_id = c.account_id AND r.target_id = %(by)s)
  OR EXISTS (SELECT 1 FROM moderation_report r WHERE r.reporter_id = %(by)s AND c.id = ANY(r.cases)))"""
_HAS_TO_DO: Final = (
    f"SELECT 1 FROM (SELECT %(account)s::bigint AS account_id, 0::bigint AS id) c WHERE {INTERESTED}"
)
_LET_GO: Final = """EXISTS (SELECT 1 FROM moderation_caseevent e
  WHERE e.case_id = c.id AND e.actor_id = %(by)s AND e.kind IN ('skipped', 'second opinion'))"""
_FIRST: Final = f"""
SELECT c.id FROM moderation_case c
WHERE c.state = 'open' AND NOT {INTERESTED} AND NOT {_LET_GO}
  AND (%(dark)s OR c.lane <> 'dark') AND c.id <> %(besides)s
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

    `dark` lets in the lane of child abuse and terror, for which a second factor was just asked.
    """
    require_moderator(by)
    queue.free_leases(now=now)
    facts = {"by": by.id, "until": now + LEASE, "dark": dark, "besides": 0}
    rows = _rows(_NEXT, facts)
    if not rows:
        return None
    casework.note(rows[0][0], "claimed", by_id=by.id, now=now)
    return Claim(*rows[0])


def upcoming(*, by: Account, besides: int = 0, dark: bool = False) -> int | None:
    """Return the case that `next_case` would claim after `besides`, so that its screen can be fetched before."""
    rows = _rows(_FIRST + " LIMIT 1", {"by": by.id, "dark": dark, "besides": besides})
    return rows[0][0] if rows else None


@transaction.atomic
def claim(case_id: int, *, by: Account, now: datetime) -> Claim:
    """Claim a certain case. Raises NotFound, LostClaim if somebody else holds it, ConflictOfInterest."""
    require_moderator(by)
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise NotFound
    if _rows(f"SELECT 1 FROM moderation_case c WHERE c.id = %(case)s AND {INTERESTED}", _facts(case, by)):
        raise ConflictOfInterest
    held = case.state == "claimed" and case.claimed_until is not None and case.claimed_until > now
    if held and case.claimed_by_id != by.id:
        raise LostClaim("Somebody else looks at this case")
    case.state = advance(CASE, case.state, "claim")
    case.claimed_by, case.claimed_until = by, now + LEASE
    case.version += 1
    case.save(update_fields=["state", "claimed_by", "claimed_until", "version"])
    casework.note(case.pk, "claimed", by_id=by.id, now=now)
    return Claim(case.pk, case.version)


def require_disinterest(by: Account, account_id: int | None) -> None:
    """Raise ConflictOfInterest if a moderator has to do with that account, as with the one of a case."""
    if account_id is not None and _rows(_HAS_TO_DO, {"account": account_id, "by": by.id}):
        raise ConflictOfInterest


@transaction.atomic
def heartbeat(held: Claim, *, by: Account, now: datetime) -> datetime:
    """Keep a case for another ten minutes; return until when. Raises LostClaim."""
    case = _held(held, by, now)
    case.claimed_until = now + LEASE
    case.save(update_fields=["claimed_until"])
    return case.claimed_until


@transaction.atomic
def release(held: Claim, *, by: Account, reason: str, now: datetime, second_opinion: bool = False) -> None:
    """Let a case go, with a reason: skipped, or for somebody else's opinion. Raises LostClaim, Invalid."""
    if len(reason.strip()) < REASON_LEAST:
        raise Invalid(
            f"Validation failed: Reason has {len(reason.strip())} characters; at least {REASON_LEAST}"
        )
    case = _held(held, by, now)
    case.second_opinion = case.second_opinion or second_opinion
    _free(case)
    kind = "second opinion" if second_opinion else "skipped"
    casework.note(case.pk, kind, by_id=by.id, now=now, reason=reason.strip())


@transaction.atomic
def decide_case(held: Claim, wish: Wish, *, by: Account, now: datetime) -> Recorded:
    """Decide what a claimed case is about, and close it. Raises LostClaim and what `decide` raises."""
    case = _held(held, by, now)
    if wish.subject not in (casework.subject_of(case), *_account_of(case)):
        raise Invalid("Validation failed: this case is about something else")
    recorded = decide(wish, by=by, now=now, case_id=case.pk)
    _end_holds(case, now=now)
    _close(case, "decide", Report.Outcome.UPHELD, by=by, now=now, reason=wish.action)
    return recorded


@transaction.atomic
def answered(held: Claim, *, action: str, by: Account, now: datetime) -> None:
    """Close a claimed case whose subject was decided about beside it, with many others. Raises LostClaim."""
    case = _held(held, by, now)
    _end_holds(case, now=now)
    _close(case, "decide", Report.Outcome.UPHELD, by=by, now=now, reason=action)


@transaction.atomic
def dismiss(held: Claim, *, by: Account, reason: str, now: datetime) -> None:
    """Close a claimed case: it keeps to the rules. What was held back is released. Raises LostClaim, Invalid."""
    if len(reason.strip()) < REASON_LEAST:
        raise Invalid(
            f"Validation failed: Reason has {len(reason.strip())} characters; at least {REASON_LEAST}"
        )
    case = _held(held, by, now)
    holds = Decision.objects.filter(
        subject_kind=case.subject_kind, subject_id=case.subject_id, action="hold", reversed_by=None
    )
    for hold in holds.select_related("statement"):
        facts, explanation = wording.of(hold.statement.language).RELEASED
        reverse(hold.pk, by=by, facts=facts, explanation=explanation, now=now)
    _close(case, "dismiss", Report.Outcome.REFUSED, by=by, now=now, reason=reason.strip())


def _held(held: Claim, by: Account, now: datetime) -> Case:
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
    casework.note(
        case.pk, "decided" if step == "decide" else "dismissed", by_id=by.id, now=now, reason=reason
    )
    _rows(_OUTCOMES, {"case": case.pk, "target": case.account_id, "now": now})
    transaction.on_commit(lambda: tasks.tell_reporters.delay(), robust=True)


def _end_holds(case: Case, *, now: datetime) -> None:
    """A hold waits for a person, and here is one."""
    holds = Restriction.objects.filter(
        subject_kind=case.subject_kind, subject_id=case.subject_id, kind="hold"
    )
    holds.filter(ends_at__gt=now).update(ends_at=now)


# A report has its outcome when all that it names is decided: upheld if any of it was.
_OUTCOMES: Final = """
UPDATE moderation_report r SET decided_at = %(now)s, outcome = CASE WHEN EXISTS (
    SELECT 1 FROM moderation_case c WHERE c.id = ANY(r.cases) AND c.outcome = 'upheld') THEN 'upheld' ELSE 'refused' END
WHERE %(case)s = ANY(r.cases) AND r.outcome = '' AND r.target_id IS NOT DISTINCT FROM %(target)s::bigint
  AND NOT EXISTS (SELECT 1 FROM moderation_case c WHERE c.id = ANY(r.cases) AND c.state <> 'decided')
"""


def require_moderator(by: Account) -> None:
    """Raise NotAllowed for who does not moderate."""
    if by.role == "" or not by.is_active:
        raise NotAllowed("Only moderators work on cases")


def _facts(case: Case, by: Account) -> dict[str, Any]:
    return {"case": case.pk, "by": by.id}


def _rows(sql: str, facts: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        rows: list[Any] = cursor.fetchall() if cursor.description is not None else []
        return rows
