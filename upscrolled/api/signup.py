"""Make an account from an application, and ask for the confirmation link again."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled import access, limits
from upscrolled.api.base import ClientView, endpoint
from upscrolled.core.errors import NotAllowed
from upscrolled.operations import accounts
from upscrolled.operations.access import issue_token

RESENDS = limits.Limit("confirmations", 5, 1_800)


class Token(msgspec.Struct, kw_only=True):
    """An access token (Mastodon API, Token)."""

    access_token: str
    scope: str
    created_at: int
    token_type: str = "Bearer"


class Empty(msgspec.Struct):
    """An empty object."""


class NewAccount(serializers.Serializer[Any]):
    """The sign-up form. What the fields may hold is decided by `accounts.sign_up`, which names all faults."""

    username = serializers.CharField(default="", allow_blank=True, allow_null=True, max_length=1_000)
    email = serializers.CharField(default="", allow_blank=True, allow_null=True, max_length=1_000)
    password = serializers.CharField(
        default="", allow_blank=True, allow_null=True, max_length=10_000, trim_whitespace=False
    )
    agreement = serializers.BooleanField(default=False, allow_null=True)
    locale = serializers.CharField(default="en", allow_blank=True, allow_null=True, max_length=100)
    reason = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=2_000)
    date_of_birth = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=100)
    invite_code = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=1_000)


class NewAddress(serializers.Serializer[Any]):
    """A corrected address, if the first one was mistyped."""

    email = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=1_000)


class SignUp(ClientView):
    """POST /api/v1/accounts"""

    @endpoint(who="app", scope="write:accounts", body=NewAccount, answers=Token, limit=limits.SIGN_UPS)
    def post(self, request: Request) -> HttpResponse:
        """Make an account for an application's new user; the token works once the address is confirmed."""
        assert self.principal is not None
        form = self.valid(NewAccount)
        if birth := form.get("date_of_birth"):
            accounts.require_date(birth)
        account = accounts.sign_up(
            username=form["username"] or "",
            email=form["email"] or "",
            password=form["password"] or "",
            agreed=bool(form["agreement"]),
            locale=accounts.language_of(form["locale"]),
            now=self.now,
        )
        made = issue_token(
            account=account,
            application=access.application(self.principal.application_id),
            scopes=self.principal.scopes,
            now=self.now,
        )
        return self.render(
            Token(access_token=made.token, scope=made.scope, created_at=int(made.created_at.timestamp()))
        )


class Confirmations(ClientView):
    """POST /api/v1/emails/confirmations"""

    @endpoint(scope="write:accounts", body=NewAddress, answers=Empty, limit=RESENDS, restricted=True)
    def post(self, request: Request) -> HttpResponse:
        """Send the confirmation link again, to a corrected address if one is given."""
        if self.me.is_confirmed:
            raise NotAllowed("This method is only available while the e-mail is awaiting confirmation")
        if email := self.valid(NewAddress).get("email"):
            accounts.change_unconfirmed_email(account=self.me, email=email)
        accounts.request_confirmation(account=self.me)
        return self.render(Empty())
