"""What the clock starts in the ground, and what a worker does first."""

from __future__ import annotations

from datetime import UTC, datetime

from celery.schedules import crontab
from celery.signals import worker_ready

from upscrolled import keys, tasks
from upscrolled.celery import app

app.add_periodic_task(
    tasks.HEARTBEAT_SECONDS, tasks.heartbeat.s(), name="heartbeat", expires=tasks.HEARTBEAT_SECONDS * 2
)
app.add_periodic_task(
    tasks.TELL_SECONDS, tasks.tell.s(), name="tell what is owed", expires=tasks.TELL_SECONDS
)
app.add_periodic_task(crontab(minute="25"), tasks.empty_addresses.s(), name="empty old addresses")
app.add_periodic_task(crontab(minute="*/5"), tasks.sweep_owed_mails.s(), name="send what mail is owed")
# Among millions each takes a second or two of one core: not in the same minute, or readers would feel it.
app.add_periodic_task(
    crontab(minute="1-59/5"), tasks.count_figures.s(), name="count the figures", expires=300
)
app.add_periodic_task(
    crontab(minute="3-59/5"), tasks.refresh_popular.s(), name="who is followed lately", expires=300
)
app.add_periodic_task(
    crontab(minute="*/10"), tasks.remove_pictures.s(), name="remove old pictures", expires=600
)
app.add_periodic_task(crontab(minute="35"), tasks.count_weeks.s(), name="count the weeks", expires=3_600)
app.add_periodic_task(crontab(hour="4", minute="15"), tasks.sweep.s(), name="sweep what has expired")


@worker_ready.connect
def speak_at_once(**_: object) -> None:
    """Do at once what nobody should wait for until the clock's first round."""
    tasks.heartbeat()
    keys.in_use("push", now=datetime.now(UTC))  # applications ask for it before anybody subscribes
    tasks.refresh_popular.delay()
    tasks.count_weeks.delay()
