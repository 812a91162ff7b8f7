"""Codes become tokens, once; tokens reach as far as their scopes, and end."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from oauth2_provider.models import AccessToken, Grant

from tests.browser import Browser, ask_token, asking, code_for, exchanging, register
from tests.people import ApiClient, make_account, token_of
from upscrolled import access, limits, oauth
from upscrolled.models import Account

pytestmark = pytest.mark.django_db
ME = "/api/v1/apps/verify_credentials"


# --- codes and tokens ------------------------------------------------------------------------------------


def test_a_code_works_once(alice: Account) -> None:
    app = register()
    code = code_for(app, "alice")
    ask_token(exchanging(app, code))

    again = ask_token(exchanging(app, code))

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_of_eleven_minutes_ago_is_refused(alice: Account) -> None:
    app = register()
    code = code_for(app, "alice")
    grant = Grant.objects.get()
    assert timedelta(minutes=9) < grant.expires - datetime.now(UTC) <= timedelta(minutes=10)
    Grant.objects.update(expires=datetime.now(UTC) - timedelta(minutes=1))

    assert ask_token(exchanging(app, code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"code": "nonsense"}, 400, "invalid_grant"),
        ({"code": "\x00"}, 400, "invalid_grant"),
        ({"redirect_uri": "https://evil.example"}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
        ({"code": ""}, 400, "invalid_grant"),
    ],
)
def test_a_bad_exchange_is_refused_as_the_standard_says(
    alice: Account, fields: dict[str, str], status: int, error: str
) -> None:
    app = register()

    answer = ask_token(exchanging(app, code_for(app, "alice"), **fields))

    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("{", "application/json"),
        ("[]", "application/json"),
        ("[" * 100_000, "application/json"),
        ("\xff\xfe", "application/json"),
        ("x", "multipart/form-data"),
        ("x", "multipart/form-data; boundary=y"),
        ("%zz=%ff&=", "application/x-www-form-urlencoded"),
        ("", "text/plain"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_bad_request(body: str, content_type: str) -> None:
    # Where no token can be read there is none that the client may end.
    for path, refusals in (("/oauth/token", (400, 401)), ("/oauth/revoke", (400, 403))):
        answer = Client().post(path, body.encode("latin-1"), content_type=content_type)
        assert answer.status_code in refusals, answer.content
        assert "error" in answer.json()


def test_an_app_may_prove_itself_by_basic_authentication(alice: Account) -> None:
    app = register()
    fields = exchanging(app, code_for(app, "alice"))
    secret = f"{fields.pop('client_id')}:{fields.pop('client_secret')}".encode()
    header = f"Basic {base64.b64encode(secret).decode()}"

    answer = Client().post("/oauth/token", fields, headers={"authorization": header})

    assert answer.status_code == 200


def test_pkce_is_supported_and_a_wrong_verifier_refused(alice: Account) -> None:
    app, verifier = register(), "v" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}

    wrong = ask_token(exchanging(app, code_for(app, "alice", **pkce), code_verifier="w" * 50))
    missing = ask_token(exchanging(app, code_for(app, "alice", **pkce)))
    right = ask_token(exchanging(app, code_for(app, "alice", **pkce), code_verifier=verifier))

    assert (wrong.status_code, missing.status_code, right.status_code) == (400, 400, 200)


def test_a_plain_pkce_challenge_is_refused(alice: Account) -> None:
    app = register(redirect="https://app.example/cb")
    params = asking(app, code_challenge="v" * 50, code_challenge_method="plain")

    browser = Browser().open("/oauth/authorize", params).follow().sign_in("alice").send(decision="allow")

    assert browser.answer["error"] == "invalid_request"


def test_an_app_gets_a_token_of_its_own_that_speaks_for_nobody() -> None:
    app = register()
    body = {**exchanging(app, ""), "grant_type": "client_credentials", "scope": "read write"}

    answer = ask_token(body)

    client = ApiClient(answer.json()["access_token"])
    assert answer.json()["scope"] == "read write"
    assert client.get(ME).json()["name"] == "Sunbird"
    refused = client.post("/api/v1/emails/confirmations")
    assert (refused.status_code, refused.json()["error"]) == (
        422,
        "This method requires an authenticated user",
    )


def test_tokens_are_kept_as_digests(alice: Account) -> None:
    app = register()
    token = ask_token(exchanging(app, code_for(app, "alice"))).json()["access_token"]

    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM oauth2_provider_accesstoken t")
        assert token not in str(cursor.fetchall())
    assert AccessToken.objects.get().token_checksum == access.digest(token)


def test_a_revoked_token_ends_at_once(alice: Account) -> None:
    app = register()
    token = ask_token(exchanging(app, code_for(app, "alice"))).json()["access_token"]
    fields = {name: app[name] for name in ("client_id", "client_secret")}

    answer = Client().post("/oauth/revoke", {**fields, "token": token})

    assert (answer.status_code, answer.json()) == (200, {})
    assert ApiClient(token).get(ME).status_code == 401
    assert Client().post("/oauth/revoke", {**fields, "token": token}).status_code == 200


def test_an_app_cannot_revoke_what_another_was_given(alice: Account) -> None:
    app, other = register(), register()
    token = ask_token(exchanging(app, code_for(app, "alice"))).json()["access_token"]
    fields = {name: other[name] for name in ("client_id", "client_secret")}

    for sent in ({**fields, "token": token}, fields):
        refused = Client().post("/oauth/revoke", sent, content_type="application/json")

        assert refused.status_code == 403
        assert refused.json() == {
            "error": "unauthorized_client",
            "error_description": "You are not authorized to revoke this token",
        }
    assert ApiClient(token).get(ME).status_code == 200


def test_an_expired_token_is_as_good_as_none(alice: Account) -> None:
    token = token_of(alice)
    AccessToken.objects.update(expires=datetime.now(UTC) - timedelta(seconds=1))

    assert access.principal(access.digest(token)) is None


def test_who_stands_behind_a_token_costs_one_statement(
    alice: Account, django_assert_num_queries: Any
) -> None:
    digest = access.digest(token_of(alice))

    with django_assert_num_queries(1):
        principal = access.principal(digest)
        assert principal is not None
        account = principal.account
        assert account is not None
        assert (account.username, account.is_confirmed, account.locked) == ("alice", True, False)
        assert (principal.graph_version, account.posting_audience()) == (1, "public")


@pytest.mark.django_db(transaction=True)
def test_two_exchanges_of_one_code_at_the_same_moment_give_one_token() -> None:
    make_account("alice")
    app = register()
    fields = exchanging(app, code_for(app, "alice"))

    def exchange(_: int) -> int:
        try:
            return ask_token(fields).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(exchange, range(4)))

    assert answers == [200, 400, 400, 400]
    assert AccessToken.objects.count() == 1


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
def test_who_tries_too_often_is_told_when_to_come_again(db: None, path: str) -> None:
    for _ in range(limits.PER_ADDRESS.allowance):
        limits.spend([(limits.PER_ADDRESS, "127.0.0.1")])

    refused = Client().post(path)

    assert (refused.status_code, refused.json()) == (429, {"error": "Too many requests"})
    assert 1 <= int(refused["Retry-After"]) <= limits.PER_ADDRESS.window


# --- scopes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("granted", "needed", "covered"),
    [
        ("read", "read:statuses", True),
        ("read:statuses", "read:statuses", True),
        ("read:statuses", "read", False),
        ("read", "write:statuses", False),
        ("follow", "write:blocks", True),
        ("follow", "write:statuses", False),
        ("read:accounts", "profile", True),
        ("write", "admin:write", False),
        ("admin:read", "admin:read:reports", True),
        ("admin:read", "read", False),
        ("push", "push", True),
        ("", "read", False),
        ("rea", "read", False),
    ],
)
def test_a_scope_covers_what_stands_below_it(granted: str, needed: str, covered: bool) -> None:
    assert oauth.covers(granted, needed) is covered
    assert oauth.covers(frozenset(granted.split()), needed) is covered
