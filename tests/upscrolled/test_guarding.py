"""Strangers guess from everywhere; whoever owns the account gets in all the same."""

from __future__ import annotations

import pytest
from django.core import mail

from tests import newcomers
from tests.appscreens import Screens, code_in, faults, totp
from tests.people import PASSWORD, ApiClient
from upscrolled.models import Account
from upscrolled.operations import guarding
from upscrolled.origin import Origin

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mails_go_out")]
NEW = "another long passphrase"


def strangers_try(bounds: guarding.Bounds, name: str) -> None:
    """Exhaust what a name is allowed, from ever other neighbourhoods."""
    for number in range(bounds.everywhere.allowance):
        here = Origin(address=f"198.{number // 250}.{number % 250}.9")
        assert guarding.count(bounds, name=name, origin=here) == 0


def elsewhere() -> Screens:
    """An app on a phone that has never been here, in a network that nobody has guessed from."""
    return Screens(address="192.0.2.50", agent="Sunbird/1.0 (new phone)")


def test_guessing_from_many_neighbourhoods_is_stopped_even_with_the_right_password(alice: Account) -> None:
    for number in range(4):
        for _ in range(25):
            address = f"198.51.{number}.{_ // 5}"
            assert Screens(address=address).sign_in("alice", "wrong").status_code == 400

    told = elsewhere().sign_in("alice", PASSWORD)

    assert faults(told) == ["too_many_login_attempts"]
    assert "a code by mail" in told.json()["errors"][0]["message"]


@pytest.mark.parametrize("name", ["alice", "alice@example.org", "nobody", "nobody@example.org"])
def test_a_guesser_is_stopped_alike_whether_anybody_has_the_name(alice: Account, name: str) -> None:
    strangers_try(guarding.GUESSES, name)

    assert faults(elsewhere().sign_in(name)) == ["too_many_login_attempts"]


@pytest.mark.parametrize("name", ["alice", "Alice@example.org"])
def test_alice_signs_in_as_ever_on_the_phone_she_uses(alice: Account, name: str) -> None:
    Screens().sign_in("alice")
    strangers_try(guarding.GUESSES, name)

    assert Screens().sign_in(name).status_code == 200
    assert faults(Screens().sign_in(name, "wrong")) != ["too_many_login_attempts"]


def test_bobs_phone_is_no_key_to_alices_account(alice: Account, bob: Account) -> None:
    elsewhere().sign_in("bob")
    strangers_try(guarding.GUESSES, "alice")

    assert faults(elsewhere().sign_in("alice")) == ["too_many_login_attempts"]


def test_alice_on_a_new_phone_gets_in_by_a_code_and_her_second_step(alice: Account) -> None:
    app = Screens()
    app.sign_in("alice")
    app.prove()
    secret = app.get("account/authenticators/totp").json()["meta"]["secret"]
    app.post("account/authenticators/totp", {"code": totp(secret)})
    for name in ("alice", "alice@example.org"):
        strangers_try(guarding.GUESSES, name)

    phone = elsewhere()
    phone.post("auth/code/request", {"email": "alice@example.org"})
    phone.post("auth/code/confirm", {"code": code_in(str(mail.outbox[-1].body))})
    assert phone.post("auth/2fa/authenticate", {"code": totp(secret, steps=1)}).status_code == 200
    phone.delete("auth/session")

    assert (
        elsewhere().sign_in("alice").status_code == 401
    )  # the password counts again here: the second step is next


def test_alice_on_a_new_phone_gets_in_by_a_new_password(alice: Account) -> None:
    strangers_try(guarding.GUESSES, "alice")
    phone = elsewhere()
    phone.post("auth/password/request", {"email": "alice@example.org"})
    body = {"key": code_in(str(mail.outbox[-1].body)), "password": NEW}

    assert phone.post("auth/password/reset", body).status_code == 200
    assert elsewhere().sign_in("alice", NEW).status_code == 200


def test_who_is_signed_in_proves_it_again_whatever_strangers_do(alice: Account) -> None:
    app = elsewhere()
    app.sign_in("alice")
    app.facts["REMOTE_ADDR"] = "203.0.113.200"  # another network since
    strangers_try(guarding.GUESSES, "alice@example.org")

    app.prove()


def test_right_passwords_do_not_count_as_guesses(alice: Account) -> None:
    for _ in range(3):
        elsewhere().sign_in("alice")
    strangers_try(guarding.GUESSES, "alice")


def test_mails_that_strangers_ask_for_do_not_keep_alice_from_hers(alice: Account) -> None:
    Screens().sign_in("alice")
    strangers_try(guarding.MAILS, "alice@example.org")
    asked = {"email": "alice@example.org"}

    assert elsewhere().post("auth/code/request", asked).status_code == 429
    assert Screens().post("auth/code/request", asked).status_code == 401
    assert Screens().post("auth/password/request", asked).status_code == 401


def test_a_mailbox_is_not_filled_by_accounts_that_claim_it_one_after_the_other(db: None) -> None:
    """Whoever makes many accounts has many tokens; the mailbox is one."""
    told = []
    for number in range(4):
        app = newcomers.application(address=f"198.51.{number}.9")
        token = newcomers.sign_up(app, username=f"erin{number}", email=f"erin{number}@example.org").json()
        phone = ApiClient(token["access_token"])
        for _ in range(2):
            told.append(phone.post("/api/v1/emails/confirmations", {"email": "alice@example.org"}))

    assert [answer.status_code for answer in told] == [200] * 5 + [429] * 3
    assert 0 < int(told[-1]["Retry-After"]) <= 900
    assert len([message for message in mail.outbox if message.to == ["alice@example.org"]]) == 5


def test_spellings_of_a_mailbox_get_no_more_mails_than_one(db: None) -> None:
    told = [
        Screens().post("auth/password/request", {"email": f"Al.ice+{number}@example.org"})
        for number in range(6)
    ]

    assert [answer.status_code for answer in told] == [401] * 5 + [429]


def test_people_sign_in_and_get_mails_while_nothing_can_be_counted(
    alice: Account, without_cache: object
) -> None:
    without_cache()  # type: ignore[operator]

    assert elsewhere().sign_in("alice").status_code == 200
    assert elsewhere().post("auth/code/request", {"email": "alice@example.org"}).status_code == 401
