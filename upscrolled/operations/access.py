"""Applications and their tokens: register, issue, revoke."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import transaction
from oauth2_provider.models import get_access_token_model, get_grant_model, set_token_value
from oauth2_provider.settings import oauth2_settings

from upscrolled import oauth
from upscrolled.core.errors import Invalid, NotFound, Unauthenticated
from upscrolled.models import Account, Application
from upscrolled.oauth.server import new_token

NAME_MAX, ADDRESS_MAX, ADDRESSES_MAX = 60, 2_000, 20
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# A browser would run or open these itself instead of handing the code to an application.
_SHELL = "command-line"  # client id of the application that tokens from the shell belong to
_FORBIDDEN_SCHEMES = {"about", "blob", "data", "file", "filesystem", "javascript", "mailto", "vbscript"}


@dataclass(frozen=True, slots=True)
class Registration:
    """A new application with its secret, which only this answer ever holds: the row keeps a digest."""

    application: Application
    client_secret: str


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token; only this answer ever holds it in clear."""

    token: str
    scope: str
    created_at: datetime


def register_application(
    *, name: str, redirect_uris: Sequence[str], scopes: str | Iterable[str], website: str = ""
) -> Registration:
    """Register a client. Raises Invalid, naming what is wrong with the name, an address or a scope."""
    name, website = name.strip(), website.strip()
    if not name:
        raise Invalid("Validation failed: Application name can't be blank")
    if len(name) > NAME_MAX:
        raise Invalid(f"Validation failed: Application name is too long ({len(name)}; at most {NAME_MAX})")
    if website and (len(website) > ADDRESS_MAX or not _is_web_address(website)):
        raise Invalid("Validation failed: Application website must be a valid URL")
    addresses = list(dict.fromkeys(address for address in redirect_uris if address))
    _check_addresses(addresses)
    try:
        allowed = oauth.read(scopes)
    except oauth.UnknownScope as error:
        raise Invalid(f"Validation failed: Scopes doesn't match configured on the server: {error}") from None
    client_secret = secrets.token_urlsafe(32)
    application = Application.objects.create(
        name=name,
        website=website,
        redirect_uris="\n".join(addresses),
        scopes=" ".join(allowed),
        client_id=secrets.token_urlsafe(32),
        client_secret=client_secret,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
    )
    return Registration(application, client_secret)


def issue_token(
    *, account: Account | None, application: Application | None, scopes: str | Iterable[str], now: datetime
) -> IssuedToken:
    """Make a token without the browser's detour, as after sign-up. Raises UnknownScope."""
    scope = " ".join(oauth.read(scopes))
    model = get_access_token_model()
    lifetime = timedelta(seconds=oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS)
    row = model(user=account, application=application, scope=scope, expires=now + lifetime)
    token = new_token()
    set_token_value(row, token)
    row.save(force_insert=True)
    return IssuedToken(token, scope, now)


def issue_from_shell(*, account: Account, scopes: str, now: datetime) -> IssuedToken:
    """Make a token by hand, for an application of the site's own that nobody can sign in with. Raises UnknownScope.

    Like every other token it then has an application: clients ask which, and posts name it.
    """
    oauth.read(scopes)
    application, _ = Application.objects.get_or_create(
        client_id=_SHELL,
        defaults={
            "name": "Command line",
            "website": settings.PUBLIC_URL,
            "redirect_uris": "",
            "scopes": "read write follow push admin:read admin:write",
            "client_secret": secrets.token_urlsafe(32),  # that nobody knows
            "client_type": Application.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": Application.GRANT_AUTHORIZATION_CODE,
        },
    )
    return issue_token(account=account, application=application, scopes=scopes, now=now)


def revoke_token(*, token_id: int) -> None:
    """End one token; it is gone with the next request."""
    get_access_token_model().objects.filter(pk=token_id).delete()


@transaction.atomic
def revoke_all(*, account: Account) -> int:
    """End every token and every pending code of an account; return how many tokens there were."""
    get_grant_model().objects.filter(user=account).delete()
    count: int = get_access_token_model().objects.filter(user=account).delete()[0]
    return count


def revoke_others(*, account: Account, token_id: int) -> None:
    """End every pending code and every token of an account but one."""
    get_grant_model().objects.filter(user=account).delete()
    get_access_token_model().objects.filter(user=account).exclude(pk=token_id).delete()


def revoke_own(*, account: Account, token_id: int) -> None:
    """End one token of an account. Raises NotFound if it has no such token."""
    if not get_access_token_model().objects.filter(user=account, pk=token_id).delete()[0]:
        raise NotFound


def issue_for_session(
    *,
    account: Account,
    client_id: str,
    client_secret: str,
    scopes: str,
    now: datetime,
) -> IssuedToken:
    """Make a token for an application whose own screen a person has signed in on, without the browser.

    Raises Unauthenticated for an application that is unknown or cannot prove itself (RFC 6749 §2.3.1), Invalid for
    scopes that it was not registered with.
    """
    application = Application.objects.filter(client_id=client_id).first()
    if application is None or not check_password(client_secret, application.client_secret):
        raise Unauthenticated("Client authentication failed: unknown client, or the secret is wrong")
    try:
        asked = oauth.read(scopes)
    except oauth.UnknownScope as error:
        raise Invalid(f"Validation failed: Scopes: {error}") from None
    held = oauth.expand(application.scopes)
    if beyond := sorted(set(asked) - held):
        raise Invalid(f"Validation failed: Scopes: the application is not registered for {' '.join(beyond)}")
    return issue_token(account=account, application=application, scopes=asked, now=now)


def _check_addresses(addresses: list[str]) -> None:
    if not addresses:
        raise Invalid("Validation failed: Redirect URI can't be blank")
    if len(addresses) > ADDRESSES_MAX:
        raise Invalid(f"Validation failed: Redirect URI: {len(addresses)} addresses; at most {ADDRESSES_MAX}")
    for address in addresses:
        if reason := _why_bad_address(address):
            raise Invalid(f"Validation failed: Redirect URI {reason}: {address[:200]}")


def _why_bad_address(address: str) -> str | None:
    if address == oauth.OUT_OF_BAND:
        return None
    if len(address) > ADDRESS_MAX:
        return "is too long"
    if not _SCHEME.match(address) or any(ord(letter) <= 32 or ord(letter) == 127 for letter in address):
        return "must be an absolute URI"
    if "#" in address:
        return "cannot contain a fragment"
    scheme = address.partition(":")[0].lower()
    if scheme in _FORBIDDEN_SCHEMES:
        return "has a scheme that is not allowed"
    if scheme in ("http", "https") and not _is_web_address(address):
        return "must be an absolute URI"
    return None


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
