"""What the clock starts in the ground, and what a worker does first."""

from __future__ import annotations

from celery.schedules import crontab
from celery.signals import worker_ready

from upscrolled import tasks
from upscrolled.celery import app

app.add_periodic_task(
    tasks.HEARTBEAT_SECONDS, tasks.heartbeat.s(), name="heartbeat", expires=tasks.HEARTBEAT_SECONDS * 2
)
app.add_periodic_task(crontab(hour="4", minute="15"), tasks.sweep.s(), name="sweep what has expired")


@worker_ready.connect
def speak_at_once(**_: object) -> None:
    """Beat the heart as soon as work can be taken, so that nobody waits for the clock's first round."""
    tasks.heartbeat()
