"""Where one is signed in, ending it, and a token for an app whose own screen somebody has signed in on."""

from __future__ import annotations

from typing import Any

import msgspec
from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled import limits, origin
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import stamp
from upscrolled.api.signup import Empty, Token
from upscrolled.core.errors import Unauthenticated
from upscrolled.operations import access, signins
from upscrolled.queries import sessions
from upscrolled.shedding import Importance

SESSION_TOKENS = limits.Limit("session-tokens", 30, 1_800)


class SessionApplication(msgspec.Struct, kw_only=True):
    """The application that a token was made for."""

    name: str
    website: str | None


class Session(msgspec.Struct, kw_only=True):
    """A token of one's own. `last_used_on` is a day (UTC); `user_agent` is empty when no sign-in is on record."""

    id: str
    application: SessionApplication | None
    scopes: list[str]
    created_at: str | None
    last_used_on: str
    user_agent: str
    current: bool


class Sessions(ClientView):
    """GET and DELETE /api/v1/upscrolled/sessions"""

    @endpoint(scope="read:accounts", answers=list[Session], restricted=True)
    def get(self, request: Request) -> HttpResponse:
        """List where one is signed in with an app, newest first (200 at most)."""
        return self.render([self._session(token) for token in sessions.tokens_of(self.me)])

    @endpoint(scope="write:accounts", answers=Empty, restricted=True, always=True, importance=Importance.CORE)
    def delete(self, request: Request) -> HttpResponse:
        """Sign out everywhere else: every other token, and every session in browsers and account screens."""
        assert self.principal is not None
        comes_from = origin.of(request._request, application_id=self.principal.application_id or 0)
        signins.end_others(account=self.me, token_id=self.principal.token_id, origin=comes_from, now=self.now)
        return self.render(Empty())

    def _session(self, token: sessions.TokenInUse) -> Session:
        application = None
        if token.application is not None:
            application = SessionApplication(name=token.application, website=token.website or None)
        return Session(
            id=str(token.id),
            application=application,
            scopes=token.scopes.split(),
            created_at=stamp(token.created_at),
            last_used_on=token.used_on.isoformat(),
            user_agent=token.user_agent,
            current=self.principal is not None and self.principal.token_id == token.id,
        )


class OneSession(ClientView):
    """DELETE /api/v1/upscrolled/sessions/:id"""

    @endpoint(scope="write:accounts", answers=Empty, restricted=True, always=True, importance=Importance.CORE)
    def delete(self, request: Request, session_id: str) -> HttpResponse:
        """Sign out of one app; its token ends with the next request."""
        access.revoke_own(account=self.me, token_id=self.id_of(session_id))
        return self.render(Empty())


class SessionTokenForm(serializers.Serializer[Any]):
    """Which application asks, and for what. The person is who the header `X-Session-Token` stands for."""

    client_id = serializers.CharField(max_length=200)
    client_secret = serializers.CharField(max_length=200)
    scopes = serializers.CharField(default="read", max_length=4_000)


class SessionToken(ClientView):
    """POST /api/v1/upscrolled/oauth/session_token"""

    @endpoint(
        who="anyone",
        body=SessionTokenForm,
        answers=Token,
        limit=SESSION_TOKENS,
        always=True,
        importance=Importance.CORE,
    )
    def post(self, request: Request) -> HttpResponse:
        """Exchange a signed-in session of `/_allauth/app/v1/` (header `X-Session-Token`) for an access token.

        The session must have passed every step, the second one included. The scopes must be among those that the
        application was registered with. The session goes on.
        """
        asked = self.valid(SessionTokenForm)
        signed_in = authenticate_by_x_session_token(request.META.get("HTTP_X_SESSION_TOKEN", ""))
        if signed_in is None:
            raise Unauthenticated("The session token is invalid, or the session is not signed in")
        made = access.issue_for_session(account=signed_in[0], now=self.now, **asked)
        return self.render(
            Token(access_token=made.token, scope=made.scope, created_at=int(made.created_at.timestamp()))
        )
