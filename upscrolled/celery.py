"""The Celery app and its clock. Which queue a task goes to stands in `CELERY_TASK_ROUTES`."""

from __future__ import annotations

import os
import time
from typing import Any, Final

from celery import Celery
from celery.signals import before_task_publish, worker_init

# In order of importance: a worker takes the first message of the first queue that has one. What is later in the
# row waits as long as there is work before it.
QUEUES: Final = ("critical", "fanout", "default", "moderation", "maintenance", "media")
MEDIA_QUEUE: Final = QUEUES[-1]  # of work that takes minutes: a worker of its own takes it
SENT_AT: Final = "sent_at"
NICENESS: Final = (
    5  # a third of a core's time beside web processes that want it too; all of it where they do not
)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upscrolled.settings")

app = Celery("upscrolled")
# Without this, `shared_task` in any thread but the main one (the web's all are) would find an app of its own
# that speaks to RabbitMQ.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Each room's schedule.py names what the clock starts; the table is joined when a worker or beat begins.
app.autodiscover_tasks(related_name="schedule", force=False)


@worker_init.connect
def make_way(**_: object) -> None:
    """Let people who wait for a page come before work that nobody watches; the pool's processes inherit it."""
    os.nice(NICENESS)


@before_task_publish.connect
def note_when(headers: dict[str, Any] | None = None, **_: object) -> None:
    """Write the moment into each message (Unix seconds), so that the age of a queue can be told."""
    if headers is not None:
        headers[SENT_AT] = time.time()
