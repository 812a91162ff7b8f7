"""Claims: take the next case or a certain one, keep it, let it go, hand it on. A case is one person's for a while."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from moderation import casework, crisis, queue, triage
from moderation.grounds import POLICIES
from moderation.models import Case
from moderation.operations import interest
from moderation.operations.interest import INTERESTED
from moderation.operations.reviewers import require, require_reviewer
from moderation.queries import exposure
from moderation.queries.exposure import Today
from moderation.states import CASE, advance
from upscrolled.core.errors import Conflict, Invalid, NotFound
from upscrolled.models import Account
from upscrolled.queries.rows import rows

LEASE: Final = timedelta(minutes=10)
REASON_LEAST: Final = 3
SAMPLE_MINUTES: Final = POLICIES["other"].minutes
_LONGEST: Final = max(policy.minutes for policy in POLICIES.values())
# Parts of the queue by their places: lanes of law, the sample, all of it.
_LAW: Final = (-math.inf, triage.start_of("ordinary"))
_SAMPLE: Final = (triage.start_of("sample"), math.inf)
_ALL: Final = (-math.inf, math.inf)


class LostClaim(Conflict):
    """The lease ran out, or somebody else holds the case by now."""

    safe = "This case is not yours any more; take it again"


class Taken(LostClaim):
    """Somebody else holds it."""

    safe = "Somebody else looks at this case"


class NoReason(Invalid):
    """A reason that says nothing."""

    def __init__(self, length: int) -> None:
        """Say how long it is, and how long it has to be."""
        super().__init__(f"Validation failed: Reason has {length} characters; at least {REASON_LEAST}")
        self.length, self.least = length, REASON_LEAST


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease on a case; `version` is what makes it this lease and no later one."""

    case_id: int
    version: int


# Whoever let it go before: a second opinion is somebody else's.
LET_GO: Final = """EXISTS (SELECT 1 FROM moderation_caseevent e
  WHERE e.case_id = c.id AND e.actor_id = %(by)s AND e.kind IN ('skipped', 'second opinion'))"""
# Whoever has seen enough for the day is given cases without media. Danger to life and orders wait for nobody.
_TO_REST: Final = """(CASE c.lane WHEN 'dark' THEN %(enough_dark)s WHEN 'life' THEN false WHEN 'order' THEN false
    ELSE %(enough)s END
  AND (EXISTS (SELECT 1 FROM upscrolled_keptmedia k WHERE k.case_id = c.id)
    OR EXISTS (SELECT 1 FROM upscrolled_keptpicture k WHERE k.case_id = c.id)))"""
# What a role reaches is asked once, and of each case by arithmetic, but for languages.
REACHED: Final = """EXISTS (SELECT 1 FROM reach r WHERE moderation_within(r.lanes, r.kinds, r.languages,
    c.lane, c.subject_kind, c.subject_id, c.account_id))"""
REACH: Final = "WITH reach AS MATERIALIZED (SELECT * FROM moderation_reach(%(by)s, 'sort', %(now)s))"
_FIRST: Final = f"""
SELECT c.id FROM moderation_case c
WHERE c.state = 'open' AND {REACHED} AND NOT {INTERESTED} AND NOT {LET_GO} AND NOT {_TO_REST}
  AND (%(dark)s OR c.lane <> 'dark') AND c.id <> %(besides)s
  AND c.place >= %(low)s::float8 AND c.place < %(high)s::float8
ORDER BY c.place, c.id"""
_NEXT: Final = f"""
{REACH}, next AS ({_FIRST} LIMIT 1 FOR UPDATE OF c SKIP LOCKED)
UPDATE moderation_case c SET state = 'claimed', claimed_by_id = %(by)s, claimed_until = %(until)s,
  version = c.version + 1
FROM next WHERE c.id = next.id RETURNING c.id, c.version
"""


@transaction.atomic
def next_case(*, by: Account, now: datetime, dark: bool = False) -> Claim | None:
    """Claim the first case of the queue that a role of theirs reaches and that is for them; None when there is none.

    Now and then it is one of the sample of what nobody reported, before what is reported but after the lanes of law:
    else an overload would never let anybody look at it. So often that it takes its share of the time. `dark` lets in
    the lane of child abuse and terror, for which a second factor was just asked. Whoever has uncovered as much as a
    day allows is given cases without media.
    """
    require(by, "sort", now=now)
    queue.free_leases(now=now)
    seen = exposure.today(by.id, now=now)
    for low, high in [_LAW, _SAMPLE, _ALL] if _samples(by, seen, dark=dark, now=now) else [_ALL]:
        facts = {**_facts(by, seen, now, dark=dark, low=low, high=high), "until": now + LEASE, "besides": 0}
        if found := rows(_NEXT, facts):
            casework.note(found[0][0], "claimed", by_id=by.id, now=now)
            return Claim(*found[0])
    return None


