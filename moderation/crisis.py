"""Crisis mode: is it on, and what it changes. Every effect has its sentence on the public page.

It holds nobody back: more words are looked at by people, nothing is removed by a rule, and who reports is told that
it takes longer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection, transaction

from moderation import acts
from moderation.models import Crisis, CrisisEnd
from upscrolled.models import Account
from upscrolled.operations.switches import turn

# Effects, by the keys of their sentences: who looks for them in the code finds them by these names.
NO_SAMPLES, SHADOW_TO_QUEUE, DELAYED = "no_samples", "shadow_to_queue", "delayed"
EFFECTS: Final = (NO_SAMPLES, SHADOW_TO_QUEUE, DELAYED)


def running(*, now: datetime) -> Crisis | None:
    """Return the crisis that is on at a moment, or None. A crisis whose time is up is none, whatever the clock does."""
    found = Crisis.objects.filter(starts_at__lte=now, ends_at__gt=now).exclude(end__at__lte=now)
    return found.order_by("-id").first()


@transaction.atomic
def close_over(*, now: datetime) -> int:
    """Write down that crises are over whose time is up, and take the banner away; return how many."""
    alone()
    over = list(Crisis.objects.filter(end=None, ends_at__lte=now))
    for one in over:
        close(one, by=None, now=now)
    return len(over)


def close(one: Crisis, *, by: Account | None, now: datetime) -> None:
    """Write down that a crisis is over, in the public log too, and take the banner away."""
    CrisisEnd.objects.create(crisis=one, by=by, at=now)
    early = now < one.ends_at
    acts.tell("crisis_off", one.pk, now=now, early=early)
    because = "ended before its time" if early else "its time is up"
    turn(name="crisis", value="off", because=because, by=by, now=now, keeper="crisis")


def alone() -> None:
    """Wait until nobody else begins or ends a crisis, for the rest of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('moderation:crisis', 0))")
