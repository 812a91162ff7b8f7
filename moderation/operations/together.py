"""One decision about many, by somebody at the panel: whose it may be, and the cases that it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.db import transaction

from moderation import casework
from moderation.figures import Clock
from moderation.models import Case, CaseCopy
from moderation.operations import bulk, cases, claims, own
from moderation.operations.bulk import Batch, Rehearsal
from moderation.operations.claims import Claim, LostClaim
from moderation.operations.decide import Wish
from moderation.operations.interest import INTERESTED, ConflictOfInterest
from moderation.operations.reviewers import require, require_reviewer
from moderation.recording import Origin
from moderation.subjects import Loaded, Subject
from upscrolled.core.errors import Conflict, DomainError
from upscrolled.models import Account
from upscrolled.queries.rows import rows

# How a case came up, where its statement says so; the rest moderators came across themselves.
_SAID: Final = (*casework.TOLD, "report", "appeal")


class Ordered(Conflict):
    """An authority's order has a law and a reach of its own."""

    safe = "An authority ordered this; it is decided in its own case"


def rehearse(wish: Wish, about: Sequence[Subject], *, by: Account, now: datetime) -> Rehearsal:
    """Say what `decide` would do; nothing is written. Raises Invalid for what cannot be decided so at all."""
    require(by, "decide_many", now=now)
    wanted = list(dict.fromkeys(about))
    refused = _not_theirs(wanted, by)
    waiting = _waiting(wanted)
    for subject, case in waiting.items():
        if case.source == "order":
            refused.setdefault(subject, Ordered.safe)
        is_held = case.claimed_until is not None and case.claimed_until > now
        if is_held and case.claimed_by_id != by.pk:
            refused.setdefault(subject, LostClaim.safe)
    rest = [subject for subject in wanted if subject not in refused]
    if wanted and not rest:
        return Rehearsal(0, 0, [], refused)
    seen = bulk.rehearse(wish, rest, by=by, now=now)
    return replace(seen, refused=refused | seen.refused)


def as_told(wish: Wish, one: Subject, *, among: Sequence[Subject]) -> Wish:
    """Return the wish as the statement about one of these says it: with how that came up."""
    source = next(iter(_by_source([one], _answers(among, _waiting(among)))))
    return replace(wish, subject=one, reasons=replace(wish.reasons, source=source or wish.reasons.source))


@transaction.atomic
def decide(wish: Wish, about: Sequence[Subject], *, by: Account, now: datetime) -> Batch:
    """Decide about each of these, and close the cases that wait about them: all of it stands, or nothing.

    What is refused is named and hinders nothing else; its case stays held, to be looked at by itself.
    """
    require(by, "decide_many", now=now)
    wanted = list(dict.fromkeys(about))
    refused = _not_theirs(wanted, by)
    held: dict[Subject, Claim] = {}
    waiting = _waiting(wanted)
    for subject, case in waiting.items():
        try:
            if case.source == "order":
                raise Ordered
            held[subject] = claims.claim(case.pk, by=by, now=now)
            require_reviewer(by, case.pk, "decide", now=now)
        except DomainError as error:
            refused.setdefault(subject, error.safe)
    rest = [subject for subject in wanted if subject not in refused]
    if wanted and not rest:
        return Batch(uuid4(), [], refused)
    bulk.check(wanted)
    number, decided, answers = uuid4(), list[int](), _answers(rest, waiting)
    origins = {one: Origin(case.pk, _clock(case, one, now)) for one, case in answers.items()}
    opened = _opened(wish, [one for one in rest if one not in answers], by=by, now=now)
    origins |= {one: Origin(case_id) for one, case_id in opened.items()}  # nobody waited for these
    for source, some in _by_source(rest, answers).items():
        told = replace(wish.reasons, source=source or wish.reasons.source)
        made = bulk.decide_all(
            replace(wish, reasons=told), some, by=by, now=now, bulk=number, origins=origins
        )
        decided += made.decided
        refused |= made.refused
    done = {subject.id for subject in rest if subject not in refused}
    for subject, claim in held.items():
        if subject not in refused:
            cases.answered(claim, action=wish.action, decided=done, by=by, now=now)
    own.close_together(
        [case_id for one, case_id in opened.items() if one not in refused], action=wish.action, by=by, now=now
    )
    return Batch(number, decided, refused)


def _opened(wish: Wish, about: Sequence[Subject], *, by: Account, now: datetime) -> dict[Subject, int]:
    """Cases of one's own about what nobody told of and can be decided so; an appeal against it then has one too."""
    opened: dict[Subject, int] = {}
    by_kind: dict[str, list[Loaded]] = {}
    for one in bulk.decidable(wish, about, by=by, now=now) if about else ():
        by_kind.setdefault(one.subject.kind, []).append(one)
    for those in by_kind.values():
        opened |= own.open_together(those, policy=wish.policy, because=wish.reasons.facts, by=by, now=now)
    return opened


def _clock(case: Case, one: Subject, now: datetime) -> Clock:
    """What the log tells of how long this waited; of the sample is the subject of a case, and no copy."""
    clock = cases.clock_of(case, now)
    return clock if casework.subject_of(case) == one else replace(clock, stands_for=None)


def _answers(about: Sequence[Subject], waiting: Mapping[Subject, Case]) -> dict[Subject, Case]:
    """The case that each of these answers: its own, or the one among them that it joined as a near copy."""
    own = {waiting[one].pk: waiting[one] for one in about if one in waiting}
    joined = {
        Subject(copy.subject_kind, copy.subject_id): own[copy.case_id]
        for copy in CaseCopy.objects.filter(case__in=own)
    }
    found = {one: waiting.get(one) or joined.get(one) for one in about}
    return {one: case for one, case in found.items() if case is not None}


def _by_source(about: Sequence[Subject], answers: Mapping[Subject, Case]) -> dict[str, list[Subject]]:
    """These by how they came up, which their statements say; empty: whoever decides came across them."""
    found: dict[str, list[Subject]] = {}
    for subject in about:
        source = answers[subject].source if subject in answers else ""
        found.setdefault(source if source in _SAID else "", []).append(subject)
    return found


def _not_theirs(about: Sequence[Subject], by: Account) -> dict[Subject, str]:
    facts = {"kinds": [one.kind for one in about], "ids": [one.id for one in about], "by": by.pk}
    return {Subject(*row): ConflictOfInterest.safe for row in rows(_CONCERNING, facts)}


def _waiting(about: Sequence[Subject]) -> dict[Subject, Case]:
    """The unfinished cases about these, in one statement."""
    found = Case.objects.filter(subject_id__in={one.id for one in about}).exclude(state="decided")
    named = {casework.subject_of(case): case for case in found.order_by("id")}
    return {subject: named[subject] for subject in about if subject in named}


_CONCERNING: Final = f"""
SELECT s.kind, s.id FROM unnest(%(kinds)s::text[], %(ids)s::bigint[]) AS s (kind, id)
CROSS JOIN LATERAL (SELECT 0::bigint AS id, CASE s.kind
  WHEN 'post' THEN (SELECT p.author_id FROM feed_post p WHERE p.id = s.id)
  WHEN 'media' THEN (SELECT f.owner_id FROM upscrolled_mediaattachment f WHERE f.id = s.id)
  WHEN 'message' THEN (SELECT m.sender_id FROM messaging_message m WHERE m.id = s.id)
  WHEN 'hashtag' THEN NULL ELSE s.id END AS account_id) c
WHERE {INTERESTED}
"""
