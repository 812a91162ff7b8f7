"""Where one is signed in, warnings about it, and the way from an app's own screen to the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from oauth2_provider.models import get_access_token_model

from tests.appscreens import Screens, link_key
from tests.browser import Browser, register
from tests.people import PASSWORD, ApiClient, client_of, token_of
from upscrolled import retention
from upscrolled.models import Account, SignInRecord
from upscrolled.operations import accounts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mails_go_out")]
SESSIONS = "/api/v1/upscrolled/sessions"
BRIDGE = "/api/v1/upscrolled/oauth/session_token"
ME = "/api/v1/accounts/verify_credentials"


def bridge(app: Screens, sunbird: dict[str, Any], **fields: str) -> Any:
    """Ask for an access token with the session of an app's account screen."""
    body = {"client_id": sunbird["client_id"], "client_secret": sunbird["client_secret"], **fields}
    return ApiClient().post(BRIDGE, body, X_Session_Token=app.token or "none")


def test_an_app_signs_in_on_its_own_screen_and_uses_the_api(alice: Account) -> None:
    app, sunbird = Screens(), register("read write:statuses")
    app.sign_in("alice")

    answer = bridge(app, sunbird, scopes="read:accounts write:statuses")

    assert answer.status_code == 200, answer.content
    assert answer.json()["scope"] == "read:accounts write:statuses"
    assert ApiClient(answer.json()["access_token"]).get(ME).json()["username"] == "alice"


def test_no_token_without_a_signed_in_session_the_secret_or_the_scopes(alice: Account) -> None:
    app, sunbird = Screens(), register("read")
    assert bridge(app, sunbird).status_code == 401
    app.sign_in("alice", "wrong password")
    assert bridge(app, sunbird).status_code == 401
    app.sign_in("alice")

    assert bridge(app, sunbird, client_secret="guess").status_code == 401
    assert bridge(app, sunbird, client_id="nobody").status_code == 401
    assert bridge(app, sunbird, scopes="read write").status_code == 422
    assert bridge(app, sunbird, scopes="everything").status_code == 422
    assert bridge(app, sunbird, scopes="read").status_code == 200


def test_no_token_after_the_account_was_closed(alice: Account) -> None:
    app, sunbird = Screens(), register("read")
    app.sign_in("alice")
    accounts.close_account(account=alice)

    assert bridge(app, sunbird).status_code == 401


def test_alice_sees_where_she_is_signed_in(alice: Account, bob: Account) -> None:
    app, sunbird = Screens(agent="Sunbird/2 (iPhone)"), register("read")
    app.sign_in("alice")
    token = bridge(app, sunbird).json()["access_token"]
    token_of(bob)

    listed = ApiClient(token).get(SESSIONS).json()

    assert [(s["application"]["name"], s["user_agent"], s["current"]) for s in listed] == [
        ("Sunbird", "Sunbird/2 (iPhone)", True)
    ]


def test_the_list_costs_two_statements_however_long_it_is(
    alice: Account, django_assert_num_queries: Any
) -> None:
    client = client_of(alice)
    for _ in range(5):
        token_of(alice)

    with django_assert_num_queries(2):
        assert len(client.get(SESSIONS).json()) == 6


def test_a_token_is_noted_as_used_once_a_day(alice: Account, django_assert_num_queries: Any) -> None:
    client = client_of(alice)
    today = get_access_token_model().objects.get().updated
    get_access_token_model().objects.update(updated=today - timedelta(days=3))

    with django_assert_num_queries(3):
        assert client.get(SESSIONS).json()[0]["last_used_on"] == today.date().isoformat()
    with django_assert_num_queries(2):
        client.get(SESSIONS)


def test_alice_ends_one_session_at_once_and_nobody_elses(alice: Account, bob: Account) -> None:
    here, lost, bobs = client_of(alice), client_of(alice), client_of(bob)
    lost_id = next(s["id"] for s in here.get(SESSIONS).json() if not s["current"])

    assert bobs.delete(f"{SESSIONS}/{lost_id}").status_code == 404
    assert lost.get(ME).status_code == 200
    assert here.delete(f"{SESSIONS}/{lost_id}").status_code == 200
    assert lost.get(ME).status_code == 401


def test_alice_ends_all_others_in_apps_browsers_and_screens(alice: Account, bob: Account) -> None:
    here, lost, bobs = client_of(alice), client_of(alice), client_of(bob)
    screens, browser = Screens(), Browser()
    screens.sign_in("alice")
    browser.sign_in("alice")

    assert here.delete(SESSIONS).status_code == 200

    assert [client.get(ME).status_code for client in (here, lost, bobs)] == [200, 401, 200]
    assert screens.get("auth/session").status_code == 410
    assert "Sign out" not in browser.open("/").text
    assert mail.outbox[-1].subject == "All other sessions of your account on UpScrolled were ended"


