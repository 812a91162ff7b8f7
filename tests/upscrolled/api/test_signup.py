"""People make accounts, from an application and in the browser, and confirm their address."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connections
from oauth2_provider.models import get_access_token_model

from tests.browser import Browser
from tests.people import NOON, ApiClient, make_account
from upscrolled import tasks
from upscrolled.core import valkey
from upscrolled.models import Account, OwedMail
from upscrolled.operations import access, accounts, registration

pytestmark = pytest.mark.django_db
FORM = {
    "username": "Erin",
    "email": "erin@example.org",
    "password": "a good long one",
    "agreement": True,
    "locale": "fr-CA",
}


@pytest.fixture
def app() -> ApiClient:
    return ApiClient(access.issue_token(account=None, application=None, scopes="read write", now=NOON).token)


def codes(response: Any) -> dict[str, list[str]]:
    details = response.json()["details"]
    return {field: [fault["error"] for fault in faults] for field, faults in details.items()}


def link_in_mail() -> str:
    found = re.search(r"https?://[^/]+(/accounts/\S+)", str(mail.outbox[-1].body))
    assert found
    return found.group(1)


def test_an_app_makes_an_account_and_the_mailed_link_opens_it(
    app: ApiClient, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = app.post("/api/v1/accounts", FORM)
    token = response.json()
    erin = Account.objects.get(username="Erin")

    assert response.status_code == 200
    assert set(token) == {"access_token", "token_type", "scope", "created_at"}
    assert (erin.locale, erin.is_confirmed, erin.counters.graph_version) == ("fr", False, 1)
    assert erin.agreed_at is not None
    assert (
        valkey.data().llen("critical") == 1
    )  # The mail waits for a worker, on the queue that is never behind.

    tasks.send_confirmation(account_id=erin.id)
    assert mail.outbox[-1].subject == "Confirmez votre adresse pour UpScrolled"
    browser = Browser().open(link_in_mail())
    assert not Account.objects.get(
        pk=erin.pk
    ).is_confirmed  # A mail scanner that opens the link confirms nothing.
    browser.send()

    assert Account.objects.get(pk=erin.pk).is_confirmed
    assert "@Erin" in Browser().sign_in("erin", FORM["password"]).text


def test_until_then_the_token_says_what_is_missing(app: ApiClient) -> None:
    token = app.post("/api/v1/accounts", FORM).json()["access_token"]
    principal = principal_of(token)

    assert principal.account is not None
    assert not principal.account.is_confirmed


def test_a_link_works_once_and_a_wrong_one_never(app: ApiClient) -> None:
    app.post("/api/v1/accounts", FORM)
    tasks.send_confirmation(account_id=Account.objects.get().id)
    link = link_in_mail()
    Browser().open(link).send()

    assert "too old" in Browser().open(link).text
    assert "too old" in Browser().open(f"{link[:-3]}xx/").text


def test_every_fault_is_named_at_once(app: ApiClient) -> None:
    response = app.post("/api/v1/accounts", {"username": "no spaces", "email": "x", "password": "short"})

    assert response.status_code == 422
    assert response.json()["error"].startswith("Validation failed: Username must contain only letters")
    assert codes(response) == {
        "username": ["ERR_INVALID"],
        "email": ["ERR_INVALID"],
        "password": ["ERR_TOO_SHORT"],
        "agreement": ["ERR_ACCEPTED"],
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"username": ""}, {"username": ["ERR_BLANK"]}),
        ({"username": None}, {"username": ["ERR_BLANK"]}),
        ({"username": "x" * 31}, {"username": ["ERR_TOO_LONG"]}),
        ({"username": "Admin"}, {"username": ["ERR_RESERVED"]}),
        ({"username": "ALICE"}, {"username": ["ERR_TAKEN"]}),
        ({"username": "эрин"}, {"username": ["ERR_INVALID"]}),
        ({"email": ""}, {"email": ["ERR_BLANK"]}),
        ({"email": "a@" + "b" * 300 + ".org"}, {"email": ["ERR_TOO_LONG"]}),
        ({"password": ""}, {"password": ["ERR_BLANK"]}),
        ({"password": "password1"}, {"password": ["ERR_INVALID"]}),
        ({"password": "x" * 1_025}, {"password": ["ERR_TOO_LONG"]}),
        ({"agreement": "0"}, {"agreement": ["ERR_ACCEPTED"]}),
        ({"date_of_birth": "yesterday"}, {"date_of_birth": ["ERR_INVALID"]}),
        ({"date_of_birth": "2999-01-01"}, {"date_of_birth": ["ERR_INVALID"]}),
        ({"date_of_birth": "1850-01-01"}, {"date_of_birth": ["ERR_INVALID"]}),
    ],
)
def test_a_fault_has_mastodons_code(
    app: ApiClient, alice: Account, change: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    response = app.post("/api/v1/accounts", {**FORM, **change})

    assert response.status_code == 422
    assert codes(response) == expected


@pytest.mark.parametrize("locale", ["", None, "xx", "../../etc", "ar-EG", "en_GB"])
def test_a_language_we_do_not_speak_is_no_fault(app: ApiClient, locale: str | None) -> None:
    response = app.post(
        "/api/v1/accounts", {**FORM, "locale": locale, "date_of_birth": "1990-02-03", "reason": "hi"}
    )

    assert response.status_code == 200
    assert Account.objects.get().locale == ("ar" if locale == "ar-EG" else "en")


def test_strings_stand_for_booleans_in_a_form(app: ApiClient) -> None:
    assert app.form("/api/v1/accounts", {**FORM, "agreement": "true"}).status_code == 200


def test_nobody_signs_up_without_a_token_or_with_one_that_may_only_read(app: ApiClient) -> None:
    reader = access.issue_token(account=None, application=None, scopes="read", now=NOON).token

    assert ApiClient().post("/api/v1/accounts", FORM).status_code == 401
    assert ApiClient(reader).post("/api/v1/accounts", FORM).status_code == 403


def test_a_closed_site_says_so(app: ApiClient, settings: Any) -> None:
    settings.REGISTRATIONS = "closed"

    response = app.post("/api/v1/accounts", FORM)

    assert (response.status_code, Account.objects.count()) == (403, 0)
    assert "no new registrations" in response.json()["error"]
    assert Browser().open("/accounts/signup/").page.status_code == 403


def test_an_address_sends_only_a_few_sign_ups_in_half_an_hour(app: ApiClient) -> None:
    answers = [app.post("/api/v1/accounts", {}).status_code for _ in range(6)]

    assert answers == [422] * 5 + [429]


@pytest.mark.django_db(transaction=True)
def test_one_name_asked_for_twice_at_the_same_moment_goes_to_one() -> None:
    def sign_up(number: int) -> str:
        try:
            make_account("frida" if number % 2 else "FRIDA")
        except accounts.SignUpRefused as refusal:
            return refusal.problems[0][1]
        finally:
            connections.close_all()
        return "made"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(sign_up, range(4)))

    assert answers == ["ERR_TAKEN", "ERR_TAKEN", "ERR_TAKEN", "made"]


def test_a_form_that_is_sent_again_because_its_answer_was_lost_is_the_same_account(app: ApiClient) -> None:
    first, again = (app.post("/api/v1/accounts", FORM) for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    erin = Account.objects.get()
    assert mailed() == 1
    told = ApiClient(again.json()["access_token"]).get("/api/v1/accounts/verify_credentials")
    assert told.status_code == 403  # as the first token: missing a confirmed address
    assert get_access_token_model().objects.filter(user=erin).count() == 2


@pytest.mark.parametrize("other", [{"password": "another passphrase"}, {"email": "frida@example.org"}])
def test_a_name_is_taken_for_whoever_sends_another_form(app: ApiClient, other: dict[str, str]) -> None:
    app.post("/api/v1/accounts", FORM)

    refused = app.post("/api/v1/accounts", {**FORM, **other})

    assert refused.status_code == 422
    assert refused.json()["details"]["username"][0]["error"] == "ERR_TAKEN"


def test_a_name_is_taken_once_its_address_is_confirmed(app: ApiClient) -> None:
    app.post("/api/v1/accounts", FORM)
    EmailAddress.objects.update(verified=True)  # and somebody still has to let her in

    assert app.post("/api/v1/accounts", FORM).status_code == 422


def test_a_name_is_taken_when_an_hour_is_over(app: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    app.post("/api/v1/accounts", FORM)
    monkeypatch.setattr(registration, "AGAIN", timedelta(0))

    assert app.post("/api/v1/accounts", FORM).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_twice_at_the_same_moment_makes_one_account() -> None:
    def send(_: int) -> int:
        try:
            token = access.issue_token(account=None, application=None, scopes="read write", now=NOON).token
            return int(ApiClient(token).post("/api/v1/accounts", FORM).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(send, range(3)))

    assert (answers, Account.objects.count()) == ([200, 200, 200], 1)


def mailed() -> int:
    return OwedMail.objects.filter(to=FORM["email"]).count()


# --- asking for the link again ----------------------------------------------------------------------------


def test_the_link_is_sent_again_to_a_corrected_address(
    app: ApiClient, django_capture_on_commit_callbacks: Any
) -> None:
    erin = ApiClient(
        app.post("/api/v1/accounts", {**FORM, "email": "erinn@example.org"}).json()["access_token"]
    )

    with django_capture_on_commit_callbacks(execute=True):
        response = erin.post("/api/v1/emails/confirmations", {"email": "erin@example.org"})

    assert (response.status_code, response.json()) == (200, {})
    assert valkey.data().llen("critical") >= 1
    tasks.send_confirmation(account_id=Account.objects.get().id)
    assert mail.outbox[-1].to == ["erin@example.org"]
    Browser().open(link_in_mail()).send()
    assert Account.objects.get().is_confirmed


def test_an_old_link_does_not_confirm_the_corrected_address(app: ApiClient) -> None:
    erin = ApiClient(
        app.post("/api/v1/accounts", {**FORM, "email": "mallory@example.org"}).json()["access_token"]
    )
    tasks.send_confirmation(account_id=Account.objects.get().id)
    old = link_in_mail()
    erin.post("/api/v1/emails/confirmations", {"email": "erin@example.org"})

    Browser().open(old)

    assert "too old" in Browser().open(old).text
    assert not Account.objects.get().is_confirmed


def test_a_confirmed_account_needs_no_second_link(alice: Account, client_of: Any) -> None:
    assert client_of(alice).post("/api/v1/emails/confirmations").status_code == 403


# --- in the browser ---------------------------------------------------------------------------------------


def test_people_sign_up_in_the_browser_and_are_told_what_is_wrong_in_their_language(alice: Account) -> None:
    browser = Browser("fr").open("/accounts/signup/")

    browser.send(username="alice", email="new@example.org", password="a good long one", agreement="on")
    assert browser.page.status_code == 422
    assert "Quelqu’un l’a déjà." in browser.text
    browser.send(username="gus", email="new@example.org", password="a good long one", agreement="on").follow()

    assert "Confirmez votre adresse" in browser.text
    assert Account.objects.get(username="gus").locale == "fr"


def test_a_forgotten_password_is_replaced_through_a_mailed_link(
    alice: Account, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        Browser().open("/accounts/password/reset/").send(email="alice@example.org")

    message = queued_mail()
    assert message.to == ["alice@example.org"]
    path = re.search(r"(/accounts/password/reset/key/\S+)", str(message.body))
    assert path
    browser = Browser().open(path.group(1)).follow()
    browser.send(password1="an even better one", password2="an even better one").follow()

    assert "@alice" in Browser().sign_in("alice", "an even better one").text


def test_a_reset_link_leads_to_our_own_host_whatever_the_request_says(
    alice: Account, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    browser = Browser().open("/accounts/password/reset/")
    browser.client.defaults["HTTP_HOST"] = "evil.example"
    with django_capture_on_commit_callbacks(execute=True):
        browser.send(email="alice@example.org")

    assert "evil.example" not in queued_mail().body
    assert settings.PUBLIC_URL in queued_mail().body


def test_nobody_learns_whether_an_address_has_an_account(alice: Account) -> None:
    known = Browser().open("/accounts/password/reset/").send(email="alice@example.org")
    unknown = Browser().open("/accounts/password/reset/").send(email="nobody@example.org")

    assert (known.page.status_code, known.location) == (unknown.page.status_code, unknown.location)


def principal_of(token: str) -> Any:
    from upscrolled import access as tokens

    return tokens.principal(tokens.digest(token))


def queued_mail() -> Any:
    """The mail that comes of the task that was queued last."""
    import base64
    import json

    (message,) = valkey.data().lrange("critical", 0, 0)
    _args, kwargs, _embed = json.loads(base64.b64decode(json.loads(message)["body"]))
    tasks.send_owed_mail(**kwargs)
    return mail.outbox[-1]
