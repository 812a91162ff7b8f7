"""Decide about many at once, with a rehearsal before, a sample to look at, and the whole of it to be taken back."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from moderation import wording
from moderation.models import Decision
from moderation.operations.decide import Wish, action_of, reverse, ruling_of
from moderation.operations.many import TOGETHER, decide_some, told_apart
from moderation.operations.reviewers import require
from moderation.recording import Origin
from moderation.subjects import Loaded, Subject
from upscrolled.core.errors import DomainError, Invalid
from upscrolled.models import Account

AT_MOST: Final = 1_000
SAMPLE: Final = 10


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would happen: how many decisions about how many people, some to look at, and what would be refused."""

    decisions: int
    people: int
    sample: list[Loaded]
    refused: dict[Subject, str]


@dataclass(frozen=True, slots=True)
class Batch:
    """What happened, under a name by which it can be taken back."""

    bulk: UUID
    decided: list[int]
    refused: dict[Subject, str]


def rehearse(wish: Wish, about: Sequence[Subject], *, by: Account, now: datetime) -> Rehearsal:
    """Say what deciding about all of these would do; nothing is written."""
    check(about)
    action_of(wish)
    refused: dict[Subject, str] = {}
    loaded = decidable(wish, about, refused, by=by, now=now)
    people = {found.owner_id for found in loaded}
    return Rehearsal(len(loaded), len(people), random.sample(loaded, min(SAMPLE, len(loaded))), refused)


def decidable(
    wish: Wish,
    about: Sequence[Subject],
    refused: dict[Subject, str] | None = None,
    *,
    by: Account,
    now: datetime,
) -> list[Loaded]:
    """Return those of these about which it can be decided so; the others join `refused`, each with its sentence."""
    loaded: list[Loaded] = []
    refused = {} if refused is None else refused
    for kind, those in _kinds(about):
        try:
            ruling = ruling_of(replace(wish, subject=those[0]), by=by, now=now, bulk=uuid4())
        except DomainError as error:
            refused |= dict.fromkeys(those, error.safe)
        else:
            loaded += told_apart(ruling, kind, those, refused, by=by, now=now)
    return loaded


def decide_all(
    wish: Wish,
    about: Sequence[Subject],
    *,
    by: Account,
    now: datetime,
    bulk: UUID | None = None,
    origins: Mapping[Subject, Origin] | None = None,
) -> Batch:
    """Decide about each of these, each with its own statement; what is refused is named and hinders nothing else.

    `origins` are the cases that some of them answer.
    They stand some at a time: whoever is interrupted decides about the same again, and what stands is refused then.
    """
    check(about)
    bulk = bulk or uuid4()
    decided: list[int] = []
    refused: dict[Subject, str] = {}
    for kind, those in _kinds(about):
        for start in range(0, len(those), TOGETHER):
            some = those[start : start + TOGETHER]
            try:
                decided += decide_some(wish, kind, some, refused, by=by, now=now, bulk=bulk, origins=origins)
            except DomainError as error:
                refused |= dict.fromkeys(some, error.safe)
    return Batch(bulk, decided, refused)


def _kinds(about: Sequence[Subject]) -> list[tuple[str, list[Subject]]]:
    """Each subject once, those of a kind together."""
    kinds: dict[str, list[Subject]] = {}
    for subject in dict.fromkeys(about):
        kinds.setdefault(subject.kind, []).append(subject)
    return list(kinds.items())


def undo(bulk: UUID, *, by: Account, reason: str, now: datetime) -> Batch:
    """Take back all decisions that were made together and still stand. Raises Missing for who may not decide so."""
    require(by, "decide_many", now=now)
    decided = []
    refused: dict[Subject, str] = {}
    standing = Decision.objects.filter(bulk=bulk, reverses=None, reversed_by=None).order_by("id")
    for decision in standing.select_related("statement"):
        try:
            recorded = reverse(
                decision.pk,
                by=by,
                facts=wording.of(decision.statement.language).TAKEN_BACK[0],
                explanation=reason,
                now=now,
                bulk=bulk,
            )
        except DomainError as error:
            refused[Subject(decision.subject_kind, decision.subject_id)] = error.safe
        else:
            decided.append(recorded.decision_id)
    return Batch(bulk, decided, refused)


def check(about: Sequence[Subject]) -> None:
    """Raise Invalid for too many at once, or none."""
    if not 0 < len(about) <= AT_MOST:
        raise Invalid(f"Validation failed: {len(about)} subjects; it needs 1 to {AT_MOST}")
