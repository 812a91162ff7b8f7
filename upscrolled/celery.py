"""The Celery app and its clock. Which queue a task goes to stands in `CELERY_TASK_ROUTES`."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upscrolled.settings")

app = Celery("upscrolled")
# Without this, `shared_task` in any thread but the main one (the web's all are) would find an app of its own
# that speaks to RabbitMQ.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Each room's schedule.py names what the clock starts; the table is joined when a worker or beat begins.
app.autodiscover_tasks(related_name="schedule", force=False)
