"""Decide the same about several subjects of one kind at once: a chain for each, in as many statements as for one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from moderation import subjects, tasks
from moderation.figures import Clock
from moderation.operations.decide import AlreadySo, Wish, already, permitted, require_other, ruling_of
from moderation.operations.reviewers import OutOfReach
from moderation.recording import Origin, Ruling, record_all
from moderation.subjects import Loaded, Subject
from upscrolled.core.errors import DomainError, NotFound
from upscrolled.models import Account

TOGETHER: Final = 50  # decisions that stand or fall in one transaction


@transaction.atomic
def decide_some(
    wish: Wish,
    kind: str,
    some: Sequence[Subject],
    refused: dict[Subject, str],
    *,
    by: Account,
    now: datetime,
    bulk: UUID,
    case_id: int | None = None,
    clock: Clock | None = None,
    origins: Mapping[Subject, Origin] | None = None,
) -> list[int]:
    """Decide about each of these; return the numbers of the decisions. What is refused joins `refused`, with why.

    `origins` are the cases that some of them answer; the others answer `case_id`, if any.
    They stand together or not at all. Raises what holds for none of them: Invalid, NotAllowed.
    """
    found = ruling_of(replace(wish, subject=some[0]), by=by, now=now, case_id=case_id, bulk=bulk)
    ruling = replace(found, clock=clock)
    subjects.alone(*some)
    known = {one.id: origin for one, origin in (origins or {}).items() if one.kind == kind}
    about = told_apart(ruling, kind, some, refused, by=by, now=now, apart=known)
    made = record_all(ruling, about, now=now, origins=known) if about else []
    decided = [recorded.decision_id for recorded in made]
    if decided:
        transaction.on_commit(lambda: tasks.carry_out_all.delay(decision_ids=decided), robust=True)
    return decided


def told_apart(
    ruling: Ruling,
    kind: str,
    some: Sequence[Subject],
    refused: dict[Subject, str],
    *,
    by: Account,
    now: datetime,
    apart: Collection[int] = (),
) -> list[Loaded]:
    """Return those about which it can be decided; the others join `refused`, each with its sentence.

    Those `apart` answer cases of their own. Raises Missing, and OutOfReach if that is all of them.
    """
    numbers = [subject.id for subject in some]
    loaded = subjects.load_all(kind, numbers)
    out_of_reach = permitted(ruling, by, list(loaded.values()), now=now, apart=apart)
    in_force = already(ruling, kind, numbers, now=now)
    fine = []
    for subject in some:
        found = loaded.get(subject.id)
        try:
            if found is None:
                raise NotFound
            if subject.id in out_of_reach:
                raise OutOfReach
            require_other(by, found)
            if subject.id in in_force:
                raise AlreadySo
            fine.append(found)
        except DomainError as error:
            refused[subject] = error.safe
    return fine
