"""Reviewers from outside: to whom a case is granted, and what appeals about it wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from moderation.models import Appeal, Case, ReviewGrant
from moderation.models.outside import GRANTED_AT_MOST

__all__ = ["GRANTED_AT_MOST", "Reviews", "of"]


@dataclass(frozen=True, slots=True)
class Reviews:
    """Of a case: the grants that run, and the appeals that wait about it; `offers` says whether it can be granted."""

    grants: Sequence[ReviewGrant]
    appeals: Sequence[Appeal]
    offers: bool


def of(case: Case, *, now: datetime) -> Reviews:
    """Return who from outside may review a case, and what waits; two statements."""
    running = (
        ReviewGrant.objects.filter(case=case, until__gt=now, end=None).select_related("to").order_by("id")
    )
    waiting = Appeal.objects.filter(state__in=("filed", "claimed"), decision__case_id=case.pk)
    reported = Appeal.objects.filter(state__in=("filed", "claimed"), report__cases__contains=[case.pk])
    offers = case.lane != "dark" and case.subject_kind != "message"
    return Reviews(list(running), list(waiting.union(reported).order_by("id")), offers)
