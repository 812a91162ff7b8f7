"""Decide about many at once, with a rehearsal before, a sample to look at, and the whole of it to be taken back."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction

from moderation import subjects, wording
from moderation.models import Decision
from moderation.operations.decide import AlreadySo, Wish, action_of, decide, reverse
from moderation.subjects import Loaded, Subject
from upscrolled.core.errors import DomainError, Invalid, NotFound
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
    _check(about)
    action = action_of(wish)
    loaded: list[Loaded] = []
    refused: dict[Subject, str] = {}
    for subject in dict.fromkeys(about):
        if subject.kind not in action.subjects:
            refused[subject] = f"{action.key} is nothing for a {subject.kind}"
            continue
        try:
            found = subjects.load(subject)
        except NotFound:
            refused[subject] = NotFound.safe
            continue
        if found.owner_id == by.id:
            refused[subject] = "Nobody decides about themselves"
        elif action.restricts and subjects.is_restricted(
            subject, action.key, countries=sorted(wish.countries), now=now
        ):
            refused[subject] = AlreadySo.safe
        else:
            loaded.append(found)
    people = {found.owner_id for found in loaded}
    return Rehearsal(len(loaded), len(people), random.sample(loaded, min(SAMPLE, len(loaded))), refused)


def decide_all(wish: Wish, about: Sequence[Subject], *, by: Account, now: datetime) -> Batch:
    """Decide about each of these, each with its own statement; what is refused is named and hinders nothing else."""
    _check(about)
    bulk, decided = uuid4(), []
    refused: dict[Subject, str] = {}
    for subject in dict.fromkeys(about):
        try:
            with transaction.atomic():
                recorded = decide(replace(wish, subject=subject), by=by, now=now, bulk=bulk)
        except DomainError as error:
            refused[subject] = error.safe
        else:
            decided.append(recorded.decision_id)
    return Batch(bulk, decided, refused)


def undo(bulk: UUID, *, by: Account, reason: str, now: datetime) -> Batch:
    """Take back all decisions that were made together and still stand."""
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


def _check(about: Sequence[Subject]) -> None:
    if not 0 < len(about) <= AT_MOST:
        raise Invalid(f"Validation failed: {len(about)} subjects; it needs 1 to {AT_MOST}")
