"""Seals as moderators look at them: what was proposed, what is kept back and until when, what was told since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from moderation.models import SEAL_BASES, SealStep

# A hit in a bank is found by a program; people seal on the others.
BASES: Final = SEAL_BASES[1:]
_BINDS: Final = Q(basis="bank_hit") | Q(confirms__isnull=False)


@dataclass(frozen=True, slots=True)
class Seals:
    """`proposed` wait for a second person, `binding` keep statements back, those of `over` have ended."""

    proposed: Sequence[SealStep]
    binding: Sequence[SealStep]
    over: Sequence[SealStep]


def seals(*, now: datetime, at_most: int = 50) -> Seals:
    """Return the seals, those that end first before the others; what ended, the last first. Three statements."""
    proposed = _steps().filter(by__isnull=False, confirms=None, confirmed_by=None, until__gt=now)
    binding = _steps().filter(_BINDS, until__gt=now)
    over = _steps().filter(_BINDS, until__lte=now)
    return Seals(
        list(proposed.order_by("until", "id")[:at_most]),
        list(binding.order_by("until", "id")[:at_most]),
        list(over.order_by("-until", "-id")[:at_most]),
    )


def sealed_until(case_id: int) -> datetime | None:
    """Return until when the statements of a case are, or were, kept from whom they concern; None: they never were."""
    last = SealStep.objects.filter(_BINDS, case_id=case_id).order_by("-until").first()
    return last.until if last is not None else None


def _steps() -> QuerySet[SealStep]:
    return SealStep.objects.select_related("case", "by", "confirms__by")
