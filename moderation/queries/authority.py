"""Orders with their clocks, and trusted flaggers with their record, as everybody may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from moderation.models import Case, LegalOrder


@dataclass(frozen=True, slots=True)
class Flagger:
    """A trusted flagger: how many of its reports were decided, and how many upheld. `until` None: still trusted."""

    name: str
    appointed_by: str
    area: str
    since: datetime
    until: datetime | None
    ended_because: str
    decided: int
    upheld: int

    @property
    def precision(self) -> int | None:
        """How many of a hundred were upheld; None before any was decided."""
        return round(100 * self.upheld / self.decided) if self.decided else None


_FLAGGERS: Final = """
SELECT f.name, f.appointed_by, f.area, f.since, f.until, f.ended_because,
  count(r.id), count(r.id) FILTER (WHERE r.outcome = 'upheld')
FROM moderation_trustedflagger f
LEFT JOIN moderation_report r ON r.reporter_id = f.account_id AND r.outcome <> '' AND r.created_at >= f.since
GROUP BY f.account_id ORDER BY f.until IS NOT NULL, f.name
"""


def flaggers() -> list[Flagger]:
    """Return every trusted flagger with its record, those of today first."""
    with connection.cursor() as cursor:
        cursor.execute(_FLAGGERS)
        return [Flagger(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Clock:
    """An order, and whether its clock ran out before its case was decided."""

    order: LegalOrder
    waits: bool
    late: bool


def clocks(*, now: datetime, at_most: int = 100) -> Sequence[Clock]:
    """Return the orders, those that wait first and of these the most urgent; two statements."""
    found = LegalOrder.objects.select_related("case")
    waiting = found.exclude(case__state="decided").order_by("deadline", "id")[:at_most]
    answered = found.filter(case__state="decided").order_by("-deadline", "-id")[:at_most]
    return [
        Clock(order, order.case.state != "decided", (order.case.closed_at or now) > order.deadline)
        for order in (*waiting, *answered)
    ]


def orders_about(case: Case) -> Sequence[LegalOrder]:
    """Return the orders that came about what a case is about, the most urgent first; asked only if any came."""
    if case.source != "order":
        return []
    about = LegalOrder.objects.filter(case__subject_kind=case.subject_kind, case__subject_id=case.subject_id)
    return list(about.order_by("deadline", "id"))