def _samples(by: Account, seen: Today, *, dark: bool, now: datetime) -> bool:
    """Say whether one of the sample comes before the first of the queue, which is asked for only if it matters.

    In a crisis (`crisis.NO_SAMPLES`) none does.
    """
    drawn = random.random()
    if drawn >= triage.sample_chance(_LONGEST, SAMPLE_MINUTES) or crisis.running(now=now) is not None:
        return False
    coming = upcoming(by=by, seen=seen, now=now, dark=dark)
    if coming is None:
        return False
    policy = POLICIES.get(Case.objects.values_list("policy", flat=True).get(pk=coming))
    minutes = policy.minutes if policy else SAMPLE_MINUTES
    return drawn < triage.sample_chance(minutes, SAMPLE_MINUTES)


def upcoming(*, by: Account, seen: Today, now: datetime, besides: int = 0, dark: bool = False) -> int | None:
    """Return the case that `next_case` would claim after `besides`, so that its screen can be fetched before.

    `seen` is how much they have uncovered today.
    """
    low, high = _ALL
    facts = {**_facts(by, seen, now, dark=dark, low=low, high=high), "besides": besides}
    found = rows(f"{REACH} {_FIRST} LIMIT 1", facts)
    return found[0][0] if found else None


def _facts(
    by: Account, seen: Today, now: datetime, *, dark: bool, low: float, high: float
) -> dict[str, object]:
    enough = {"enough": seen.others.is_enough, "enough_dark": seen.dark.is_enough}
    return {"by": by.id, "dark": dark, "low": low, "high": high, "now": now, **enough}


@transaction.atomic
def claim(case_id: int, *, by: Account, now: datetime) -> Claim:
    """Claim a certain case. Raises NotFound, LostClaim if somebody else holds it, ConflictOfInterest.

    And NotAllowed for whom no role of theirs lets in here, nor a grant.
    """
    require_reviewer(by, case_id, now=now)
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise NotFound
    interest.require_none(by, case.pk)
    held = case.state == "claimed" and case.claimed_until is not None and case.claimed_until > now
    if held and case.claimed_by_id != by.id:
        raise Taken
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
    free(case)
    kind = "second opinion" if second_opinion else "skipped"
    casework.note(case.pk, kind, by_id=by.id, now=now, reason=reason)


@transaction.atomic
def hand_over(held: Claim, *, to: Account, by: Account, reason: str, now: datetime) -> Claim:
    """Hand a claimed case to a colleague, who holds it from now on; return their claim.

    Raises LostClaim, Invalid without a reason or to oneself, NotAllowed for who is no moderator, ConflictOfInterest
    for who may not look at it.
    """
    reason = checked_reason(reason)
    require_reviewer(to, held.case_id, now=now)
    if to.id == by.id:
        raise Invalid("Validation failed: a case is handed to somebody else")
    case = held_case(held, by, now)
    interest.require_none(to, case.pk)
    case.state = advance(CASE, case.state, "claim")
    case.claimed_by, case.claimed_until = to, now + LEASE
    case.version += 1
    case.save(update_fields=["state", "claimed_by", "claimed_until", "version"])
    casework.note(case.pk, "handed over", by_id=by.id, now=now, reason=f"to @{to.username}: {reason}")
    return Claim(case.pk, case.version)


def held_case(held: Claim, by: Account, now: datetime) -> Case:
    """Return the case that this very lease holds, locked. Raises LostClaim, and NotAllowed once a grant is over."""
    case = Case.objects.select_for_update().filter(pk=held.case_id).first()
    lost = (
        case is None
        or (case.state, case.version, case.claimed_by_id) != ("claimed", held.version, by.id)
        or case.claimed_until is None
        or case.claimed_until <= now
    )
    if lost or case is None:
        raise LostClaim
    require_reviewer(by, case.pk, now=now)
    return case


def checked_reason(reason: str) -> str:
    """Return a reason without what surrounds it. Raises Invalid for one that says nothing."""
    reason = reason.strip()
    if len(reason) < REASON_LEAST:
        raise NoReason(len(reason))
    return reason


def free(case: Case) -> None:
    """Have nobody hold a case that somebody holds: it waits again."""
    case.state = advance(CASE, case.state, "release")
    case.claimed_by = case.claimed_until = None
    case.save(update_fields=["state", "claimed_by", "claimed_until", "second_opinion"])