def test_whoever_changes_the_password_stays_and_everybody_else_is_out(alice: Account) -> None:
    here, thief, sunbird = Screens(), Screens(address="192.0.2.9"), register("read")
    here.sign_in("alice")
    thief.sign_in("alice")
    stolen = bridge(thief, sunbird).json()["access_token"]
    mine = bridge(here, sunbird).json()["access_token"]

    body = {"current_password": PASSWORD, "new_password": "another long passphrase"}
    assert here.post("account/password/change", body).status_code == 200

    assert thief.get("auth/session").status_code in (401, 410)
    assert [ApiClient(token).get(ME).status_code for token in (stolen, mine)] == [401, 401]
    assert [session["is_current"] for session in here.get("auth/sessions").json()["data"]] == [True]
    assert ApiClient(bridge(here, sunbird).json()["access_token"]).get(ME).status_code == 200


def test_the_first_sign_in_warns_nobody_and_a_new_device_does(alice: Account) -> None:
    Screens().sign_in("alice")
    Screens().sign_in("alice")
    Screens(address="203.0.113.99").sign_in("alice")  # the same neighbourhood
    assert mail.outbox == []

    Screens(address="198.51.100.4", agent="Curl").sign_in("alice")

    assert [m.subject for m in mail.outbox] == ["New sign-in to your account on UpScrolled"]
    assert "Device or app: Curl" in mail.outbox[0].body
    assert SignInRecord.objects.filter(account=alice, kind="sign_in").count() == 4


def test_warnings_are_written_in_the_readers_language(alice: Account) -> None:
    for locale, word in (("ar", "تسجيل دخول جديد"), ("fr", "Nouvelle connexion")):
        alice.locale = locale
        alice.save()
        Screens(agent=f"first {locale}").sign_in("alice")
        Screens(agent=f"second {locale}").sign_in("alice")
        assert word in mail.outbox[-1].subject


def test_the_link_of_a_warning_ends_every_session_after_a_question(alice: Account) -> None:
    client, thief = client_of(alice), Screens(agent="Thief")
    Screens().sign_in("alice")
    thief.sign_in("alice")
    address = f"/accounts/end-sessions/{link_key(str(mail.outbox[0].body), '/accounts/end-sessions/')}/"

    browser = Browser().open(address)
    assert client.get(ME).status_code == 200
    browser.send()

    assert "signed out of your account" in browser.text
    assert client.get(ME).status_code == 401
    assert thief.get("auth/session").status_code == 410


def test_the_link_of_a_warning_ends_with_the_password(alice: Account) -> None:
    Screens().sign_in("alice")
    Screens(agent="Thief").sign_in("alice")
    key = link_key(str(mail.outbox[0].body), "/accounts/end-sessions/")
    alice.set_password(PASSWORD + "!")
    alice.save()

    assert Browser().open(f"/accounts/end-sessions/{key}/").page.status_code == 404
    assert Browser().open("/accounts/end-sessions/made-up/").page.status_code == 404


def test_no_address_of_a_sign_in_is_in_the_log(alice: Account, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    for _ in range(12):
        Screens(address="198.51.100.77").sign_in("alice", "wrong password")
    Screens(address="198.51.100.77").sign_in("alice")

    assert "198.51.100.77" not in caplog.text
    assert "alice@example.org" not in caplog.text


def test_what_is_listed_of_a_session_goes_when_the_session_is_over(alice: Account) -> None:
    Screens().sign_in("alice")
    Screens(agent="Tablet").sign_in("alice")
    kept = UserSession.objects.latest("id")
    Session.objects.exclude(session_key=kept.session_key).delete()

    assert retention.forget_ended_sessions() == 1
    assert UserSession.objects.get() == kept


def test_the_address_of_a_session_that_lives_on_goes_with_those_of_sign_ins(
    alice: Account, settings: Any
) -> None:
    settings.IP_RETENTION_DAYS = 7
    screens = Screens(address="198.51.100.77")
    screens.sign_in("alice")
    Screens(address="198.51.100.78", agent="Tablet").sign_in("alice")
    signed_in = UserSession.objects.earliest("id").last_seen_at
    UserSession.objects.filter(ip="198.51.100.78").update(last_seen_at=signed_in + timedelta(days=1))

    retention.empty_addresses(now=signed_in + timedelta(days=7))

    assert [session.ip for session in UserSession.objects.order_by("id")] == ["0.0.0.0", "198.51.100.78"]
    assert screens.get("account/email").status_code == 200  # it is still a session
