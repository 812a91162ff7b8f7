"""What the clock starts in messaging. All is found in rows, so whatever was missed is done the next time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from celery import shared_task
from celery.schedules import crontab
from django.db import connection

from messaging.operations import decided
from messaging.operations import reseal as verbs
from upscrolled.celery import app

EVENTS_KEPT = timedelta(days=30)
DECIDED_SECONDS = 60
_FORGET = """
DELETE FROM messaging_event WHERE ctid = ANY(ARRAY(
  SELECT e.ctid FROM messaging_event e WHERE e.created_at < %(before)s LIMIT 5000))
"""


@shared_task
def reseal(**_: object) -> None:
    """Seal anew what lies under keys that were replaced; it stands here, above the verbs."""
    verbs.reseal(now=datetime.now(UTC))


@shared_task
def forget_events(**_: object) -> None:
    """Forget events of a month ago: a device that was away for longer reads its conversations anew."""
    forget_before(datetime.now(UTC) - EVENTS_KEPT)


@shared_task
def tell_decided(**_: object) -> None:
    """Tell phones of messages that a decision took from them or gave back."""
    decided.tell(now=datetime.now(UTC))


def forget_before(moment: datetime) -> int:
    """Forget events older than that, some at a time; return how many."""
    forgotten = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, {"before": moment})
            gone: int = cursor.rowcount
        forgotten += gone
        if not gone:
            return forgotten


app.add_periodic_task(crontab(minute="41"), reseal.s(), name="seal messages anew")
app.add_periodic_task(crontab(hour="3", minute="29"), forget_events.s(), name="forget events of messages")
app.add_periodic_task(
    DECIDED_SECONDS,
    tell_decided.s(),
    name="tell of messages that were decided about",
    expires=DECIDED_SECONDS,
)
