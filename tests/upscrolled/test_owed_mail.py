"""Mails that people wait for: from a row to the mailbox, whatever happens to the queue, a worker or the mail server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail

from tests.appscreens import Screens, code_in
from tests.newcomers import application, confirm, sign_up
from upscrolled import mail as mails
from upscrolled import tasks
from upscrolled.core import valkey
from upscrolled.models import Account, OwedMail

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def queue() -> Iterator[Callable[[], list[str]]]:
    """What lies in the queue of mails, as whoever reads Valkey sees it."""
    yield lambda: [item.decode() for item in valkey.data().lrange("critical", 0, -1)]
    valkey.data().flushdb()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A mail server that refuses with what is put here under `code`."""
    says: dict[str, Any] = {"code": None}
    goes_out = mails.send

    def send(message: mails.Mail) -> None:
        if says["code"]:
            raise SMTPRecipientsRefused({message.to: (says["code"], b"no")})
        goes_out(message)

    monkeypatch.setattr(mails, "send", send)
    return says


def work_off() -> None:
    """A worker does what is owed."""
    for owed in OwedMail.objects.order_by("pk"):
        tasks.send_owed_mail(mail_id=owed.pk)


def let_pass(time: timedelta) -> None:
    OwedMail.objects.update(created_at=datetime.now(UTC) - time)


def asked_for(path: str) -> Screens:
    app = Screens()
    assert app.post(path, {"email": "alice@example.org"}).status_code == 401
    return app


def test_a_confirmation_that_the_queue_lost_is_found_by_the_clock(queue: Any) -> None:
    assert sign_up(application()).status_code == 200
    valkey.data().flushdb()

    tasks.sweep_owed_mails()
    assert queue() == []  # not owed for long enough
    let_pass(timedelta(minutes=11))
    tasks.sweep_owed_mails()

    assert len(queue()) == 1
    work_off()
    assert mail.outbox[-1].to == ["erin@example.org"]
    assert not OwedMail.objects.exists()
    confirm("erin")
    assert Account.objects.get().is_confirmed


def test_while_there_is_no_broker_people_sign_up_and_the_mail_is_owed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks.send_owed_mail, "delay", lambda **_: 1 / 0)

    assert sign_up(application()).status_code == 200

    work_off()
    assert mail.outbox[-1].to == ["erin@example.org"]


@pytest.mark.parametrize("path", ["auth/password/request", "auth/code/request"])
def test_neither_the_queue_nor_a_copy_of_the_database_opens_an_account(
    alice: Account, queue: Any, path: str
) -> None:
    asked_for(path)
    kept = f"{json.dumps(list(OwedMail.objects.values('template', 'facts')))} {queue()}"
    work_off()

    body = str(mail.outbox[-1].body)
    assert code_in(body) not in kept
    assert "/password/reset/" not in kept
    assert "alice@example.org" not in " ".join(queue())


def test_a_code_for_the_app_goes_with_the_mail_that_is_owed(queue: Any) -> None:
    app = Screens()
    app.post(
        "auth/signup",
        {"username": "erin", "email": "erin@example.org", "password": "a long passphrase", "agreement": True},
    )
    assert not [item for item in queue() if "erin" in item]

    work_off()

    assert app.post("auth/email/verify", {"key": code_in(str(mail.outbox[-1].body))}).status_code == 200


def test_a_code_to_sign_in_that_is_over_is_not_sent(alice: Account) -> None:
    asked_for("auth/code/request")
    owed = OwedMail.objects.get()
    owed.facts["until"] -= 901
    owed.save()

    work_off()

    assert mail.outbox == []
    assert not OwedMail.objects.exists()


def test_a_server_that_is_busy_is_asked_again(alice: Account, server: dict[str, Any]) -> None:
    asked_for("auth/password/request")
    server["code"] = 451
    for _ in range(4):
        with pytest.raises(SMTPRecipientsRefused):
            work_off()
    server["code"] = None

    work_off()

    assert len(mail.outbox) == 1


def test_a_mailbox_that_is_none_is_given_up_the_third_time_and_named_in_no_log(
    server: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    sign_up(application())
    server["code"] = 550

    for left in (1, 1, 0, 0):
        work_off()
        assert OwedMail.objects.count() == left

    assert "given up" in caplog.text
    assert "erin@example.org" not in caplog.text


def test_two_workers_do_not_send_one_mail_twice(alice: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    asked_for("auth/password/request")
    (owed,) = OwedMail.objects.all()
    goes_out = mails.send

    def meanwhile() -> None:
        tasks.send_owed_mail(mail_id=owed.pk)
        connection.close()

    def send(message: mails.Mail) -> None:
        with ThreadPoolExecutor(1) as another:
            another.submit(meanwhile).result()
        goes_out(message)

    monkeypatch.setattr(mails, "send", send)
    work_off()

    assert len(mail.outbox) == 1


def test_what_another_key_has_sealed_is_given_up_with_a_word(
    alice: Account, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    asked_for("auth/password/request")
    settings.SECRET_KEY = "another"

    work_off()

    assert mail.outbox == []
    assert "SECRET_KEY" in caplog.text
    assert not OwedMail.objects.exists()
