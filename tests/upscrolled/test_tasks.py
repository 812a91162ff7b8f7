"""What the ground hands to a worker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from oauth2_provider.models import Grant

from tests.browser import code_for, register
from tests.people import make_account
from upscrolled import tasks
from upscrolled.celery import app
from upscrolled.core import valkey
from upscrolled.models import Account

pytestmark = pytest.mark.django_db


def test_what_has_expired_is_swept_and_the_rest_stays(alice: Account) -> None:
    code_for(register(), "alice")
    tasks.sweep()
    assert (Session.objects.count(), Grant.objects.count()) == (1, 1)
    past = datetime.now(UTC) - timedelta(days=1)
    Session.objects.update(expire_date=past)
    Grant.objects.update(expires=past)

    tasks.sweep()

    assert (Session.objects.count(), Grant.objects.count()) == (0, 0)


def test_no_request_waits_for_long_for_a_broker_that_is_silent() -> None:
    options, policy = app.conf.broker_transport_options, app.conf.task_publish_retry_policy
    tries = 1 + policy["max_retries"]

    assert tries * (options["socket_connect_timeout"] + options["socket_timeout"]) <= 15


def test_nobody_is_asked_to_confirm_twice(alice: Account) -> None:
    tasks.send_confirmation(account_id=alice.id)
    tasks.send_confirmation(account_id=1)

    assert mail.outbox == []


def test_a_mail_speaks_the_readers_language() -> None:
    noor = make_account("noor", confirmed=False, locale="ar")

    tasks.send_confirmation(account_id=noor.id)

    assert "مرحبًا \u200e@noor" in mail.outbox[0].body
    assert mail.outbox[0].to == ["noor@example.org"]


def test_a_crowd_wakes_the_worker_once(monkeypatch, django_capture_on_commit_callbacks) -> None:
    monkeypatch.setattr(tasks, "TELL_DELAY", 60.0)

    def after_three() -> int:
        for _ in range(3):
            with django_capture_on_commit_callbacks(execute=True):
                tasks.tell_soon()
            valkey.data().delete("tell:soon")  # as if the task had begun
        return valkey.data().llen("fanout")

    assert after_three() == 1
    tasks.forget()  # as another process
    assert after_three() == 2


def test_what_happens_once_the_task_may_have_looked_wakes_another(
    monkeypatch, django_capture_on_commit_callbacks
) -> None:
    monkeypatch.setattr(tasks, "TELL_DELAY", 0.0)
    for number in (1, 2):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.tell_soon()
        valkey.data().delete("tell:soon")
        assert valkey.data().llen("fanout") == number
