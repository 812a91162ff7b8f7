"""The views in which this site differs from the library: signing up, and whatever looks an address up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.internal.flows import signup
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless.account import views
from allauth.headless.account.inputs import (
    DeleteEmailInput,
    MarkAsPrimaryEmailInput,
    ResendEmailVerificationInput,
)
from allauth.headless.base.response import AuthenticationResponse, ConflictResponse
from allauth.headless.base.views import APIView
from allauth.headless.internal.restkit import inputs
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from upscrolled import origin
from upscrolled.core.errors import DomainError
from upscrolled.headless import door
from upscrolled.headless.forms import NewEmailInput, RequestCodeInput, RequestResetInput
from upscrolled.operations import accounts, registration
from upscrolled.operations.accounts import SignUpRefused
from upscrolled.operations.registration import NewAccount


class SignUpInput(inputs.Input):  # type: ignore[misc]
    """The form of POST /api/v1/accounts; what its fields may hold is decided by `registration.sign_up`."""

    username = inputs.CharField(required=False, max_length=1_000)
    email = inputs.CharField(required=False, max_length=1_000)
    password = inputs.CharField(required=False, max_length=10_000, strip=False)
    agreement = inputs.BooleanField(required=False)
    locale = inputs.CharField(required=False, max_length=100)
    reason = inputs.CharField(required=False, max_length=10_000)
    date_of_birth = inputs.CharField(required=False, max_length=100)
    invite_code = inputs.CharField(required=False, max_length=1_000)
    challenge = inputs.CharField(required=False, max_length=4_000)
    solution = inputs.CharField(required=False, max_length=4_000)


class SignUp(APIView):  # type: ignore[misc]
    """POST auth/signup"""

    input_class = SignUpInput

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Make an account; the answer is 401 with `verify_email` pending, known address or not (adr/0010)."""
        if request.user.is_authenticated:
            return _told(ConflictResponse(request))
        filled = dict(self.input.cleaned_data)
        agreed, locale = bool(filled.pop("agreement")), filled.pop("locale") or get_language()
        form = NewAccount(**filled, agreed=agreed, locale=accounts.language_of(locale))
        try:
            account = registration.sign_up(
                form=form, origin=origin.of(request, application_id=0), now=datetime.now(UTC)
            )
        except SignUpRefused as refusal:
            told = [
                {"code": code, "message": sentence, "param": field}
                for field, code, sentence in refusal.problems
            ]
            return door.refuse_all(400, told)
        except DomainError as refusal:
            code = {403: "signup_closed", 429: "too_many_requests"}.get(refusal.status, "refused")
            response = door.refuse(refusal.status, code, refusal.safe)
            if refusal.retry_after:
                response["Retry-After"] = str(refusal.retry_after)
            return response
        try:
            answered = signup.complete_signup(request, user=account)
        except ImmediateHttpResponse as stopped:
            answered = stopped.response
        return _told(AuthenticationResponse.from_response(request, answered))


class RequestCode(views.RequestLoginCodeView):  # type: ignore[misc]
    """POST auth/code/request"""

    input_class = RequestCodeInput


class RequestReset(views.RequestPasswordResetView):  # type: ignore[misc]
    """POST auth/password/request"""

    input_class = RequestResetInput


class Email(views.ManageEmailView):  # type: ignore[misc]
    """GET, POST, PUT, PATCH and DELETE account/email"""

    input_class = {  # noqa: RUF012 - the library's own form
        "POST": NewEmailInput,
        "PUT": ResendEmailVerificationInput,
        "DELETE": DeleteEmailInput,
        "PATCH": MarkAsPrimaryEmailInput,
    }


def _told(response: Any) -> HttpResponse:
    """Name the type of what the untyped library answers."""
    assert isinstance(response, HttpResponse)
    return response
