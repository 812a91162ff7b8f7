"""Who may listen: the token when a connection begins, and again with everything that is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs

from django.conf import settings
from django.db import close_old_connections, connection

from upscrolled import access, limits, middleware
from upscrolled.core import ids
from upscrolled.core.errors import NotAllowed, TooMany, Unauthenticated
from upscrolled.limits import Limit

T = TypeVar("T")
CONNECTIONS = Limit("streams", 300, 300)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who opened a connection; nobody has account and token 0. `scopes` is None without a token."""

    account_id: int = 0
    token_id: int = 0
    scopes: str | None = None
    country: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a connection says of itself before anything was looked up."""

    path: str
    query: Mapping[str, str]
    token: str
    subprotocol: str
    address: str
    country: str
    last_id: str


def asked(scope: Mapping[str, Any]) -> Asked:
    """Read an ASGI scope: the token comes in the query, in a header, or where WebSockets name their protocol."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
    subprotocol = headers.get("sec-websocket-protocol", "").split(",")[0].strip()
    kind, _, bearer = headers.get("authorization", "").partition(" ")
    token = query.get("access_token") or (bearer.strip() if kind.lower() == "bearer" else "") or subprotocol
    address = scope["client"][0] if scope.get("client") else ""
    country = ""
    if settings.TRUSTED_PROXIES and middleware.is_trusted(address, tuple(settings.TRUSTED_PROXIES)):
        address = middleware.client_address(headers.get("x-forwarded-for", ""), address)
        country = middleware.country_code(headers.get(settings.COUNTRY_HEADER.lower(), ""))
    last_id = query.get("last_event_id") or headers.get("last-event-id", "")
    return Asked(scope["path"].rstrip("/"), query, token, subprotocol, address, country, last_id)


def admit(asked: Asked) -> Caller:
    """Return who asks. Raises TooMany, Unauthenticated for a token that is not good, NotAllowed."""
    whose = limits.address_block(asked.address)
    principal = access.principal(access.digest(asked.token)) if asked.token else None
    if principal is not None and principal.account is not None:
        whose = str(principal.account.id)
    allowance = limits.spend([(CONNECTIONS, whose)]).allowance
    if allowance is not None and allowance.exceeded:
        raise TooMany(retry_after=allowance.seconds_left)
    if principal is None:
        if asked.token:
            raise Unauthenticated
        return Caller(country=asked.country, address=asked.address)
    account = principal.account
    if account is not None:
        if not account.is_active or "account_suspended" in principal.restrictions:
            raise NotAllowed("Your login is currently disabled")
        if not account.is_confirmed:
            raise NotAllowed(access.why_unconfirmed(account))
    return Caller(
        account.id if account else 0, principal.token_id, principal.scopes, asked.country, asked.address
    )


_GOOD = """
SELECT t.id FROM oauth2_provider_accesstoken t LEFT JOIN upscrolled_account a ON a.id = t.user_id
WHERE t.id = ANY(%(ids)s) AND t.expires > now() AND (t.user_id IS NULL OR (a.is_active AND NOT EXISTS (
  SELECT 1 FROM upscrolled_restriction r WHERE r.subject_kind = 'account' AND r.subject_id = a.id
    AND r.kind = 'account_suspended' AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now()))))
"""


def good(token_ids: Iterable[int]) -> set[int]:
    """Return which of these tokens are good at this moment, in one statement."""
    wanted = list(set(token_ids))
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_GOOD, {"ids": ids.array(wanted)})
        return {row[0] for row in cursor.fetchall()}


def with_database(work: Callable[..., T], *args: Any) -> T:
    """Do something in a thread that keeps its connection, as web processes do from request to request."""
    close_old_connections()
    try:
        return work(*args)
    finally:
        close_old_connections()
