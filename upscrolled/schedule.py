"""What the clock starts in the ground, and what a worker does first."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from celery import shared_task
from celery.schedules import crontab
from celery.signals import worker_ready

from upscrolled import keys, switches, tasks
from upscrolled.celery import app
from upscrolled.operations import exports, imports, leaving, multipart, resumable


@shared_task
def sweep_uploads(**_: object) -> None:
    """Finish uploads in pieces that are complete and that nobody asked about since; forget what has expired."""
    now = datetime.now(UTC)
    resumable.sweep(now=now)
    multipart.sweep(now=now)


@shared_task
def erase_accounts(**_: object) -> None:
    """Erase accounts whose owners left long enough ago, unless writing is switched off: then they wait."""
    if switches.value("writes") == "on":
        leaving.erase_due(now=datetime.now(UTC))


TRANSFERS_SECONDS, TRANSFERS_SHIFT = 15, 60.0
_AN_EXPORT = int(exports.LEASE.total_seconds()) - 120  # nobody is still at it when its lease is over


@shared_task(soft_time_limit=_AN_EXPORT, time_limit=_AN_EXPORT + 60)
def make_exports(**_: object) -> None:
    """Make the archives that people asked for, for a shift, and remove those whose time is over.

    While transfers are switched off what was asked for waits; while writing is, everything does.
    """
    if switches.value("writes") == "off":
        return
    exports.remove_over(now=datetime.now(UTC))
    ends = time.monotonic() + TRANSFERS_SHIFT
    while time.monotonic() < ends and switches.value("transfers") == "on":
        if not exports.make_next(clock=lambda: datetime.now(UTC)):
            return


@shared_task
def take_imports(**_: object) -> None:
    """Take over lists that people brought, for a shift, and forget those whose time is over; waits as exports do."""
    if switches.value("writes") == "off":
        return
    imports.forget_over(now=datetime.now(UTC))
    ends = time.monotonic() + TRANSFERS_SHIFT
    while time.monotonic() < ends and switches.value("transfers") == "on":
        if not imports.take_next(clock=lambda: datetime.now(UTC)):
            return


app.add_periodic_task(
    TRANSFERS_SECONDS, make_exports.s(), name="make what people take along", expires=TRANSFERS_SECONDS
)
app.add_periodic_task(
    TRANSFERS_SECONDS, take_imports.s(), name="take over what people bring", expires=TRANSFERS_SECONDS
)
app.add_periodic_task(
    tasks.HEARTBEAT_SECONDS, tasks.heartbeat.s(), name="heartbeat", expires=tasks.HEARTBEAT_SECONDS * 2
)
app.add_periodic_task(
    tasks.TELL_SECONDS, tasks.tell.s(), name="tell what is owed", expires=tasks.TELL_SECONDS
)
app.add_periodic_task(crontab(minute="25"), tasks.empty_addresses.s(), name="empty old addresses")
app.add_periodic_task(crontab(minute="2-59/10"), erase_accounts.s(), name="erase accounts", expires=600)
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
MEDIA_SECONDS, REMOVE_SECONDS = 15, 60
# What a lost queue or a dead worker left is found here: each of these asks the rows.
for name, task, seconds in (
    ("look at media", tasks.look_at_media, MEDIA_SECONDS),
    ("process media", tasks.process_media, MEDIA_SECONDS),
    ("settle media", tasks.settle_media, MEDIA_SECONDS),
    ("remove media", tasks.remove_media, REMOVE_SECONDS),
    ("sweep uploads", sweep_uploads, REMOVE_SECONDS),
):
    app.add_periodic_task(seconds, task.s(), name=name, expires=seconds)
app.add_periodic_task(crontab(minute="35"), tasks.count_weeks.s(), name="count the weeks", expires=3_600)
app.add_periodic_task(crontab(hour="4", minute="15"), tasks.sweep.s(), name="sweep what has expired")


@worker_ready.connect
def speak_at_once(**_: object) -> None:
    """Do at once what nobody should wait for until the clock's first round."""
    tasks.heartbeat()
    keys.in_use("push", now=datetime.now(UTC))  # applications ask for it before anybody subscribes
    tasks.refresh_popular.delay()
    tasks.count_weeks.delay()
