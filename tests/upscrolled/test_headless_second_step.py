"""The second step of signing in, in apps and in the browser, and passkeys."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import caches

from tests.appscreens import Passkey, Screens, pending, totp
from tests.browser import Browser, asking, code_for, register
from tests.people import PASSWORD
from upscrolled.models import Account

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mails_go_out")]
TOTP = "account/authenticators/totp"
WEBAUTHN = "account/authenticators/webauthn"
SITE = "https://social.example"


@pytest.fixture
def site(settings: Any) -> str:
    settings.PUBLIC_URL = SITE
    return SITE


def at_home(name: str = "alice") -> Screens:
    """Somebody signed in on their phone who has just given the password again."""
    app = Screens()
    app.sign_in(name)
    app.prove()
    return app


def with_totp(app: Screens) -> str:
    """Set an authenticator app up with the code of now; return its secret. The next step's code is unused."""
    secret = str(app.get(TOTP).json()["meta"]["secret"])
    assert app.post(TOTP, {"code": totp(secret)}).status_code == 200
    return secret


def test_with_an_authenticator_app_the_password_alone_is_not_enough(alice: Account) -> None:
    secret = with_totp(at_home())
    thief = Screens()

    answer = thief.sign_in("alice")

    assert answer.status_code == 401
    assert pending(answer) == ["mfa_authenticate"]
    assert thief.get("account/authenticators").status_code == 401
    assert thief.post("auth/2fa/authenticate", {"code": "000000"}).status_code == 400
    assert thief.post("auth/2fa/authenticate", {"code": totp(secret, steps=1)}).status_code == 200


def test_a_code_of_an_authenticator_app_works_once(alice: Account) -> None:
    secret = with_totp(at_home())
    code = totp(secret, steps=1)
    first, second = Screens(), Screens()
    first.sign_in("alice")
    second.sign_in("alice")

    assert first.post("auth/2fa/authenticate", {"code": code}).status_code == 200
    assert second.post("auth/2fa/authenticate", {"code": code}).status_code == 400


def test_a_code_that_was_used_opens_nothing_for_as_long_as_clocks_may_differ(
    alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = with_totp(at_home())
    code, now = totp(secret, steps=1), time.time()
    thief, first = Screens(), Screens()
    first.sign_in("alice")
    assert first.post("auth/2fa/authenticate", {"code": code}).status_code == 200
    caches["default"].clear()  # as when it was away, or half a minute is over
    thief.sign_in("alice")

    monkeypatch.setattr(time, "time", lambda: now + 30)
    assert thief.post("auth/2fa/authenticate", {"code": code}).status_code == 400
    assert thief.post("auth/2fa/authenticate", {"code": totp(secret, steps=1)}).status_code == 200


def test_the_secret_of_an_authenticator_app_is_not_in_the_database_as_it_is(alice: Account) -> None:
    secret = with_totp(at_home())

    assert secret not in str(Authenticator.objects.get(type="totp").data)


def test_a_recovery_code_opens_once(alice: Account) -> None:
    app = at_home()
    with_totp(app)
    codes = app.get("account/authenticators/recovery-codes").json()["data"]["unused_codes"]
    for status in (200, 400):
        other = Screens()
        other.sign_in("alice")
        assert other.post("auth/2fa/authenticate", {"code": codes[0]}).status_code == status


def test_alice_is_told_of_each_change_of_her_second_step(alice: Account) -> None:
    app = at_home()
    with_totp(app)
    app.delete(TOTP)

    assert [m.subject for m in mail.outbox] == ["The second step of signing in to UpScrolled was changed"] * 2
    assert "an authenticator app was added" in mail.outbox[0].body
    assert "the authenticator app was removed" in mail.outbox[1].body


def test_changing_the_second_step_wants_the_password_again(alice: Account) -> None:
    app = Screens()
    app.sign_in("alice")
    secret = app.get(TOTP).json()["meta"]["secret"]

    assert app.post(TOTP, {"code": totp(secret)}).status_code == 401


def test_in_the_browser_too_no_application_gets_in_by_the_password_alone(alice: Account) -> None:
    secret = with_totp(at_home())
    sunbird = register()
    browser = Browser().open("/oauth/authorize", asking(sunbird)).follow().sign_in("alice")

    assert "Second step" in browser.text
    assert browser.open("/oauth/authorize", asking(sunbird)).page.status_code == 302  # to sign in
    browser = Browser().open("/oauth/authorize", asking(sunbird)).follow().sign_in("alice")
    browser.send(code=totp(secret, steps=1)).follow().send(decision="allow")
    assert browser.shown_code


def test_who_has_no_second_step_is_asked_for_none(alice: Account) -> None:
    assert code_for(register(), "alice")


def test_alice_signs_in_with_a_passkey_and_no_password(alice: Account, site: str) -> None:
    app, key = at_home(), Passkey(site)
    options = app.get(f"{WEBAUTHN}?passwordless").json()["data"]["creation_options"]
    made = app.post(WEBAUTHN, {"name": "Phone", "credential": key.create(options)})
    assert made.status_code == 200, made.content

    other = Screens()
    asked = other.get("auth/webauthn/login").json()["data"]["request_options"]
    answer = other.post("auth/webauthn/login", {"credential": key.get(asked)})

    assert options["publicKey"]["rp"]["id"] == "social.example"
    assert answer.status_code == 200, answer.content
    assert answer.json()["data"]["user"]["username"] == "alice"
    assert "a passkey or security key was added" in mail.outbox[0].body


def test_a_passkey_of_another_site_or_an_old_challenge_opens_nothing(alice: Account, site: str) -> None:
    app, key = at_home(), Passkey(site)
    options = app.get(f"{WEBAUTHN}?passwordless").json()["data"]["creation_options"]
    app.post(WEBAUTHN, {"name": "Phone", "credential": key.create(options)})
    other = Screens()
    old = key.get(other.get("auth/webauthn/login").json()["data"]["request_options"])
    asked = other.get("auth/webauthn/login").json()["data"]["request_options"]
    elsewhere = Passkey("https://evil.example")
    elsewhere.key, elsewhere.id, elsewhere.owner = key.key, key.id, key.owner

    for credential in (old, elsewhere.get(asked)):
        assert other.post("auth/webauthn/login", {"credential": credential}).status_code == 400


def test_a_passkey_is_a_second_step_after_the_password(alice: Account, site: str) -> None:
    app, key = at_home(), Passkey(site)
    options = app.get(WEBAUTHN).json()["data"]["creation_options"]
    app.post(WEBAUTHN, {"name": "Key", "credential": key.create(options)})

    other = Screens()
    assert pending(other.sign_in("alice", PASSWORD)) == ["mfa_authenticate"]
    asked = other.get("auth/webauthn/authenticate").json()["data"]["request_options"]
    answer = other.post("auth/webauthn/authenticate", {"credential": key.get(asked)})

    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize(
    "credential", [{}, {"id": "x"}, {"response": {"userHandle": "%%"}}, [], "text", None]
)
def test_what_is_no_credential_is_refused(credential: Any) -> None:
    app = Screens()
    app.get("auth/webauthn/login")

    assert app.post("auth/webauthn/login", {"credential": credential}).status_code == 400


def test_with_another_secret_key_no_code_opens_not_even_that_of_an_empty_secret(
    alice: Account, settings: Any
) -> None:
    app = at_home()
    secret = with_totp(app)
    settings.SECRET_KEY = "another"

    thief = Screens()
    thief.sign_in("alice")
    for guess in (totp(""), totp(secret)):
        assert thief.post("auth/2fa/authenticate", {"code": guess}).status_code == 400
