"""Begin crisis mode, and end it: with a reason, an end within 72 hours, a banner, and an entry in the public log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from moderation import acts, crisis, tasks
from moderation.models import Crisis
from moderation.operations.reviewers import require
from upscrolled.core.errors import Conflict, Invalid
from upscrolled.models import Account
from upscrolled.operations.switches import turn

LONGEST: Final = 72
BECAUSE_LEAST, BECAUSE_MAX = 10, 1_000


@transaction.atomic
def begin(*, because: str, hours: int, by: Account | None, now: datetime) -> Crisis:
    """Begin crisis mode for so many hours; the reason is public. `by` is None for the server's shell.

    Raises NotAllowed, Invalid for no reason or a longer time, Conflict while one is on.
    """
    if by is not None:
        require(by, "crisis", now=now)
    because = because.strip()
    if not BECAUSE_LEAST <= len(because) <= BECAUSE_MAX:
        raise Invalid(
            f"Validation failed: the reason has {len(because)} characters; it needs {BECAUSE_LEAST} to {BECAUSE_MAX}"
        )
    if not 1 <= hours <= LONGEST:
        raise Invalid(f"Validation failed: {hours} hours; crisis mode lasts 1 to {LONGEST}")
    crisis.alone()
    if crisis.running(now=now) is not None:
        raise Conflict("Crisis mode is on already; it can be begun anew when it has ended")
    crisis.close_over(now=now)
    begun = Crisis.objects.create(
        because=because, begun_by=by, starts_at=now, ends_at=now + timedelta(hours=hours)
    )
    acts.tell("crisis_on", begun.pk, now=now, because=because, hours=hours, effects=list(crisis.EFFECTS))
    turn(name="crisis", value="on", because=because, by=by, now=now, keeper="crisis")
    transaction.on_commit(lambda: tasks.publish_log.delay(), robust=True)
    return begun


@transaction.atomic
def end(*, by: Account | None, now: datetime) -> None:
    """End crisis mode before its time. Raises NotAllowed, Conflict if it is not on."""
    if by is not None:
        require(by, "crisis", now=now)
    crisis.alone()
    running = crisis.running(now=now)
    if running is None:
        raise Conflict("Crisis mode is not on")
    crisis.close(running, by=by, now=now)
    transaction.on_commit(lambda: tasks.publish_log.delay(), robust=True)
