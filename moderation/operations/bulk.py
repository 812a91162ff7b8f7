"""Decide about many at once, with a rehearsal before, a sample to look at, and the whole of it to be taken back."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction

from moderation import subjects, tasks
from moderation.models import Decision
from moderation.operations.decide import (
    AlreadySo,
    Wish,
    action_of,
    already,
    require_other,
    reverse,
    ruling_of,
)
from moderation.recording import Ruling, record_all
from moderation.subjects import Loaded, Subject
from upscrolled.core.errors import DomainError, Invalid, NotFound
from upscrolled.models import Account

AT_MOST: Final = 1_000
SAMPLE: Final = 10
TOGETHER: Final = 50  # decisions that stand or fall in one transaction


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
    action_of(wish)
    loaded: list[Loaded] = []
    refused: dict[Subject, str] = {}
    for kind, those in _kinds(about):
        try:
            ruling = ruling_of(replace(wish, subject=those[0]), by=by, now=now)
        except DomainError as error:
            refused |= dict.fromkeys(those, error.safe)
        else:
            loaded += _told_apart(ruling, kind, those, refused, by=by, now=now)
    people = {found.owner_id for found in loaded}
    return Rehearsal(len(loaded), len(people), random.sample(loaded, min(SAMPLE, len(loaded))), refused)


def decide_all(wish: Wish, about: Sequence[Subject], *, by: Account, now: datetime) -> Batch:
    """Decide about each of these, each with its own statement; what is refused is named and hinders nothing else.

    They stand some at a time: whoever is interrupted decides about the same again, and what stands is refused then.
    """
    _check(about)
    bulk = uuid4()
    decided: list[int] = []
    refused: dict[Subject, str] = {}
    for kind, those in _kinds(about):
        for start in range(0, len(those), TOGETHER):
            some = those[start : start + TOGETHER]
            try:
                decided += _decide_some(wish, kind, some, refused, by=by, now=now, bulk=bulk)
            except DomainError as error:
                refused |= dict.fromkeys(some, error.safe)
    return Batch(bulk, decided, refused)


def decide_copies(
    wish: Wish, numbers: Sequence[int], *, by: Account, now: datetime, case_id: int, bulk: UUID
) -> Batch:
    """Decide about near copies of what a case is about, as about that; within the transaction of the caller."""
    some = [Subject(wish.subject.kind, number) for number in numbers]
    refused: dict[Subject, str] = {}
    decided = _decide_some(wish, wish.subject.kind, some, refused, by=by, now=now, bulk=bulk, case_id=case_id)
    return Batch(bulk, decided, refused)


@transaction.atomic
def _decide_some(
    wish: Wish,
    kind: str,
    some: Sequence[Subject],
    refused: dict[Subject, str],
    *,
    by: Account,
    now: datetime,
    bulk: UUID,
    case_id: int | None = None,
) -> list[int]:
    ruling = ruling_of(replace(wish, subject=some[0]), by=by, now=now, case_id=case_id, bulk=bulk)
    subjects.alone(*some)
    about = _told_apart(ruling, kind, some, refused, by=by, now=now)
    decided = [recorded.decision_id for recorded in record_all(ruling, about, now=now)] if about else []
    transaction.on_commit(lambda: tasks.carry_out_all.delay(decision_ids=decided), robust=True)
    return decided


def _kinds(about: Sequence[Subject]) -> list[tuple[str, list[Subject]]]:
    """Each subject once, those of a kind together."""
    kinds: dict[str, list[Subject]] = {}
    for subject in dict.fromkeys(about):
        kinds.setdefault(subject.kind, []).append(subject)
    return list(kinds.items())


def _told_apart(
    ruling: Ruling,
    kind: str,
    some: Sequence[Subject],
    refused: dict[Subject, str],
    *,
    by: Account,
    now: datetime,
) -> list[Loaded]:
    """Return those about which it can be decided; the others join `refused`, each with its sentence."""
    numbers = [subject.id for subject in some]
    loaded = subjects.load_all(kind, numbers)
    in_force = already(ruling, kind, numbers, now=now)
    fine = []
    for subject in some:
        found = loaded.get(subject.id)
        try:
            if found is None:
                raise NotFound
            require_other(by, found)
            if subject.id in in_force:
                raise AlreadySo
            fine.append(found)
        except DomainError as error:
            refused[subject] = error.safe
    return fine


def undo(bulk: UUID, *, by: Account, reason: str, now: datetime) -> Batch:
    """Take back all decisions that were made together and still stand."""
    decided = []
    refused: dict[Subject, str] = {}
    standing = Decision.objects.filter(bulk=bulk, reverses=None, reversed_by=None).order_by("id")
    for decision in standing:
        try:
            recorded = reverse(
                decision.pk,
                by=by,
                facts="The decision was one of many that were made together.",
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
