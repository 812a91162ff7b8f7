"""An e-mail address belongs to whoever confirms it, and nobody else learns whether it has an account (adr/0010)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext

from tests.browser import Browser
from tests.newcomers import FORM, application, confirm, has_link, link_in, mail_to, sign_up
from tests.parallel import at_once
from tests.people import PASSWORD, ApiClient, make_account
from upscrolled import retention
from upscrolled.models import Account
from upscrolled.operations import accounts

pytestmark = pytest.mark.django_db


def test_a_taken_address_is_answered_as_a_free_one(alice: Account) -> None:
    answers, statements = [], []
    for name, address in (("erin", "free@example.org"), ("frida", "alice@example.org")):
        app = application()
        with CaptureQueriesContext(connection) as ran:
            answers.append(sign_up(app, username=name, email=address))
            statements.append([query["sql"].partition(" ")[0] for query in ran.captured_queries])

    free, taken = answers
    assert (
        (free.status_code, set(free.json()))
        == (taken.status_code, set(taken.json()))
        == (200, set(taken.json()))
    )
    assert statements[0] == statements[1]
    for answer in answers:
        token = ApiClient(answer.json()["access_token"])
        assert token.get("/api/v1/accounts/verify_credentials").json() == {
            "error": "Your login is missing a confirmed e-mail address"
        }
        assert token.post("/api/v1/emails/confirmations").status_code == 200


def test_the_owner_is_told_and_there_is_nothing_to_confirm(alice: Account) -> None:
    alice.locale = "fr"
    alice.save()
    sign_up(application(), email="ALICE@example.org")

    message = mail_to("erin")

    assert (message.to, message.subject) == (
        ["alice@example.org"],
        "Quelqu’un s’est inscrit avec votre adresse sur UpScrolled",
    )
    assert "@alice" in message.body
    assert not has_link(message)


def test_on_the_page_both_look_alike(alice: Account) -> None:
    seen = []
    for name, address in (("erin", "free@example.org"), ("frida", "alice@example.org")):
        browser = Browser().open("/accounts/signup/")
        browser.send(username=name, email=address, password=str(FORM["password"]), agreement="on")
        seen.append((browser.page.status_code, browser.location, browser.follow().text.count("mailbox")))

    assert seen[0] == seen[1]


def test_nobody_keeps_an_address_from_its_owner_by_naming_it_first(db: None) -> None:
    sign_up(application(), username="mallory")
    sign_up(application(), username="erin")

    first, second = link_in(mail_to("mallory")), link_in(mail_to("erin"))
    Browser().open(second).send()

    assert Account.objects.get(username="erin").is_confirmed
    assert "too old" in Browser().open(first).text
    assert not Account.objects.get(username="mallory").is_confirmed
    assert not has_link(mail_to("mallory"))


def test_the_owner_signs_in_by_the_address_and_whoever_only_named_it_does_not(alice: Account) -> None:
    sign_up(application(), email="alice@example.org")
    sign_up(application(), username="frida", email="free@example.org")

    assert "@alice" in Browser().sign_in("alice@example.org", PASSWORD).text
    refusals = [
        Browser().sign_in(address, str(FORM["password"])).text
        for address in ("alice@example.org", "free@example.org")
    ]
    assert all("sign in with your name" in text for text in refusals)


def test_a_corrected_address_says_as_little(alice: Account) -> None:
    erin = ApiClient(sign_up(application()).json()["access_token"])

    answer = erin.post("/api/v1/emails/confirmations", {"email": "alice@example.org"})

    assert (answer.status_code, answer.json()) == (200, {})
    assert mail_to("erin").to == ["alice@example.org"]
    assert not has_link(mail.outbox[-1])


def test_an_address_that_the_owner_gave_up_can_be_confirmed_by_the_next(alice: Account) -> None:
    sign_up(application(), email="alice@example.org")
    alice.email = "new@example.org"
    alice.save()
    accounts.EmailAddress.objects.filter(user=alice).update(email="new@example.org")

    confirm("erin")

    assert Account.objects.get(username="Erin").is_confirmed


def test_the_shell_is_told_that_an_address_is_taken(alice: Account) -> None:
    with pytest.raises(accounts.SignUpRefused, match="already been taken"):
        accounts.create_account(
            username="erin", email="Alice@example.org", confirmed=True, now=alice.created_at
        )


def test_sign_ups_that_nobody_confirms_are_forgotten_and_their_names_are_free(
    alice: Account, settings: Any
) -> None:
    now = alice.created_at
    make_account("old", confirmed=False, now=now - timedelta(days=8))
    make_account("fresh", confirmed=False, now=now - timedelta(days=6))
    make_account("mia", confirmed=False, now=now - timedelta(days=8), role="moderator")
    waiting = make_account("waiting", confirmed=False, now=now - timedelta(days=30))
    accounts.EmailAddress.objects.filter(user=waiting).update(verified=True)

    assert retention.forget_unconfirmed(now=now) == 1
    assert set(Account.objects.values_list("username", flat=True)) == {"alice", "fresh", "mia", "waiting"}
    settings.UNCONFIRMED_DAYS = 0
    assert retention.forget_unconfirmed(now=now + timedelta(days=365)) == 0


class TestAtOnce(TransactionTestCase):
    def test_of_two_who_open_their_links_at_the_same_moment_one_has_the_address(self) -> None:
        for name in ("erin", "frida"):
            sign_up(application(), username=name)
        links = [link_in(mail_to(name)) for name in ("erin", "frida")]
        browsers = [Browser().open(link) for link in links]

        answers = at_once([browser.send for browser in browsers])

        assert all(isinstance(answer, Browser) for answer in answers), answers
        assert Account.objects.filter(confirmed_at__isnull=False).count() == 1
        assert accounts.EmailAddress.objects.filter(verified=True).count() == 1
