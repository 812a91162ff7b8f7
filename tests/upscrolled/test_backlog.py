"""What waits for a worker: told by its age, and taken in order of importance."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests.people import NOON, publish
from tests.waiting import PATIENCE, until
from upscrolled import backlog, tasks
from upscrolled.celery import QUEUES, app
from upscrolled.core import valkey
from upscrolled.models import Export, Import

ROOT = Path(__file__).parents[2]


def by_name(waiting: list[backlog.Waiting]) -> dict[str, backlog.Waiting]:
    return {one.name: one for one in waiting}


def test_the_age_of_a_queue_is_that_of_its_oldest_message() -> None:
    begun = time.time()
    tasks.heartbeat.apply_async(queue="maintenance")
    time.sleep(0.3)
    tasks.heartbeat.apply_async(queue="maintenance")

    waiting = backlog.queues()

    assert [one.name for one in waiting] == list(QUEUES)
    oldest = by_name(waiting)["maintenance"]
    assert oldest.count == 2
    assert oldest.oldest_seconds is not None
    assert 0.29 <= oldest.oldest_seconds <= time.time() - begun + 0.001  # it is told in thousandths
    assert by_name(waiting)["critical"] == backlog.Waiting("critical", 0, None)


@pytest.mark.parametrize(
    "message", [b"", b"{", b"[]", b'{"headers": {}}', b'{"headers": {"sent_at": "x"}}', b"\xff"]
)
def test_a_message_of_somebody_else_counts_and_has_no_age(message: bytes) -> None:
    valkey.data().lpush("default", message)

    assert by_name(backlog.queues())["default"] == backlog.Waiting("default", 1, None)


@pytest.mark.django_db
def test_a_post_that_no_worker_was_told_of_is_owed_since_it_was_made(alice: Any) -> None:
    publish(alice, after=10)
    publish(alice, after=40)

    owed = by_name(backlog.owed(NOON + timedelta(seconds=100)))["deliveries"]

    assert owed == backlog.Waiting("deliveries", 2, pytest.approx(90, abs=0.01))


@pytest.mark.django_db
def test_archives_and_lists_that_wait_are_owed_too(alice: Any, bob: Any) -> None:
    then = NOON - timedelta(seconds=60)
    times = {"asked_at": then, "due_at": then}
    Export.objects.create(account=alice, state="queued", key="a", **times)
    Export.objects.create(account=bob, state="ready", key="b", **times)  # waits to be forgotten
    Import.objects.create(account=bob, kind="muting", rows=[], **times)

    owed = by_name(backlog.owed(NOON))

    assert owed["exports"] == backlog.Waiting("exports", 1, 60.0)
    assert owed["imports"] == backlog.Waiting("imports", 1, 60.0)


@pytest.mark.django_db
def test_the_operator_and_the_balancer_read_the_same(alice: Any) -> None:
    tasks.heartbeat.apply_async(queue="media")
    publish(alice)
    out = StringIO()

    call_command("queues", stdout=out)

    assert re.search(r"^media +1 +\d+\.\d s$", out.getvalue(), re.MULTILINE)
    assert re.search(r"^deliveries +1 +\d+\.\d s$", out.getvalue(), re.MULTILINE)
    ready = Client().get("/health/ready").json()
    assert ready["queues"]["media"]["waiting"] == 1
    assert ready["owed"]["deliveries"]["waiting"] == 1
    assert ready["shedding"]["level"] == 0.0


def test_a_worker_takes_the_queues_in_order_of_importance(tmp_path: Path) -> None:
    """Everything waits before the worker starts; it says in which order it was handed what."""
    for name in reversed(QUEUES):
        for _ in range(3):
            tasks.heartbeat.apply_async(queue=name)
    order = tmp_path / "order.txt"
    spy = tmp_path / "spy.py"
    spy.write_text(
        "from celery.signals import task_prerun\n"
        "from upscrolled.celery import app\n"
        "@task_prerun.connect(weak=False)\n"
        "def note(task=None, **_):\n"
        "    if task.name == 'upscrolled.tasks.heartbeat':  # a worker that starts makes work of its own\n"
        f"        open({str(order)!r}, 'a').write(task.request.delivery_info['routing_key'] + '\\n')\n"
    )
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "upscrolled.settings",
        "PYTHONPATH": f"{tmp_path}:{ROOT}",
        "SECRET_KEY": settings.SECRET_KEY,
    }
    command = "-W ignore -m celery -A spy worker --pool solo --without-gossip --without-mingle --queues"
    worker = subprocess.Popen(
        [sys.executable, *command.split(), ",".join(QUEUES)],
        env=environ,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until(lambda: worker.poll() is not None or (order.is_file() and len(order.read_text().split()) >= 18))
        assert worker.poll() is None, worker.stderr.read() if worker.stderr else ""
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(PATIENCE)
        if worker.stderr:
            worker.stderr.close()

    assert order.read_text().split() == [name for name in QUEUES for _ in range(3)]


def test_every_task_is_routed_to_a_queue_that_workers_take_from() -> None:
    routes = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}

    assert routes | {app.conf.task_default_queue} <= set(QUEUES)
