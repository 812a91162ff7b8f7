"""Make an account from an application, and ask for the confirmation link again."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from upscrolled import access, challenges, limits, origin
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import stamp
from upscrolled.core.errors import NotAllowed, TooMany
from upscrolled.operations import accounts, guarding, registration
from upscrolled.operations.access import issue_token
from upscrolled.operations.registration import NewAccount
from upscrolled.shedding import Importance

_TEXTS = (
    "username",
    "email",
    "password",
    "reason",
    "date_of_birth",
    "invite_code",
    "challenge",
    "solution",
)
RESENDS = limits.Limit("confirmations", 5, 1_800)


class Token(msgspec.Struct, kw_only=True):
    """An access token (Mastodon API, Token)."""

    access_token: str
    scope: str
    created_at: int
    token_type: str = "Bearer"


class Empty(msgspec.Struct):
    """An empty object."""


class SignUpChallenge(msgspec.Struct, kw_only=True):
    """What a sign-up must solve; `required` is false, and the rest empty, when there is nothing to solve.

    `proof_of_work`: find a text so that SHA-256 of `<challenge>:<text>` begins with `parameters.difficulty` zero
    bits, and send it as `solution` with the `challenge`, before `expires_at`. Each challenge works once.
    """

    required: bool
    kind: str | None = None
    challenge: str | None = None
    parameters: dict[str, Any] = {}
    expires_at: str | None = None


def _text(longest: int, sentence: str) -> Any:
    return serializers.CharField(
        default="", allow_blank=True, allow_null=True, max_length=longest, help_text=sentence
    )


class SignUpForm(serializers.Serializer[Any]):
    """The sign-up form. What the fields may hold is decided by `registration.sign_up`, which names all faults."""

    username = serializers.CharField(default="", allow_blank=True, allow_null=True, max_length=1_000)
    email = serializers.CharField(default="", allow_blank=True, allow_null=True, max_length=1_000)
    password = serializers.CharField(
        default="", allow_blank=True, allow_null=True, max_length=10_000, trim_whitespace=False
    )
    agreement = serializers.BooleanField(default=False, allow_null=True)
    locale = serializers.CharField(default="en", allow_blank=True, allow_null=True, max_length=100)
    reason = _text(10_000, "Why one wants to join; needed while sign-ups are looked at by people.")
    date_of_birth = _text(100, "YYYY-MM-DD; needed where `registrations.min_age` of the instance says so.")
    invite_code = _text(1_000, "Needed while one joins by invitation.")
    challenge = _text(challenges.SOLUTION_MAX, "As given by `GET /api/v1/upscrolled/signup_challenge`.")
    solution = _text(challenges.SOLUTION_MAX, "What solves the challenge.")


class NewAddress(serializers.Serializer[Any]):
    """A corrected address, if the first one was mistyped."""

    email = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=1_000)


class SignUp(ClientView):
    """POST /api/v1/accounts"""

    @endpoint(who="app", scope="write:accounts", body=SignUpForm, answers=Token, importance=Importance.CORE)
    def post(self, request: Request) -> HttpResponse:
        """Make an account for an application's new user; the token works once the address is confirmed.

        Whether the address has an account already is not said here: a mail tells its owner, and nothing else
        happens. Faults of the form are named all at once, with codes in `details`; among them `ERR_BLOCKED` (an
        e-mail provider that is not accepted), `ERR_BELOW_LIMIT` (too young) and those of `invite_code`, `reason`
        and `challenge`.
        """
        assert self.principal is not None
        filled = self.valid(SignUpForm)
        texts = {name: filled[name] or "" for name in _TEXTS}
        form = NewAccount(
            **texts, agreed=bool(filled["agreement"]), locale=accounts.language_of(filled["locale"])
        )
        comes_from = origin.of(request._request, application_id=self.principal.application_id or 0)
        account = registration.sign_up(form=form, origin=comes_from, now=self.now)
        made = issue_token(
            account=account,
            application=access.application(self.principal.application_id),
            scopes=self.principal.scopes,
            now=self.now,
        )
        return self.render(
            Token(access_token=made.token, scope=made.scope, created_at=int(made.created_at.timestamp()))
        )


class Challenge(ClientView):
    """GET /api/v1/upscrolled/signup_challenge"""

    @endpoint(who="anyone", answers=SignUpChallenge, importance=Importance.CORE)
    def get(self, request: Request) -> HttpResponse:
        """Give something to solve before signing up, if the site asks for it at present."""
        adapter = registration.asked().challenge
        if adapter is None:
            return self.render(SignUpChallenge(required=False))
        application = self.principal.application_id if self.principal else None
        issued = adapter.issue(origin.of(request._request, application_id=application or 0))
        return self.render(
            SignUpChallenge(
                required=True,
                kind=adapter.kind,
                challenge=issued.challenge,
                parameters=issued.parameters,
                expires_at=stamp(issued.expires_at),
            )
        )


class Confirmations(ClientView):
    """POST /api/v1/emails/confirmations"""

    @endpoint(
        scope="write:accounts",
        body=NewAddress,
        answers=Empty,
        limit=RESENDS,
        restricted=True,
        importance=Importance.CORE,
    )
    def post(self, request: Request) -> HttpResponse:
        """Send the confirmation link again, to a corrected address if one is given.

        A mailbox gets five in 15 minutes, whoever asks; beyond that, 429.
        """
        if self.me.is_confirmed:
            raise NotAllowed("This method is only available while the e-mail is awaiting confirmation")
        email = self.valid(NewAddress).get("email")
        application = self.principal.application_id if self.principal else None
        comes_from = origin.of(request._request, application_id=application or 0)
        if wait := guarding.count(guarding.MAILS, name=email or self.me.email, origin=comes_from):
            raise TooMany("Too many mails to this address; please try again later.", retry_after=wait)
        if email:
            accounts.change_unconfirmed_email(account=self.me, email=email)
        accounts.request_confirmation(account=self.me, now=self.now)
        return self.render(Empty())
