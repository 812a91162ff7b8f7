"""Who may sign up: everybody, whoever is let in, whoever was invited, nobody; turned while the site runs."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext

from tests.browser import Browser
from tests.newcomers import FORM, application, codes, confirm, mail_to, open_registrations, sign_up
from tests.parallel import at_once
from tests.people import ApiClient, client_of, make_account
from upscrolled import tasks
from upscrolled.models import Account, Invite, Notification, OwedMail
from upscrolled.operations import approval

pytestmark = pytest.mark.django_db


def shell(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().strip()


def code_of(address: str) -> str:
    return address.rpartition("invite=")[2]


class TestApproval:
    def test_a_reason_is_needed(self, db: None) -> None:
        open_registrations("approval")

        assert codes(sign_up(application())) == {"reason": ["ERR_BLANK"]}
        assert codes(sign_up(application(), reason="x" * 501)) == {"reason": ["ERR_TOO_LONG"]}

    def test_first_the_address_then_a_person_then_the_api_opens(self, dave: Account) -> None:
        open_registrations("approval")
        token = sign_up(application(), reason="I write about rivers").json()["access_token"]
        erin = ApiClient(token)

        unconfirmed = erin.get("/api/v1/timelines/home")
        confirm("erin")
        pending = erin.get("/api/v1/timelines/home")
        shell("account", "approve", "@erin")
        opened = erin.get("/api/v1/timelines/home")

        assert (unconfirmed.status_code, unconfirmed.json()["error"]) == (
            403,
            "Your login is missing a confirmed e-mail address",
        )
        assert (pending.status_code, pending.json()["error"]) == (
            403,
            "Your login is currently pending approval",
        )
        assert opened.status_code == 200

    def test_who_waits_is_not_found_by_others(self, dave: Account) -> None:
        open_registrations("approval")
        sign_up(application(), reason="I write about rivers")
        confirm("erin")

        assert client_of(dave).get("/api/v1/accounts/lookup", {"acct": "erin"}).status_code == 404
        shell("account", "approve", "erin")
        assert client_of(dave).get("/api/v1/accounts/lookup", {"acct": "erin"}).status_code == 200

    def test_the_staff_is_told_once_the_address_is_confirmed_and_in_one_statement(
        self, dave: Account
    ) -> None:
        mia, max_ = (make_account(name, role="moderator") for name in ("mia", "max"))
        open_registrations("approval")
        sign_up(application(), reason="I write about rivers")
        erin = Account.objects.get(username="Erin")
        assert not Notification.objects.exists()

        with CaptureQueriesContext(connection) as ran:
            approval.tell_staff(account=erin, now=erin.created_at)
        assert len(ran) == 1
        confirm("erin")

        told = Notification.objects.filter(kind="sign_up", actor=erin).values_list("recipient", flat=True)
        assert set(told) == {mia.id, max_.id}
        (shown,) = client_of(mia).get("/api/v1/notifications").json()
        assert (shown["type"], shown["account"]["acct"]) == ("admin.sign_up", "Erin")

    def test_an_open_site_tells_nobody(self, dave: Account) -> None:
        make_account("mia", role="moderator")
        sign_up(application())
        confirm("erin")

        assert not Notification.objects.exists()

    @pytest.mark.parametrize(
        ("locale", "subject"),
        [
            ("en", "Your account on UpScrolled is open"),
            ("fr", "Votre compte sur UpScrolled est ouvert"),
            ("ar", "حسابك على UpScrolled مفتوح الآن"),
        ],
    )
    def test_who_is_let_in_gets_a_mail_in_their_language(self, db: None, locale: str, subject: str) -> None:
        open_registrations("approval")
        sign_up(application(), reason="rivers", locale=locale)
        confirm("erin")

        shell("account", "approve", "erin")
        tasks.send_owed_mail(mail_id=OwedMail.objects.get().pk)

        assert mail.outbox[-1].subject == subject
        assert "@Erin" in mail.outbox[-1].body
        assert not OwedMail.objects.exists()

    def test_who_is_turned_away_reads_why_and_the_name_is_free_again(self, db: None) -> None:
        open_registrations("approval")
        sign_up(application(), reason="buy my things", locale="en")
        confirm("erin")

        assert "turned away" in shell("account", "reject", "erin", "--because", "This is advertising.")
        tasks.send_owed_mail(mail_id=OwedMail.objects.get().pk)

        assert "This is advertising." in mail.outbox[-1].body
        assert not Account.objects.exists()

    def test_a_mail_that_the_broker_lost_is_found_by_the_clock(self, db: None) -> None:
        from upscrolled.core import valkey

        open_registrations("approval")
        sign_up(application(), reason="rivers")
        confirm("erin")
        shell("account", "approve", "erin")
        valkey.data().flushdb()

        tasks.sweep_owed_mails()
        assert valkey.data().llen("critical") == 0  # not owed for long enough
        OwedMail.objects.update(created_at=Account.objects.get().created_at - timedelta(hours=1))
        tasks.sweep_owed_mails()

        assert valkey.data().llen("critical") == 1

    def test_the_list_and_letting_in_all_who_wait_for_long(self, db: None) -> None:
        open_registrations("approval")
        sign_up(application(), reason="I write about rivers")
        sign_up(application(), username="frida", email="frida@example.org", reason="paint")
        confirm("erin")

        listed = shell("account", "waiting")
        assert "@Erin" in listed
        assert "I write about rivers" in listed
        assert "@frida" not in listed  # has not confirmed the address
        assert shell("account", "approve", "--all-older-than", "1") == "0 let in."
        assert shell("account", "approve", "--all-older-than", "0") == "1 let in."
        assert shell("account", "waiting") == "Nobody waits."

    def test_the_shell_says_whom_it_does_not_find_waiting(self, dave: Account) -> None:
        with pytest.raises(CommandError, match="does not wait"):
            shell("account", "approve", "dave")
        with pytest.raises(CommandError, match="does not wait"):
            shell("account", "reject", "dave", "--because", "no")
        with pytest.raises(CommandError, match="Say whom"):
            shell("account", "approve")
        assert Account.objects.get().is_confirmed

    def test_whoever_was_let_in_before_confirming_is_whole_by_the_link(self, db: None) -> None:
        open_registrations("approval")
        sign_up(application(), reason="rivers")
        shell("account", "approve", "erin")
        assert not Account.objects.get().is_confirmed

        confirm("erin")

        assert Account.objects.get().is_confirmed


class TestInvitations:
    def test_without_a_code_nobody_comes_in_and_with_one_only_once(self, db: None) -> None:
        open_registrations("invite")
        code = code_of(shell("account", "invite"))

        assert codes(sign_up(application())) == {"invite_code": ["ERR_BLANK"]}
        assert codes(sign_up(application(), invite_code="guess")) == {"invite_code": ["ERR_INVALID"]}
        assert sign_up(application(), invite_code=code).status_code == 200
        again = sign_up(application(), username="frida", email="frida@example.org", invite_code=code)
        assert codes(again) == {"invite_code": ["ERR_INVALID"]}

    def test_a_form_with_another_fault_takes_no_use(self, alice: Account) -> None:
        open_registrations("invite")
        code = code_of(shell("account", "invite"))

        sign_up(application(), username="alice", invite_code=code)

        assert Invite.objects.get().uses_left == 1

    def test_a_code_that_is_too_old_is_none(self, db: None) -> None:
        open_registrations("invite")
        code = code_of(shell("account", "invite", "--days", "1"))
        Invite.objects.update(expires_at=Invite.objects.get().created_at)

        assert codes(sign_up(application(), invite_code=code)) == {"invite_code": ["ERR_INVALID"]}

    def test_who_was_invited_needs_no_approval(self, dave: Account) -> None:
        open_registrations("approval")
        code = code_of(shell("account", "invite", "--by", "dave"))

        sign_up(application(), invite_code=code)

        erin = Account.objects.get(username="Erin")
        assert (erin.awaits_approval, erin.invited_by_id) == (False, dave.id)

    def test_an_open_site_leaves_invitations_alone(self, db: None) -> None:
        code = code_of(shell("account", "invite"))

        assert sign_up(application(), invite_code=code).status_code == 200
        assert Invite.objects.get().uses_left == 1

    def test_the_address_of_an_invitation_fills_the_form_in(self, db: None) -> None:
        open_registrations("invite")
        address = shell("account", "invite")
        path, _, code = address.partition("://")[2].partition("/")[2].partition("?invite=")

        browser = Browser().open(f"/{path}", {"invite": code})
        assert f'value="{code}"' in browser.text
        fields = {name: str(FORM[name]) for name in ("username", "email", "password")}
        browser.send(**fields, agreement="on", invite_code="wrong")
        assert "unknown, used up or too old" in browser.text
        browser.send(**fields, agreement="on", invite_code=code).follow()

        assert "Confirm your e-mail address" in browser.text
        assert Invite.objects.get().uses_left == 0

    @pytest.mark.parametrize(("option", "value"), [("--uses", "0"), ("--uses", "10001"), ("--days", "-1")])
    def test_the_shell_names_the_limit(self, db: None, option: str, value: str) -> None:
        with pytest.raises(CommandError, match=re.escape(value)):
            shell("account", "invite", option, value)


class TestLastUse(TransactionTestCase):
    def test_of_two_at_once_on_the_last_use_one_comes_in(self) -> None:
        open_registrations("invite")
        code = code_of(shell("account", "invite"))
        apps = [application() for _ in range(2)]

        def join(number: int) -> Any:
            name = f"n{number}"
            return sign_up(apps[number], username=name, email=f"{name}@example.org", invite_code=code)

        answers = at_once([lambda n=n: join(n) for n in range(2)])  # type: ignore[misc]

        assert sorted(answer.status_code for answer in answers) == [200, 422]  # type: ignore[attr-defined]
        assert (Account.objects.count(), Invite.objects.get().uses_left) == (1, 0)


@pytest.mark.parametrize(
    ("mode", "second", "first"),
    [
        ("open", (True, False, None), (True, False, False)),
        ("approval", (True, True, None), (True, True, False)),
        ("invite", (False, False, "<p>One joins by invitation at present.</p>"), (False, False, True)),
        (
            "closed",
            (False, False, "<p>This site takes no new registrations at present.</p>"),
            (False, False, False),
        ),
    ],
)
def test_the_instance_tells_how_it_stands(
    client_of: Any, db: None, mode: str, second: tuple[Any, ...], first: tuple[Any, ...]
) -> None:
    open_registrations(mode)

    new = client_of().get("/api/v2/instance").json()["registrations"]
    old = client_of().get("/api/v1/instance").json()

    assert (new["enabled"], new["approval_required"], new["message"]) == second
    assert new["reason_required"] is new["approval_required"]
    assert (old["registrations"], old["approval_required"], old["invites_enabled"]) == first
    assert (new["url"] is None) == (mode == "closed")
    assert client_of().get("/api/v1/upscrolled/features").json()["sign_up"]["mode"] == mode


def test_a_closed_site_takes_nobody_whatever_they_bring(db: None) -> None:
    open_registrations("closed")
    code = code_of(shell("account", "invite"))

    assert sign_up(application(), invite_code=code).status_code == 403
    assert Browser().open("/auth/sign_up", {"invite": code}).page.status_code == 403


def test_the_page_asks_for_the_reason_and_says_that_somebody_reads_it(db: None) -> None:
    open_registrations("approval")
    browser = Browser("fr").open("/accounts/signup/")

    assert "Quelqu’un lit chaque inscription" in browser.text
    fields = {name: str(FORM[name]) for name in ("username", "email", "password")}
    browser.send(**fields, agreement="on", reason="les rivières").follow()
    mail_to("erin")

    erin = Account.objects.get()
    assert (erin.awaits_approval, erin.sign_up_reason) == (True, "les rivières")


def test_who_waits_and_signs_in_is_told_on_every_page(db: None) -> None:
    open_registrations("approval")
    sign_up(application(), reason="rivers")
    confirm("erin")

    assert "waits until somebody has read" in Browser().sign_in("erin", str(FORM["password"])).text
