"""Mails about what somebody has not read: off unless they ask, without texts, and ended by one click."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from feed import digests
from feed.operations.interact import like
from tests.people import client_of, make_account, publish, seen_by
from upscrolled.models import Account, MailDigest, Notification
from upscrolled.operations.relationships import block

pytestmark = pytest.mark.django_db
SETTINGS = "/api/v1/upscrolled/notification_settings"
DAY = timedelta(days=1)


def choose(account: Account, every: str) -> Any:
    return client_of(account).patch(SETTINGS, {"digest": every})


def send(*, after: timedelta = DAY) -> int:
    """Send what is due so much later than now."""
    return digests.send_due(clock=lambda: datetime.now(UTC) + after + timedelta(minutes=1))


def test_nobody_gets_a_mail_who_did_not_ask(alice, bob, mailoutbox) -> None:
    assert client_of(alice).get(SETTINGS).json()["digest"] == "off"
    publish(bob, "Hello @alice")

    assert (send(after=30 * DAY), mailoutbox) == (0, [])


def test_who_asked_is_told_who_did_what_and_no_text(alice, bob, dave, mailoutbox) -> None:
    assert choose(alice, "daily").json()["digest"] == "daily"
    publish(bob, "A secret for @alice")
    like(seen_by(dave, publish(alice, "mine")), by=dave, now=datetime.now(UTC))
    assert send(after=DAY / 2) == 0, "not before a day is over"

    assert send() == 1
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["alice@example.org"], f"Unread on {site.SITE_NAME}: 3")
    assert "- Dave favourited your post\n- Bob mentioned you\n- Bob is now following you\n" in mail.body
    assert "secret" not in mail.body
    assert send() == 0, "the next one is due in a day"
    assert send(after=2 * DAY + timedelta(minutes=2)) == 0, "nothing is new"


def test_what_was_read_or_may_not_be_seen_is_not_told(alice, bob, dave, mailoutbox) -> None:
    choose(alice, "weekly")
    publish(bob, "Hello @alice")
    read = Notification.objects.get(recipient=alice, kind="mention").id
    client_of(alice).post("/api/v1/markers", {"notifications": {"last_read_id": str(read)}})
    publish(dave, "Hello @alice")
    block(dave, by=alice, now=datetime.now(UTC))

    assert send(after=7 * DAY) == 0
    assert mailoutbox == []


def test_it_comes_in_the_readers_language(alice, bob, mailoutbox) -> None:
    Account.objects.filter(pk=alice.pk).update(locale="ar")
    choose(alice, "daily")
    publish(bob, "Hello @alice")

    assert send() == 1
    assert "- ذكرك Bob" in mailoutbox[0].body


def test_one_click_ends_them_and_opening_the_link_does_not(alice, bob, mailoutbox) -> None:
    choose(alice, "daily")
    publish(bob, "Hello @alice")
    send()
    headers = mailoutbox[0].extra_headers
    path = re.sub(r"^<https?://[^/]+(.*)>$", r"\1", headers["List-Unsubscribe"])
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert path in mailoutbox[0].body

    browser = Client(enforce_csrf_checks=True)
    assert browser.get(path).status_code == 200
    assert MailDigest.objects.count() == 1
    assert browser.get(path[:-1]).status_code == 404
    assert browser.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert client_of(alice).get(SETTINGS).json()["digest"] == "off"


def test_a_mail_server_that_is_away_is_asked_again(alice, bob, mailoutbox, monkeypatch) -> None:
    choose(alice, "daily")
    publish(bob, "Hello @alice")
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", _refuse)
        assert send() == 0
    assert send() == 0, "it is tried again when the lease is over"

    assert send(after=DAY + timedelta(minutes=20)) == 1
    assert len(mailoutbox) == 1


def _refuse(*_: object) -> int:
    raise ConnectionRefusedError


def test_mails_to_many_cost_as_many_statements_each(
    alice, bob, mailoutbox, django_assert_max_num_queries
) -> None:
    readers = [make_account(f"reader{number}") for number in range(3)]
    for reader in readers:
        choose(reader, "daily")
        publish(bob, f"Hello @{reader.username}")

    with django_assert_max_num_queries(3 + 12 * len(readers)):
        assert send() == 3


def test_what_is_no_rhythm_is_refused(alice) -> None:
    answer = choose(alice, "hourly")

    assert answer.status_code == 422
    assert "digest must be one of off, daily, weekly; not 'hourly'" in answer.json()["error"]


def test_who_wants_none_any_more_gets_none(alice, bob, mailoutbox) -> None:
    choose(alice, "daily")
    choose(alice, "off")
    publish(bob, "Hello @alice")

    assert send() == 0
