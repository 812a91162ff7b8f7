"""The people of the tests, and the verbs with which they act. Everything goes through the product's operations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from feed import facts
from feed.facts import PostFacts
from feed.operations.publish import Draft, Parent, publish_post
from upscrolled import activity
from upscrolled.models import Account
from upscrolled.operations import access, accounts
from upscrolled.operations.staffing import appoint
from upscrolled.viewer import Viewer

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
SCOPES = "read write follow push"
_HASH = make_password(PASSWORD, hasher="pbkdf2_sha256", salt="testing")


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)  # before whatever a test does with a role


def make_account(
    name: str, *, now: datetime = NOON, confirmed: bool = True, role: str = "", **profile: Any
) -> Account:
    """Make somebody; the password is PASSWORD. A role they have without an end, and since long ago."""
    account = accounts.create_account(
        username=name,
        email=f"{name.lower()}@example.org",
        password_hash=_HASH,
        confirmed=confirmed,
        agreed_at=now,
        now=now,
        **profile,
    )
    if role:
        appoint(account, role, because="works in a test", now=LONG_AGO)
        account.role, account.is_staff = role, True
    return account


def token_of(account: Account | None, *, scopes: str = SCOPES) -> str:
    """A real bearer token."""
    if account is not None:
        activity.note(account.id)  # the first request of a day has a statement more
    return access.issue_token(account=account, application=None, scopes=scopes, now=NOON).token


def crowd(people: int, *, like: Account) -> list[Account]:
    """Make many accounts in one go, each with whatever columns this one has."""
    row = {"like": like.id, "first": like.id + (1 << 32), "people": people}  # ids of a minute later
    with connection.cursor() as cursor:
        for table, key, more in (
            ("upscrolled_account", "id", "'username', 'crowd' || n, 'email', 'crowd' || n || '@example.org'"),
            ("upscrolled_accountcounters", "account_id", "'followers', 0, 'following', 0, 'posts', 0"),
        ):
            cursor.execute(
                f"""INSERT INTO {table} SELECT (jsonb_populate_record(a, jsonb_build_object(
                      '{key}', %(first)s + n, {more}))).*
                    FROM {table} a, generate_series(1, %(people)s) AS n WHERE a.{key} = %(like)s""",
                row,
            )
    return list(Account.objects.filter(username__startswith="crowd").order_by("id"))


@dataclass
class ApiClient:
    """A client app with somebody signed in: JSON in, JSON out, over Django's test client."""

    token: str | None = None
    account: Account | None = None

    def __post_init__(self) -> None:
        self._client = Client(raise_request_exception=True)

    def get(self, path: str, params: Any = None, **headers: str) -> HttpResponse:
        """GET with query parameters."""
        return self._client.get(path, params, headers=self._headers(headers))  # type: ignore[return-value]

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """POST a JSON body."""
        return self._send("post", path, body, headers)

    def put(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """PUT a JSON body."""
        return self._send("put", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """PATCH a JSON body."""
        return self._send("patch", path, body, headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """DELETE, with a JSON body if there is one."""
        return self._send("delete", path, body, headers)

    def form(self, path: str, body: Any, *, method: str = "post", **headers: str) -> HttpResponse:
        """Send a form, as most mobile apps do; names may have Rails' brackets."""
        from urllib.parse import urlencode

        send = getattr(self._client, method)
        return send(  # type: ignore[no-any-return]
            path,
            urlencode(body, doseq=True),
            content_type="application/x-www-form-urlencoded",
            headers=self._headers(headers),
        )

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> HttpResponse:
        send = getattr(self._client, method)
        return send(  # type: ignore[no-any-return]
            path,
            body if isinstance(body, bytes | str) else ({} if body is None else body),
            content_type="application/json",
            headers=self._headers(headers),
        )

    def _headers(self, extra: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in extra.items()}
        return {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **named}


def client_of(account: Account | None = None, *, scopes: str = SCOPES) -> ApiClient:
    """A client app with this account signed in, or nobody."""
    return ApiClient(token_of(account, scopes=scopes) if account else None, account)


def publish(
    author: Account,
    text: str = "hello",
    *,
    after: float = 0,
    now: datetime = NOON,
    reply_to: int | None = None,
    **draft: Any,
) -> int:
    """Publish a post `after` seconds past noon (or past `now`); return its id."""
    parent = None
    if reply_to is not None:
        from feed.models import Post

        parent = Parent(reply_to, Post.objects.get(pk=reply_to).author_id)
    draft_of_it = Draft(text, reply_to=parent, **draft)
    return publish_post(author=author, draft=draft_of_it, now=now + timedelta(seconds=after))


def seen_by(account: Account | None, post_id: int) -> PostFacts:
    """The post with its facts for this viewer, without asking whether they may see it."""
    return facts.load(Viewer(account), [post_id])[0]
