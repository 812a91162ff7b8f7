"""Choose in which mode a rule at the door works, once it is known what it would have met."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from moderation import rehearsals, tasks
from moderation.models import ScreenMode, ScreenTurn
from moderation.screening import RULES
from moderation.screening.rules import MODES
from upscrolled.core.errors import Conflict, Invalid
from upscrolled.models import Account

SEEN_WITHIN: Final = timedelta(days=1)


@transaction.atomic
def set_mode(rule: str, mode: str, *, because: str, by: Account | None, now: datetime) -> None:
    """Have a rule work in that mode, for this reason; the turn is kept. `by` is None for the server's shell.

    Raises Invalid, and Conflict for a rule that would leave the shadow before anybody could see what it would have met
    last week.
    """
    found = next((one for one in RULES if one.name == rule), None)
    if found is None:
        raise Invalid(f"There is no rule {rule!r}; there are {', '.join(one.name for one in RULES)}.")
    if mode not in MODES:
        raise Invalid(f"There is no mode {mode!r}; there are {', '.join(MODES)}.")
    if not because.strip():
        raise Invalid("Say why; the reason is kept.")
    chosen = ScreenMode.objects.filter(rule=rule).values_list("mode", flat=True).first()
    before = chosen or found.mode
    if before == "shadow" != mode and not _is_seen(rule, now=now):
        raise Conflict(
            f"See first what {rule!r} would have met in the last week: that was not looked at within a day"
        )
    because = because.strip()
    ScreenTurn.objects.create(rule=rule, before=before, after=mode, because=because, at=now, by=by)
    facts = {"mode": mode, "because": because, "changed_at": now}
    ScreenMode.objects.update_or_create(rule=rule, defaults=facts)


def _is_seen(rule: str, *, now: datetime) -> bool:
    seen = rehearsals.last()
    return seen is not None and rule in seen.by_rule and seen.until > now - SEEN_WITHIN


@transaction.atomic
def rehearse(*, now: datetime) -> None:
    """Have workers find out what every rule would have met in the last week; one that is under way goes on."""
    rehearsals.begin(now=now)
    transaction.on_commit(lambda: tasks.rehearse_rules.delay(), robust=True)
