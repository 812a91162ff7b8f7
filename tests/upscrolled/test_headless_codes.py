"""Codes from mails, as somebody types them on the phone: a new account, a new password, another address."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.appscreens import Screens, code_in, faults, link_key, pending, totp
from tests.browser import Browser, register
from tests.people import NOON, PASSWORD, ApiClient, client_of, make_account
from upscrolled import switches
from upscrolled.headless import codes
from upscrolled.models import Account
from upscrolled.operations import email_domains

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mails_go_out")]
VERIFY, RESET = "auth/email/verify", "auth/password/reset"
ME = "/api/v1/accounts/verify_credentials"
NEW = "another long passphrase"


def form(**changes: Any) -> dict[str, Any]:
    """The form of erin, who joins."""
    joins = {"username": "erin", "email": "erin@example.org", "password": PASSWORD, "agreement": True}
    return {**joins, **changes}


def last_code() -> str:
    """The code in the newest mail."""
    return code_in(str(mail.outbox[-1].body))


def joining(**changes: Any) -> Screens:
    """An app in which somebody has filled in the form, and reads the mail."""
    app = Screens()
    answer = app.post("auth/signup", form(**changes))
    assert (answer.status_code, pending(answer)) == (401, ["verify_email"])
    return app


def changing(email: str = "alice@new.example") -> Screens:
    """An app in which alice wants another address."""
    app = Screens()
    app.sign_in("alice")
    app.prove()
    assert app.post("account/email", {"email": email}).status_code == 200
    return app


def resetting(email: str = "alice@example.org") -> Screens:
    """An app in which somebody has asked for a new password."""
    app = Screens()
    answer = app.post("auth/password/request", {"email": email})
    assert (answer.status_code, pending(answer)) == (401, ["password_reset_by_code"])
    return app


def test_erin_comes_from_the_form_to_the_api_with_one_code() -> None:
    app, sunbird = joining(), register("read")

    verified = app.post(VERIFY, {"key": last_code().lower().replace("-", " ")})
    assert verified.status_code == 200, verified.content
    assert verified.json()["data"]["user"]["waits_for"] is None
    body = {"client_id": sunbird["client_id"], "client_secret": sunbird["client_secret"], "scopes": "read"}
    token = ApiClient().post("/api/v1/upscrolled/oauth/session_token", body, X_Session_Token=app.token)

    assert token.status_code == 200, token.content
    assert ApiClient(token.json()["access_token"]).get(ME).json()["username"] == "erin"
    assert len(mail.outbox) == 1


def test_with_approval_a_code_signs_erin_in_and_says_what_she_waits_for() -> None:
    switches.stand_still({"registrations": "approval"})
    app = joining(reason="I like birds")

    verified = app.post(VERIFY, {"key": last_code()})

    assert verified.status_code == 200
    assert verified.json()["data"]["user"]["waits_for"].endswith("pending approval")


def test_an_address_that_alice_has_gets_the_same_answer_and_no_code(alice: Account) -> None:
    seen = []
    for name, email in (("erin", "erin@example.org"), ("frank", "alice@example.org")):
        app = Screens()
        with CaptureQueriesContext(connection) as statements:
            answer = app.post("auth/signup", form(username=name, email=email))
        cost, told = len(statements) - _statements_of_the_mail(), answer.json()
        told["meta"].pop("session_token")
        wrong = [app.post(VERIFY, {"key": "BBBB-BBBB"}).content for _ in range(codes.TRIES)]
        seen.append((answer.status_code, told, wrong, cost))

    assert seen[0] == seen[1]
    assert cost > 0
    assert mail.outbox[-1].to == ["alice@example.org"]
    with pytest.raises(AssertionError):
        last_code()


def _statements_of_the_mail() -> int:
    """What the worker asks, which here works in the same process: whose the address is, and who waits with it."""
    return 3 if "/confirm-email/" in str(mail.outbox[-1].body) else 2


def test_the_fifth_wrong_code_is_the_last_and_another_can_be_asked_for() -> None:
    app = joining()
    right = last_code()

    told = [app.post(VERIFY, {"key": "BBBB-BBBB"}).json()["errors"][0] for _ in range(5)]
    assert [fault["code"] for fault in told] == ["incorrect_code"] * 4 + ["expired_code"]
    assert "4" in told[0]["message"]
    assert faults(app.post(VERIFY, {"key": right})) == ["expired_code"]

    assert app.post(f"{VERIFY}/resend").status_code == 200
    assert last_code() != right
    assert faults(app.post(VERIFY, {"key": right})) == ["incorrect_code"]
    assert app.post(VERIFY, {"key": last_code()}).status_code == 200


def test_a_code_is_too_old_after_a_quarter_of_an_hour(
    alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert codes.SECONDS == 900
    monkeypatch.setattr(codes, "SECONDS", -1)

    app = joining()
    assert faults(app.post(VERIFY, {"key": last_code()})) == ["expired_code"]
    app = resetting()
    assert faults(app.post(RESET, {"key": last_code(), "password": NEW})) == ["expired_code"]


def test_a_code_works_only_in_the_session_that_asked(alice: Account) -> None:
    joining()
    assert faults(Screens().post(VERIFY, {"key": last_code()})) == ["expired_code"]
    resetting()
    assert faults(Screens().post(RESET, {"key": last_code(), "password": NEW})) == ["expired_code"]


def test_who_opens_the_link_elsewhere_goes_on_in_the_app_with_the_code() -> None:
    app = joining()
    body = str(mail.outbox[-1].body)
    Browser().open(f"/accounts/confirm-email/{link_key(body, '/accounts/confirm-email/')}/").send()
    assert Account.objects.get(username="erin").is_confirmed

    assert app.post(VERIFY, {"key": last_code()}).status_code == 200


def test_erin_corrects_her_address_and_the_code_of_the_wrong_one_is_void() -> None:
    app = joining(email="erin@exmaple.org")
    wrong = last_code()

    corrected = app.post("account/email", {"email": "erin@example.org"})

    assert corrected.json()["data"] == [{"email": "erin@example.org", "verified": False, "primary": True}]
    assert mail.outbox[-1].to == ["erin@example.org"]
    assert faults(app.post(VERIFY, {"key": wrong})) == ["incorrect_code"]
    assert app.post(VERIFY, {"key": last_code()}).status_code == 200
    assert Account.objects.get(username="erin").email == "erin@example.org"


def test_no_address_of_a_refused_provider_comes_in_by_a_correction_or_a_change(alice: Account) -> None:
    email_domains.set_rule(domain="spam.example", action="refuse", because="", now=NOON)
    email_domains.set_rule(domain="odd.example", action="approve", because="", now=NOON)
    app = joining()
    refused = [app.post("account/email", {"email": "erin@spam.example"})]
    alices = Screens()
    alices.sign_in("alice")
    alices.prove()
    refused.append(alices.post("account/email", {"email": "alice@spam.example"}))

    assert [faults(answer) for answer in refused] == [["email_refused"]] * 2
    assert app.post("account/email", {"email": "erin@odd.example"}).status_code == 200
    assert Account.objects.get(username="erin").awaits_approval


def test_a_stranger_corrects_nothing(alice: Account) -> None:
    assert Screens().post("account/email", {"email": "erin@example.org"}).status_code == 409


def test_who_never_confirmed_gets_a_code_with_signing_in() -> None:
    make_account("erin", confirmed=False)
    app = Screens()

    assert pending(app.sign_in("erin")) == ["verify_email"]
    assert app.post(VERIFY, {"key": last_code()}).status_code == 200


def test_alice_sets_a_new_password_by_a_code_and_whoever_had_the_old_one_is_out(alice: Account) -> None:
    thief, stolen = Screens(), client_of(alice)
    thief.sign_in("alice")
    app = resetting()
    key = last_code()

    whose = app.get(RESET, X_Password_Reset_Key=key)
    assert whose.json()["data"]["user"]["username"] == "alice"
    assert app.post(RESET, {"key": key, "password": "short"}).json()["errors"][0]["param"] == "password"
    answer = app.post(RESET, {"key": key, "password": NEW})

    assert answer.status_code == 200, answer.content
    assert app.get("auth/session").status_code == 200
    assert thief.get("auth/session").status_code == 410
    assert stolen.get(ME).status_code == 401
    assert faults(app.post(RESET, {"key": key, "password": NEW})) == ["expired_code"]
    assert "password was changed" in str(mail.outbox[-1].body)


def test_a_new_password_does_not_walk_around_the_second_step(alice: Account) -> None:
    app = Screens()
    app.sign_in("alice")
    app.prove()
    secret = app.get("account/authenticators/totp").json()["meta"]["secret"]
    assert app.post("account/authenticators/totp", {"code": totp(secret)}).status_code == 200
    app = resetting()

    answer = app.post(RESET, {"key": last_code(), "password": NEW})

    assert (answer.status_code, pending(answer)) == (401, ["mfa_authenticate"])
    assert app.post("auth/2fa/authenticate", {"code": totp(secret, steps=1)}).status_code == 200


@pytest.mark.parametrize("name", ["erin", "nobody"])
def test_a_new_password_for_who_is_not_there_answers_and_costs_the_same(alice: Account, name: str) -> None:
    make_account("erin", confirmed=False)
    seen = []
    for email in ("alice@example.org", f"{name}@example.org"):
        app = Screens()
        with CaptureQueriesContext(connection) as statements:
            asked = app.post("auth/password/request", {"email": email})
        cost, told = len(statements), asked.json()
        told["meta"].pop("session_token")
        wrong = [app.post(RESET, {"key": "BBBB-BBBB", "password": NEW}).content for _ in range(5)]
        shown = app.get(RESET, X_Password_Reset_Key="BBBB-BBBB").content
        seen.append((asked.status_code, told, wrong, shown, cost))

    assert seen[0] == seen[1]
    assert cost > 0


def test_a_code_for_a_new_password_ends_with_the_old_password(alice: Account) -> None:
    app = resetting()
    alice.set_password(PASSWORD + "!")
    alice.save()

    assert faults(app.post(RESET, {"key": last_code(), "password": NEW})) == ["invalid_password_reset"]


def test_alice_changes_her_address_by_a_code(alice: Account) -> None:
    app = changing()
    assert mail.outbox[-1].to == ["alice@new.example"]
    assert "made an account" not in str(mail.outbox[-1].body)

    assert faults(app.post(VERIFY, {"key": "BBBB-BBBB"})) == ["incorrect_code"]
    assert app.post(f"{VERIFY}/resend").status_code == 200
    assert app.post(VERIFY, {"key": last_code()}).status_code == 200

    alice.refresh_from_db()
    assert alice.email == "alice@new.example"
    assert mail.outbox[-1].to == ["alice@example.org"]


def test_a_code_for_bobs_address_is_never_sent_to_alice(alice: Account, bob: Account) -> None:
    app = changing("bob@example.org")

    assert mail.outbox[-1].to == ["bob@example.org"]
    with pytest.raises(AssertionError):
        last_code()
    assert faults(app.post(VERIFY, {"key": "BBBB-BBBB"})) == ["incorrect_code"]


def test_of_two_who_name_an_address_the_first_to_type_the_code_has_it() -> None:
    first, early = joining(), last_code()
    second, late = joining(username="frank"), last_code()

    assert second.post(VERIFY, {"key": late}).status_code == 200
    assert faults(first.post(VERIFY, {"key": early})) == ["email_taken"]
    assert not Account.objects.get(username="erin").is_confirmed


def test_mails_are_sent_five_times_in_a_quarter_of_an_hour_known_address_or_not(alice: Account) -> None:
    for email in ("alice@example.org", "nobody@example.org"):
        app = Screens()
        for path in ("auth/password/request", "auth/code/request"):
            told = [app.post(path, {"email": email}) for _ in range(3)]
        assert [answer.status_code for answer in told] == [401, 401, 429]
        assert 0 < int(told[-1].headers["Retry-After"]) <= 900
    app = joining()
    told = [app.post(f"{VERIFY}/resend") for _ in range(6)]
    assert [answer.status_code for answer in told] == [200] * 5 + [429]


@pytest.mark.parametrize(
    ("locale", "word"), [("ar", "اكتب هذا الرمز في التطبيق"), ("fr", "Saisissez ce code")]
)
def test_codes_come_in_the_readers_language(alice: Account, locale: str, word: str) -> None:
    joining(locale=locale)
    assert word in str(mail.outbox[-1].body)
    alice.locale = locale
    alice.save()
    resetting()

    assert ("اكتب هذا الرمز" if locale == "ar" else "saisissez ce code") in str(mail.outbox[-1].body)


def test_a_page_asks_for_no_code(alice: Account) -> None:
    Browser().open("/accounts/password/reset/").send(email="alice@example.org")

    assert "/accounts/password/reset/key/" in str(mail.outbox[-1].body)
    with pytest.raises(AssertionError):
        last_code()


def test_an_app_is_told_that_there_are_codes() -> None:
    told = Screens().get("config").json()["data"]["account"]

    assert told["email_verification_by_code_enabled"] is True
    assert told["password_reset_by_code_enabled"] is True
