"""What the clock starts in the feed."""

from __future__ import annotations

from celery.schedules import crontab
from django.conf import settings

from feed import tasks
from upscrolled.celery import app

SWEEP_SECONDS = 10
EPOCH_SECONDS = settings.DISCOVER_EPOCH.total_seconds()

# A pool that nobody froze in time is not made up for: the next one is newer.
app.add_periodic_task(
    EPOCH_SECONDS,
    tasks.freeze_discover.s(),
    name="freeze discover",
    expires=EPOCH_SECONDS,
)
# Finds what is still owed when the worker was not told of it.
app.add_periodic_task(
    SWEEP_SECONDS, tasks.sweep_deliveries.s(), name="sweep deliveries", expires=SWEEP_SECONDS
)
app.add_periodic_task(crontab(minute="17"), tasks.purge.s(), name="purge")
