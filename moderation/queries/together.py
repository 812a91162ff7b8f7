"""What is decided together: near copies that wait, and what was decided so before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from moderation.models import Case, CaseCopy, Decision
from moderation.queries import desk
from moderation.subjects import Subject
from upscrolled.queries.rows import rows


@dataclass(frozen=True, slots=True)
class Batch:
    """Decisions that were made together: when, by whom, what, how many, and how many of them still stand."""

    bulk: UUID
    at: datetime
    by: str
    action: str
    policy: str
    count: int
    standing: int


def batches(*, bulk: UUID | None = None, limit: int = 20) -> list[Batch]:
    """Return what was decided together, the last first; a single one if it is named."""
    return [Batch(*row) for row in rows(_BATCHES, {"bulk": bulk, "limit": limit})]


def decisions_of(bulk: UUID, *, limit: int = desk.LISTED) -> list[Decision]:
    """Return the first of the decisions that were made together."""
    chain = ("policy", "decided_by", "statement__account", "reversed_by")
    return list(
        Decision.objects.filter(bulk=bulk, reverses=None).select_related(*chain).order_by("id")[:limit]
    )


def is_dark(about: Sequence[Subject]) -> bool:
    """Say whether a case in the lane of abuse and terror waits about one of these."""
    numbers, named = [one.id for one in about], ("subject_kind", "subject_id")
    own = (
        Case.objects.filter(subject_id__in=numbers, lane="dark").exclude(state="decided").values_list(*named)
    )
    joined = CaseCopy.objects.filter(subject_id__in=numbers, case__lane="dark").exclude(case__state="decided")
    found = own.union(joined.values_list(*named))
    return not {Subject(*row) for row in found}.isdisjoint(about)


def like(case_id: int, *, limit: int) -> list[Subject]:
    """Return what waits as near copies of a case's subject, and that itself."""
    found = desk.case(case_id)
    alike = Q(cluster=found.cluster) & ~Q(cluster="") | Q(pk=case_id)
    cases = list(Case.objects.filter(alike).exclude(state="decided").order_by("place", "id")[:limit])
    joined = CaseCopy.objects.filter(case__in=cases).order_by("id").values_list("subject_kind", "subject_id")
    subjects = [Subject(case.subject_kind, case.subject_id) for case in cases]
    return list(dict.fromkeys([*subjects, *(Subject(*row) for row in joined[:limit])]))[:limit]


_BATCHES: Final = """
SELECT d.bulk, min(d.decided_at), coalesce(min(a.username), ''), min(d.action), min(p.key), count(*),
  count(*) - count(u.id)
FROM moderation_decision d JOIN moderation_policyversion p ON p.id = d.policy_id
LEFT JOIN moderation_decision u ON u.reverses_id = d.id
LEFT JOIN upscrolled_account a ON a.id = d.decided_by_id
WHERE d.bulk IS NOT NULL AND d.reverses_id IS NULL AND (%(bulk)s::uuid IS NULL OR d.bulk = %(bulk)s::uuid)
GROUP BY d.bulk ORDER BY 2 DESC LIMIT %(limit)s
"""
