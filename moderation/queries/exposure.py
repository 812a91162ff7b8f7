"""How many media somebody has uncovered today, of how many; and the team, by day and category, without names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from django.conf import settings

from upscrolled.queries.rows import rows


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
    """What somebody uncovered today: in the lane of abuse and terror, and in all others."""

    others: Seen
    dark: Seen

    def of(self, lane: str) -> Seen:
        """Return what counts with cases of a lane."""
        return self.dark if lane == "dark" else self.others


@dataclass(frozen=True, slots=True)
class TeamDay:
    """How many media of a category were uncovered on a day, by whomever."""

    day: date
    dark: bool
    category: str
    count: int


_TODAY: Final = """
SELECT coalesce(sum(cardinality(seen)) FILTER (WHERE NOT dark), 0)::int,
  coalesce(sum(cardinality(seen)) FILTER (WHERE dark), 0)::int
FROM moderation_exposure WHERE account_id = %(by)s AND day = %(day)s
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
    ((others, dark),) = rows(_TODAY, {"by": account_id, "day": day_of(now)})
    return Today(Seen(others, settings.EXPOSURE_A_DAY), Seen(dark, settings.DARK_EXPOSURE_A_DAY))


def team(*, now: datetime) -> Sequence[TeamDay]:
    """Return thirty days of the whole team, the last first; one statement."""
    return [TeamDay(*row) for row in rows(_TEAM, {"day": day_of(now)})]
