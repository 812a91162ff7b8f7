"""Applications are let in by people: they register, ask, and are told where to go."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from oauth2_provider.models import Grant

from tests.browser import OUT_OF_BAND, Browser, ask_token, asking, code_for, exchanging, register
from tests.people import ApiClient, token_of
from upscrolled import access
from upscrolled.models import Account, Application

pytestmark = pytest.mark.django_db
ME = "/api/v1/apps/verify_credentials"


# --- registration ----------------------------------------------------------------------------------------


def test_an_app_is_told_its_secret_once_and_we_keep_only_a_digest() -> None:
    told = register(website="https://sunbird.example")

    assert told["client_secret"] not in Application.objects.get().client_secret
    assert told["scopes"] == ["read", "write", "follow", "push"]
    assert told["redirect_uri"] == OUT_OF_BAND
    assert told["client_secret_expires_at"] == 0


@pytest.mark.parametrize(
    ("addresses", "kept"),
    [
        ("https://a.example/cb\nicecubesapp://", ["https://a.example/cb", "icecubesapp://"]),
        (["oauth2redirect://b.example/"], ["oauth2redirect://b.example/"]),
        ("http://127.0.0.1:4000/x?y=1", ["http://127.0.0.1:4000/x?y=1"]),
    ],
)
def test_an_app_may_come_back_to_any_address_of_its_own(addresses: Any, kept: list[str]) -> None:
    assert register(redirect=addresses)["redirect_uris"] == kept


def test_an_app_registers_with_a_form_too() -> None:
    client = ApiClient()

    response = client.form("/api/v1/apps/", {"client_name": "Toot", "redirect_uris": OUT_OF_BAND})

    assert response.status_code == 200
    assert response.json()["scopes"] == ["read"]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"client_name": ""}, "client_name"),
        ({"client_name": "x" * 61}, "61; at most 60"),
        ({"redirect_uris": ""}, "Redirect URI"),
        ({"redirect_uris": "javascript:alert(1)"}, "scheme that is not allowed"),
        ({"redirect_uris": "/back"}, "absolute"),
        ({"redirect_uris": "https://a.example/#x"}, "fragment"),
        ({"redirect_uris": "https://"}, "absolute"),
        ({"scopes": "read everything"}, "everything"),
        ({"website": "javascript:alert(1)"}, "website"),
    ],
)
def test_an_app_that_makes_no_sense_is_told_what_is_wrong(facts: dict[str, str], sentence: str) -> None:
    body = {"client_name": "Sunbird", "redirect_uris": OUT_OF_BAND, "scopes": "read", **facts}

    response = ApiClient().post("/api/v1/apps", body)

    assert response.status_code == 422
    assert sentence in response.json()["error"]


# --- consent ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["json", "form", "multipart"])
def test_alice_lets_an_app_in_and_it_gets_a_token(alice: Account, encoding: str) -> None:
    app = register()

    answer = ask_token(exchanging(app, code_for(app, "alice")), encoding=encoding)

    token = answer.json()
    assert answer.status_code == 200
    assert set(token) == {"access_token", "token_type", "scope", "created_at"}
    assert (token["token_type"], token["scope"]) == ("Bearer", "read write follow push")
    assert abs(token["created_at"] - datetime.now(UTC).timestamp()) < 60
    assert ApiClient(token["access_token"]).get(ME).json()["name"] == "Sunbird"
    principal = access.principal(access.digest(token["access_token"]))
    assert principal is not None
    assert principal.account == alice


def test_the_consent_page_names_the_app_and_says_in_words_what_it_may_do(alice: Account) -> None:
    app = register(
        scopes="read write:statuses", client_name="<b>Sunbird</b>", website="https://sunbird.example"
    )

    page = (
        Browser().open("/oauth/authorize", asking(app, scope="read write:statuses")).follow().sign_in("alice")
    )

    assert "&lt;b&gt;Sunbird&lt;/b&gt;" in page.text
    assert "sunbird.example" in page.text
    assert "Read what you can read" in page.text
    assert "statuses" in page.text
    assert page.page["X-Frame-Options"] == "DENY"
    assert "no-store" in page.page["Cache-Control"]


def test_the_consent_page_speaks_arabic_from_right_to_left(alice: Account) -> None:
    page = Browser("ar").open("/oauth/authorize", asking(register())).follow()

    assert '<html lang="ar" dir="rtl">' in page.text
    assert "تسجيل الدخول" in page.text


def test_an_app_with_its_own_scheme_gets_code_and_state(alice: Account) -> None:
    app = register(redirect="icecubesapp://")
    browser = Browser().open("/oauth/authorize", asking(app, state="a b&c")).follow().sign_in("alice")

    browser.send(decision="allow")

    assert browser.location.startswith("icecubesapp://?")
    assert browser.answer["state"] == "a b&c"
    assert ask_token(exchanging(app, browser.answer["code"])).status_code == 200


def test_alice_refuses_and_the_app_is_told(alice: Account) -> None:
    app = register(redirect="https://app.example/cb?x=1")
    browser = Browser().open("/oauth/authorize", asking(app, state="s")).follow().sign_in("alice")

    browser.send(decision="deny")

    assert browser.location.startswith("https://app.example/cb?x=1&")
    assert browser.answer["error"] == "access_denied"
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    "params",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "https://app.example/cb/"},
        {"client_id": "nobody"},
        {"client_id": "\x00"},
        {"redirect_uri": ""},
    ],
)
def test_nobody_is_ever_sent_to_an_address_that_is_not_registered(params: dict[str, str]) -> None:
    app = register(redirect="https://app.example/cb")

    page = Browser().open("/oauth/authorize", asking(app, **params)).page

    assert page.status_code == 400
    assert "Location" not in page.headers


def test_an_app_cannot_ask_for_more_than_it_registered(alice: Account) -> None:
    app = register(scopes="read write:statuses", redirect="https://app.example/cb")

    for scope in ("write", "follow", "read nonsense", "admin:read"):
        assert Browser().open("/oauth/authorize", asking(app, scope=scope)).answer["error"] == "invalid_scope"
    for scope in ("read:statuses", "write:statuses", "profile"):
        assert (
            Browser()
            .open("/oauth/authorize", asking(app, scope=scope))
            .location.startswith("/accounts/login/")
        )


def test_an_app_that_names_no_scope_gets_read(alice: Account) -> None:
    app = register()
    params = asking(app)
    del params["scope"]
    browser = Browser().open("/oauth/authorize", params).follow().sign_in("alice").send(decision="allow")

    assert ask_token(exchanging(app, browser.shown_code)).json()["scope"] == "read"


def test_a_trailing_slash_and_python_literals_change_nothing(alice: Account) -> None:
    app = register()
    params = asking(app, state="None", force_login="False", lang="None")

    browser = Browser().open("/oauth/authorize/", params).follow().sign_in("alice").send(decision="allow")

    assert ask_token(exchanging(app, browser.shown_code)).status_code == 200


def test_force_login_asks_for_the_password_again(alice: Account, dave: Account) -> None:
    app = register()
    browser = Browser().sign_in("alice").open("/oauth/authorize", asking(app, force_login="true")).follow()

    browser.sign_in("dave")

    assert "@dave" in browser.text
    assert "Sunbird" in browser.text


# --- what tells programs where to go ---------------------------------------------------------------------


def test_programs_find_their_way_with_and_without_a_slash(settings: Any) -> None:
    client = Client()
    for slash in ("", "/"):
        metadata = client.get(f"/.well-known/oauth-authorization-server{slash}").json()
        assert metadata["token_endpoint"] == f"{settings.PUBLIC_URL}/oauth/token"
        assert metadata["code_challenge_methods_supported"] == ["S256"]
        links = client.get(f"/.well-known/nodeinfo{slash}").json()["links"]
        assert [link["href"].rpartition("/")[2] for link in links] == ["2.0", "2.1"]
        for version in ("2.0", "2.1"):
            described = client.get(f"/nodeinfo/{version}{slash}").json()
            assert described["metadata"]["upstream"]["name"] == "mastodon"
            assert described["version"] == version
            assert set(described["usage"]) == {"users", "localPosts"}
            assert set(described["usage"]["users"]) == {"total", "activeMonth"}


def test_browsers_of_any_origin_may_read_what_programs_need() -> None:
    client = Client(headers={"origin": "https://phanpy.example"})

    for path in ("/.well-known/nodeinfo", "/nodeinfo/2.0", "/.well-known/oauth-authorization-server"):
        assert client.get(path)["Access-Control-Allow-Origin"] == "*"
    preflight = client.options("/oauth/token", headers={"access-control-request-method": "POST"})
    assert preflight.status_code == 200
    assert preflight["Access-Control-Allow-Origin"] == "*"


# --- who signed in ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_site_learns_who_signed_in_with_their_account_here(
    method: str, alice: Account, settings: Any
) -> None:
    token = token_of(alice, scopes="profile")
    client = Client(headers={"authorization": f"Bearer {token}", "origin": "https://shop.example"})

    told = getattr(client, method)("/oauth/userinfo")

    assert (told.status_code, told["Access-Control-Allow-Origin"]) == (200, "*")
    claims = told.json()
    assert claims["iss"] == f"{settings.PUBLIC_URL}/"
    assert claims["preferred_username"] == "alice"
    assert claims["profile"] == f"{settings.PUBLIC_URL}/@alice"
    assert set(claims) == {"iss", "sub", "name", "preferred_username", "profile", "picture"}


def test_who_signed_in_is_told_to_their_application_alone(alice: Account) -> None:
    refused = {
        scopes: ApiClient(token_of(alice, scopes=scopes)).get("/oauth/userinfo").status_code
        for scopes in ("write", "push")
    }

    assert refused == {"write": 403, "push": 403}
    assert Client().get("/oauth/userinfo").status_code == 401
    assert ApiClient(token_of(None)).get("/oauth/userinfo").status_code == 422
