"""Uncover media of a case: each is counted before it is seen, and a day has a limit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from moderation.models import Case, Exposure, ExposureLift
from moderation.models.exposure import LIFTED_AT_MOST
from moderation.operations.claims import checked_reason
from moderation.operations.reviewers import require, require_reviewer
from moderation.queries import exposure
from moderation.queries.exposure import Seen
from upscrolled.core.errors import Invalid, NotAllowed, TooMany
from upscrolled.models import Account
from upscrolled.queries import staff

KEPT: Final = timedelta(days=90)
LIFT_MOST: Final = LIFTED_AT_MOST
AT_ONCE: Final = 500
NAME_MAX: Final = 200
_COUNTED: Final = """
INSERT INTO moderation_exposure AS e (account_id, day, dark, category, seen)
VALUES (%(by)s, %(day)s, %(dark)s, %(category)s, %(fresh)s::text[])
ON CONFLICT (account_id, day, dark, category) DO UPDATE SET seen = e.seen || excluded.seen
"""


class EnoughSeen(TooMany):
    """The day's limit of media is reached; `seen` has how many, and how many may be."""

    def __init__(self, seen: Seen) -> None:
        """Say so in plain words."""
        super().__init__(
            f"You have uncovered {seen.count} media today; the limit is {seen.limit}. Take a break"
        )
        self.seen = seen


@transaction.atomic
def uncover(case: Case, media: Sequence[str], *, by: Account, now: datetime) -> tuple[list[str], Seen]:
    """Count these media of a case, each once a day; return those that may be seen, and how many there were today.

    Fewer than were asked for may be seen if the day's limit lies between. Raises EnoughSeen if none of them may,
    Invalid for no names or too many, NotAllowed for who may not work on the case.
    """
    require_reviewer(by, case.pk, now=now)
    wanted = list(dict.fromkeys(media))
    if not 1 <= len(wanted) <= AT_ONCE or not all(1 <= len(name) <= NAME_MAX for name in wanted):
        raise Invalid(f"Validation failed: {len(wanted)} media; name 1 to {AT_ONCE} of them")
    # Whoever presses twice at once is counted one after the other.
    Account.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)
    day, dark = exposure.day_of(now), case.lane == "dark"
    today = exposure.today(by.pk, now=now)
    known, before = today.names, today.of(case.lane)
    fresh = [name for name in wanted if f"{case.pk}/{name}" not in known]
    if before.limit:
        fresh = fresh[: max(0, before.limit - before.count)]
    seen = [name for name in wanted if name in set(fresh) or f"{case.pk}/{name}" in known]
    if not seen:
        raise EnoughSeen(before)
    if fresh:
        facts: dict[str, Any] = {
            "by": by.pk,
            "day": day,
            "dark": dark,
            "category": case.policy,
            "fresh": [f"{case.pk}/{name}" for name in fresh],
        }
        with connection.cursor() as cursor:
            cursor.execute(_COUNTED, facts)
    return seen, Seen(before.count + len(fresh), before.limit)


@transaction.atomic
def lift(*, to: Account, dark: bool, more: int, because: str, by: Account, now: datetime) -> None:
    """Let a colleague uncover so many more media today, with a reason that is kept.

    It is not for oneself, unless there is no other administrator to ask. Raises NotAllowed, Invalid.
    """
    require(by, "team", now=now)
    if to.pk == by.pk and set(staff.who_may("team", now=now)) - {by.pk}:
        raise NotAllowed("Nobody lifts their own limit; ask another administrator")
    because = checked_reason(because)
    if not 1 <= more <= LIFT_MOST:
        raise Invalid(f"Validation failed: {more} more media; it needs 1 to {LIFT_MOST}")
    day = exposure.day_of(now)
    ExposureLift.objects.create(to=to, by=by, day=day, dark=dark, more=more, because=because, at=now)


def forget(*, now: datetime) -> int:
    """Delete what was counted more than 90 days ago; return how many rows."""
    return Exposure.objects.filter(day__lt=exposure.day_of(now - KEPT)).delete()[0]
