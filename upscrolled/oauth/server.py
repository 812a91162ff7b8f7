"""The authorization server: django-oauth-toolkit's, with what Mastodon's clients need and no more.

Two grants (authorization code, client credentials), no refresh tokens, bodies of any encoding, scopes that
imply others, and secrets and tokens that are stored as digests only.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.utils.crypto import constant_time_compare
from oauth2_provider.models import get_access_token_model, get_grant_model
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    ClientCredentialsGrant,
    RevocationEndpoint,
    TokenEndpoint,
    UnauthorizedClientError,
)

from upscrolled.oauth import scopes as scope_table


def new_token(request: Any = None, refresh_token: bool = False) -> str:
    """Draw a token: 256 random bits."""
    return secrets.token_urlsafe(32)


class Server(AuthorizationEndpoint, TokenEndpoint, RevocationEndpoint):  # type: ignore[misc]
    """OAuthlib's endpoints with the two grants in use, and no refresh tokens: ours do not expire."""

    def __init__(self, validator: Any, token_expires_in: int, token_generator: Any, **_: Any) -> None:
        code = AuthorizationCodeGrant(validator, refresh_token=False)
        credentials = ClientCredentialsGrant(validator)
        bearer = BearerToken(validator, token_generator, token_expires_in)
        AuthorizationEndpoint.__init__(
            self, default_response_type="code", default_token_type=bearer, response_types={"code": code}
        )
        grants = {"authorization_code": code, "client_credentials": credentials}
        TokenEndpoint.__init__(
            self, default_grant_type="authorization_code", default_token_type=bearer, grant_types=grants
        )
        RevocationEndpoint.__init__(self, validator, supported_token_types=["access_token"])


class AnyBody(OAuthLibCore):  # type: ignore[misc]
    """Reads JSON, forms and multipart alike, and answers tokens in Mastodon's shape."""

    def extract_body(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Return the fields of the body as text. Raises BadRequest if it cannot be read."""
        if request.content_type == "application/json":
            return _fields(request.body)
        try:
            return [(name, str(values[-1])) for name, values in request.POST.lists() if values]
        except (ValueError, MultiPartParserError) as error:
            raise BadRequest("The body cannot be read.") from error

    def create_token_response(self, request: HttpRequest) -> tuple[Any, dict[str, str], str, int]:
        """Exchange a grant for a token, in one transaction: it holds the code's row, so a code works once."""
        with transaction.atomic():
            uri, headers, body, status = super().create_token_response(request)
        if status == 200:
            token = json.loads(body)
            shape = {name: token[name] for name in ("access_token", "token_type", "scope")}
            body = json.dumps({**shape, "created_at": int(time.time())})
        return uri, headers, body, status

    def create_revocation_response(self, request: HttpRequest) -> tuple[Any, dict[str, str], str, int]:
        """End a token; none at all, and another client's, are refused as Mastodon does it."""
        with suppress(UnauthorizedClientError):
            if dict(self.extract_body(request)).get("token"):
                answer: tuple[Any, dict[str, str], str, int] = super().create_revocation_response(request)
                return answer
        return None, {}, json.dumps(_NOT_YOURS), 403


_NOT_YOURS = {
    "error": "unauthorized_client",
    "error_description": "You are not authorized to revoke this token",
}


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not valid JSON.") from error
    if not isinstance(value, dict):
        raise BadRequest("The body must be a JSON object.")
    read = (
        (name, " ".join(map(str, item)) if isinstance(item, list) else item) for name, item in value.items()
    )
    return [(name, str(item)) for name, item in read if item is not None and not isinstance(item, dict)]


class Scopes(BaseScopes):  # type: ignore[misc]
    """The scopes an application registered are what it may be granted, with all that they imply."""

    def get_all_scopes(self) -> dict[str, str]:
        """Return every scope with a sentence."""
        return {scope: scope for scope in scope_table.SCOPES}

    def get_available_scopes(self, application: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        """Return what this application may be granted."""
        return sorted(scope_table.expand(application.scopes) if application else scope_table.SCOPES)

    def get_default_scopes(self, application: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        """Return what a request that names no scope gets."""
        return [scope_table.DEFAULT]


class Validator(OAuth2Validator):  # type: ignore[misc]
    """The toolkit's validator, stricter where one code could be spent twice or a closed account return."""

    def validate_scopes(
        self, client_id: str, scopes: Iterable[str], client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Allow scopes that exist and that the application registered, itself or by a wider one."""
        return all(
            scope in scope_table.SCOPES and scope_table.covers(client.scopes, scope) for scope in scopes
        )

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Hold the code's row until the token is made; a second exchange waits, then finds nothing."""
        if "\x00" in code:
            return False
        grant = get_grant_model().objects.select_for_update().filter(code=code, application=client).first()
        if grant is None or grant.is_expired() or not grant.user.is_active:
            return False
        request.scopes = grant.scope.split()
        request.user = grant.user
        return True

    def revoke_token(self, token: str, token_type_hint: str, request: Any, *args: Any, **kwargs: Any) -> None:
        """End a token of the client that asks. Raises UnauthorizedClientError for another client's."""
        checksum = hashlib.sha256(token.encode()).hexdigest()
        named = get_access_token_model().objects.filter(token_checksum=checksum)
        if named.exclude(application=request.client).exists():
            raise UnauthorizedClientError
        super().revoke_token(token, token_type_hint, request, *args, **kwargs)

    def _load_application(self, client_id: str, request: Any) -> Any:
        if not isinstance(client_id, str) or "\x00" in client_id:
            return None
        return super()._load_application(client_id, request)

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        return FastSHA256().verify(provided_secret, stored_secret)


class FastSHA256(BasePasswordHasher):
    """For secrets that we draw ourselves: 256 random bits need no slow hash, and clients authenticate often.

    Never the first of PASSWORD_HASHERS, so no person's password is kept this way.
    """

    algorithm = "fast_sha256"

    def salt(self) -> str:
        """Random secrets need no salt."""
        return "-"

    def encode(self, password: str, salt: str) -> str:
        """Return what is stored."""
        return f"{self.algorithm}${salt}${hashlib.sha256(password.encode()).hexdigest()}"

    def decode(self, encoded: str) -> dict[str, Any]:
        """Take a stored value apart."""
        algorithm, salt, digest = encoded.split("$", 2)
        return {"algorithm": algorithm, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        """Compare in constant time."""
        return constant_time_compare(self.encode(password, "-"), encoded)

    def safe_summary(self, encoded: str) -> Any:
        """Describe a stored value for people."""
        return {"algorithm": self.algorithm}

    def must_update(self, encoded: str) -> bool:
        """Nothing about it can age."""
        return False

    def harden_runtime(self, password: str, encoded: str) -> None:
        """One hash takes as long as another."""
