"""How many media somebody has uncovered today, of how many; and the team, by day and category, without names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from django.conf import settings

from moderation.models import ExposureLift
from upscrolled.queries.rows import rows

LIFTS_LISTED: Final = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """So many media of a day's `limit`; a limit of 0 is none."""

    count: int
    limit: int

    @property
    def is_enough(self) -> bool:
        """Say whether the day's limit is reached."""
        return self.limit > 0 and self.count >= self.limit


@dataclass(frozen=True, slots=True)
class Today:
    """What somebody uncovered today: in the lane of abuse and terror, and in all others.

    `names` are all of it, each as its case and itself.
    """

    others: Seen
    dark: Seen
    names: frozenset[str] = frozenset()

    def of(self, lane: str) -> Seen:
        """Return what counts with cases of a lane."""
        return self.dark if lane == "dark" else self.others

    def shows(self, case_id: int, lane: str, name: str) -> bool:
        """Say whether a medium of a case may be shown: past the limit only what was seen that day already."""
        return not self.of(lane).is_enough or f"{case_id}/{name}" in self.names


@dataclass(frozen=True, slots=True)
class TeamDay:
    """How many media of a category were uncovered on a day, by whomever."""

    day: date
    dark: bool
    category: str
    count: int


_TODAY: Final = """
SELECT e.others, e.dark, e.names, l.others, l.dark
FROM (SELECT coalesce(sum(cardinality(x.seen)) FILTER (WHERE NOT x.dark), 0)::int AS others,
        coalesce(sum(cardinality(x.seen)) FILTER (WHERE x.dark), 0)::int AS dark,
        ARRAY(SELECT unnest(y.seen) FROM moderation_exposure y WHERE y.account_id = %(by)s AND y.day = %(day)s) AS names
      FROM moderation_exposure x WHERE x.account_id = %(by)s AND x.day = %(day)s) e
CROSS JOIN (SELECT coalesce(sum(more) FILTER (WHERE NOT dark), 0)::int AS others,
        coalesce(sum(more) FILTER (WHERE dark), 0)::int AS dark
      FROM moderation_exposurelift WHERE to_id = %(by)s AND day = %(day)s) l
"""
_TEAM: Final = """
SELECT day, dark, category, sum(cardinality(seen))::int FROM moderation_exposure
WHERE day > %(day)s::date - 30 GROUP BY 1, 2, 3 ORDER BY 1 DESC, 2, 3
"""


def day_of(now: datetime) -> date:
    """Return the day (UTC) that a moment counts with."""
    return now.astimezone(UTC).date()


def today(account_id: int, *, now: datetime) -> Today:
    """Return what somebody uncovered today; one statement."""
    ((others, dark, names, more, more_dark),) = rows(_TODAY, {"by": account_id, "day": day_of(now)})
    return Today(
        Seen(others, _raised(settings.EXPOSURE_A_DAY, more)),
        Seen(dark, _raised(settings.DARK_EXPOSURE_A_DAY, more_dark)),
        frozenset(names),
    )


def _raised(limit: int, more: int) -> int:
    return limit + more if limit else 0


def lifts() -> Sequence[ExposureLift]:
    """Return the last times that a limit was lifted, the newest first; one statement."""
    return list(ExposureLift.objects.select_related("to", "by").order_by("-id")[:LIFTS_LISTED])


def team(*, now: datetime) -> Sequence[TeamDay]:
    """Return thirty days of the whole team, the last first; one statement."""
    return [TeamDay(*row) for row in rows(_TEAM, {"day": day_of(now)})]
