"""Account screens of apps: signing in, up, and what comes between."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from tests.appscreens import Screens, code_in, faults, link_key, pending, totp
from tests.people import NOON, PASSWORD, make_account
from tests.restricting import restrict
from upscrolled.models import Account
from upscrolled.operations import accounts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mails_go_out")]
AUTH = "auth/session"


@pytest.mark.parametrize("name", ["alice", "Alice@Example.org"])
def test_alice_signs_in_on_a_screen_of_her_app(alice: Account, name: str) -> None:
    app = Screens()

    answer = app.sign_in(name)

    assert answer.status_code == 200, answer.content
    assert answer.json()["data"]["user"]["id"] == str(alice.id)
    assert answer.json()["data"]["user"]["waits_for"] is None
    assert app.get(AUTH).json()["meta"]["is_authenticated"] is True


def test_a_cookie_is_nobody_here(alice: Account) -> None:
    app = Screens()
    app.sign_in("alice")
    stranger = Screens()
    stranger.client.cookies["upscrolled_session"] = app.token or ""

    assert stranger.get(AUTH).status_code == 401


def test_alice_signs_out_and_the_token_is_gone(alice: Account) -> None:
    app = Screens()
    app.sign_in("alice")

    assert app.delete(AUTH).status_code == 401
    assert app.get(AUTH).status_code == 410


def test_alice_signs_in_with_a_code_from_her_mailbox(alice: Account) -> None:
    app = Screens()

    asked = app.post("auth/code/request", {"email": "alice@example.org"})
    answer = app.post("auth/code/confirm", {"code": code_in(str(mail.outbox[-1].body))})

    assert pending(asked) == ["login_by_code"]
    assert answer.status_code == 200, answer.content


def test_five_wrong_codes_end_the_attempt(alice: Account) -> None:
    app = Screens()
    app.post("auth/code/request", {"email": "alice@example.org"})
    right = code_in(str(mail.outbox[-1].body))

    for _ in range(5):
        assert faults(app.post("auth/code/confirm", {"code": "AAAA-AAAA"})) == ["incorrect_code"]

    assert faults(app.post("auth/code/confirm", {"code": right})) == ["expired_code"]


def test_asking_for_a_code_or_a_reset_does_not_tell_whether_an_address_is_known(alice: Account) -> None:
    make_account("erin", confirmed=False)
    for path in ("auth/code/request", "auth/password/request"):
        told = []
        for name in ("alice", "erin", "nobody"):
            app = Screens()
            answer = app.post(path, {"email": f"{name}@example.org"})
            body = answer.json()
            body.get("meta", {}).pop("session_token", None)
            told.append((answer.status_code, body))
        assert told[0] == told[1] == told[2]


@pytest.mark.parametrize("name", ["alice", "alice@example.org", "nobody", "nobody@example.org"])
def test_a_wrong_password_costs_one_hash_whoever_it_is_tried_for(
    alice: Account, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    made: list[str] = []
    encode = PBKDF2PasswordHasher.encode

    def counted(self: Any, password: str, salt: str, iterations: int | None = None) -> Any:
        made.append(password)
        return encode(self, password, salt, iterations)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counted)
    answer = Screens().sign_in(name, "wrong password")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["param"] == "password"
    assert made == ["wrong password"]


def test_a_stranger_who_guesses_is_stopped_and_alice_still_signs_in_elsewhere(alice: Account) -> None:
    guesser = Screens(address="198.51.100.9")
    for _ in range(11):
        answer = guesser.sign_in("alice", "wrong password")

    assert answer.json()["errors"][0]["code"] == "too_many_login_attempts"
    assert guesser.sign_in("alice").status_code == 400
    assert Screens(address="203.0.113.7").sign_in("alice").status_code == 200
    assert [m.subject for m in mail.outbox] == ["Failed attempts to sign in to your account on UpScrolled"]


def test_many_addresses_of_one_block_share_the_guesses_at_one_name(alice: Account) -> None:
    for number in range(25):
        Screens(address=f"198.51.100.{number // 5}").sign_in("alice", "wrong password")

    answer = Screens(address="198.51.100.200").sign_in("alice")

    assert answer.json()["errors"][0]["code"] == "too_many_login_attempts"


def test_erin_signs_up_confirms_and_signs_in() -> None:
    app = Screens()
    form = {"username": "erin", "email": "erin@example.org", "password": PASSWORD, "agreement": True}

    answer = app.post("auth/signup", form)
    assert answer.status_code == 401, answer.content
    assert pending(answer) == ["verify_email"]
    assert len(mail.outbox) == 1
    key = link_key(str(mail.outbox[0].body), "/accounts/confirm-email/")
    confirmed = app.post("auth/email/verify", {"key": key})

    assert confirmed.status_code == 401  # confirmed; a link in a mail is no password
    assert app.sign_in("erin").status_code == 200
    assert Account.objects.get(username="erin").is_confirmed


def test_signing_up_follows_the_rules_of_every_other_door() -> None:
    refused = Screens().post("auth/signup", {"username": "admin", "email": "x", "password": "short"})

    assert refused.status_code == 400
    assert {error["param"] for error in refused.json()["errors"]} == {
        "username",
        "email",
        "password",
        "agreement",
    }


def test_nobody_signs_up_while_it_is_closed() -> None:
    from upscrolled import switches

    switches.stand_still({"registrations": "closed"})
    form = {"username": "erin", "email": "erin@example.org", "password": PASSWORD, "agreement": True}

    answer = Screens().post("auth/signup", form)

    assert answer.status_code == 403
    assert answer.json()["errors"][0]["code"] == "signup_closed"


def test_alice_sets_a_new_password_with_the_key_in_her_mail(alice: Account) -> None:
    app = Screens()
    app.post("auth/password/request", {"email": "alice@example.org"})
    key = link_key(str(mail.outbox[0].body), "/accounts/password/reset/key/")

    assert app.get("auth/password/reset", X_Password_Reset_Key=key).status_code == 200
    answer = app.post("auth/password/reset", {"key": key, "password": "another long passphrase"})

    assert answer.status_code == 200
    assert Screens().sign_in("alice", "another long passphrase").status_code == 200
    assert mail.outbox[1].subject == "Your password on UpScrolled was changed"


def test_alice_changes_her_address_and_the_old_one_is_told(alice: Account) -> None:
    app = Screens()
    app.sign_in("alice")
    app.prove()

    asked = app.post("account/email", {"email": "alice@new.example"})
    assert asked.status_code == 200, asked.content
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    key = link_key(str(mail.outbox[-1].body), "/accounts/confirm-email/")
    app.post("auth/email/verify", {"key": key})

    alice.refresh_from_db()
    assert alice.email == "alice@new.example"
    assert [(m.to, m.subject) for m in mail.outbox][-1] == (
        ["alice@example.org"],
        "The e-mail address of your account on UpScrolled was changed",
    )


def test_alice_cannot_take_bobs_address_and_bob_is_told(alice: Account, bob: Account) -> None:
    app = Screens()
    app.sign_in("alice")
    app.prove()

    answer = app.post("account/email", {"email": "bob@example.org"})

    assert answer.status_code == 200
    assert mail.outbox[-1].to == ["bob@example.org"]
    assert "/confirm-email/" not in mail.outbox[-1].body


def test_changing_the_address_wants_the_password_again(alice: Account) -> None:
    app = Screens()
    app.sign_in("alice")

    refused = app.post("account/email", {"email": "alice@new.example"})

    assert refused.status_code == 401
    assert {"id": "reauthenticate"} in refused.json()["data"]["flows"]
    app.prove()
    assert app.post("account/email", {"email": "alice@new.example"}).status_code == 200


@pytest.mark.parametrize(("locale", "word"), [("en", "taken back"), ("ar", "سُحب طلب"), ("fr", "annulé")])
def test_a_change_of_address_that_is_taken_back_is_told_as_what_it_is(
    alice: Account, locale: str, word: str
) -> None:
    Account.objects.update(locale=locale)
    app = Screens()
    app.sign_in("alice")
    app.prove()
    app.post("account/email", {"email": "alice@new.example"})

    assert app.delete("account/email", {"email": "alice@new.example"}).status_code == 200

    assert mail.outbox[-1].to == ["alice@example.org"]
    assert word in mail.outbox[-1].body


def test_alice_keeps_her_only_address(alice: Account) -> None:
    app = Screens()
    app.sign_in("alice")

    assert app.delete("account/email", {"email": "alice@example.org"}).status_code == 400


def test_a_suspended_account_is_told_so_and_a_closed_one_is_unknown(alice: Account, bob: Account) -> None:
    restrict("account", alice.id, "account_suspended", starts_at=NOON)
    accounts.close_account(account=bob)

    assert Screens().sign_in("alice").json()["data"]["user"]["suspended"] is True
    closed, unknown = Screens().sign_in("bob"), Screens().sign_in("nobody")
    assert (closed.status_code, closed.json()) == (unknown.status_code, unknown.json())


def test_alice_sees_her_sessions_and_ends_another(alice: Account) -> None:
    phone, tablet = Screens(), Screens(agent="Tablet")
    phone.sign_in("alice")
    tablet.sign_in("alice")

    listed = phone.get("auth/sessions").json()["data"]
    other = next(session["id"] for session in listed if not session["is_current"])
    phone.delete("auth/sessions", {"sessions": [other]})

    assert len(listed) == 2
    assert tablet.get(AUTH).status_code == 410
    assert phone.get(AUTH).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", "auth/login", "[", 400),
        ("post", "auth/login", "[1]", 400),
        ("post", "auth/login", '{"username": "alice", "password": "a\\u0000b"}', 400),
        ("get", "auth/login", None, 405),
        ("get", "nothing/here", None, 404),
        ("post", "auth/code/confirm", {"code": "x"}, 400),
        ("post", "auth/email/verify/resend", None, 409),
        ("get", "account/email", None, 401),
        ("get", "account/authenticators", None, 401),
    ],
)
def test_whatever_is_sent_the_answer_is_json_with_its_status(
    method: str, path: str, body: Any, status: int
) -> None:
    answer = Screens().call(method, path, body)

    assert answer.status_code == answer.json()["status"] == status


def test_a_session_token_that_is_none_is_told_so() -> None:
    app = Screens()
    app.token = "nonsense"

    assert app.get(AUTH).status_code == 410


def test_totp_codes_are_those_of_the_rfc(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 6238, appendix B: at 59 seconds, SHA-1, the last six digits of 94287082."""
    monkeypatch.setattr("time.time", lambda: 59.0)

    assert totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") == "287082"
