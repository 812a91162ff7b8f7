"""The views in which this site differs from the library: signing up, and whatever looks an address up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from allauth.account.internal.flows import signup
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.stages import EmailVerificationStage, LoginStageController
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless.account import views
from allauth.headless.account.inputs import (
    DeleteEmailInput,
    MarkAsPrimaryEmailInput,
    ResendEmailVerificationInput,
)
from allauth.headless.account.response import PasswordResetKeyResponse
from allauth.headless.base.response import AuthenticationResponse, ConflictResponse
from allauth.headless.base.views import APIView, ConfigView
from allauth.headless.constants import Flow
from allauth.headless.internal.restkit import inputs
from allauth.headless.internal.restkit.response import APIResponse, ErrorResponse
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from upscrolled import origin
from upscrolled.core.errors import DomainError
from upscrolled.headless import codes, door
from upscrolled.headless.forms import (
    NewEmailInput,
    RequestCodeInput,
    RequestResetInput,
    ResetInput,
    ResetKeyInput,
    VerifyEmailInput,
)
from upscrolled.models import Account
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
        code = codes.draw()
        try:
            account = registration.sign_up(
                form=form, origin=origin.of(request, application_id=0), now=datetime.now(UTC), code=code
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
            address = EmailAddress.objects.get(user=account)
            codes.seal(request, codes.ADDRESS, EmailConfirmationHMAC(address).key, code)
            answered = signup.complete_signup(request, user=account)
        except ImmediateHttpResponse as stopped:
            answered = stopped.response
        return _told(AuthenticationResponse.from_response(request, answered))


class Mailing(APIView):  # type: ignore[misc]
    """Sends a mail to an address that somebody types, unless there were too many."""

    def handle_invalid_input(self, input: Any) -> HttpResponse:
        """Say how long to wait, if that is what is wrong."""
        wait = getattr(input, "waits", 0)
        return door.refuse_for(wait) if wait else _told(super().handle_invalid_input(input))


class RequestCode(Mailing, views.RequestLoginCodeView):  # type: ignore[misc]
    """POST auth/code/request"""

    input_class = RequestCodeInput


class ConfirmCode(views.ConfirmLoginCodeView):  # type: ignore[misc]
    """POST auth/code/confirm"""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a code that is over as everywhere."""
        answer = _told(super().dispatch(request, *args, **kwargs))
        if answer.status_code == HTTPStatus.CONFLICT:
            return door.refuse(400, "expired_code", str(codes.OVER), "code")
        return answer


class AwaitsReset(AuthenticationResponse):  # type: ignore[misc]
    """401, with the code of a new password pending."""

    def _get_flows(self, request: HttpRequest, user: Any) -> list[dict[str, Any]]:
        pending = {"id": Flow.PASSWORD_RESET_BY_CODE.value, "is_pending": True}
        return [*super()._get_flows(request, user), pending]


class RequestReset(Mailing, views.RequestPasswordResetView):  # type: ignore[misc]
    """POST auth/password/request"""

    input_class = RequestResetInput

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send a link and a code, known address or not."""
        answer = _told(super().post(request, *args, **kwargs))
        return _told(AwaitsReset(request)) if answer.status_code == HTTPStatus.OK else answer


class Reset(views.ResetPasswordView):  # type: ignore[misc]
    """GET and POST auth/password/reset"""

    input_class = ResetInput

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say whose new password a code or key is for, and spend neither."""
        given = ResetKeyInput({"key": request.headers.get("X-Password-Reset-Key", "")})
        if not given.is_valid():
            return _told(ErrorResponse(request, input=given))
        return _told(PasswordResetKeyResponse(request, given.user))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Set the password and sign in; the second step is still asked for."""
        codes.discard(request, codes.PASSWORD)
        return _told(super().post(request, *args, **kwargs))


class VerifyEmail(views.VerifyEmailView):  # type: ignore[misc]
    """GET and POST auth/email/verify"""

    input_class = VerifyEmailInput

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Confirm an address. A code signs in whoever waited for it in this session; a link's key signs nobody in."""
        address = self.input.address
        if not address.verified and self.input.verification.confirm(request) is None:
            return door.refuse(400, "email_taken", str(_("This address belongs to another account.")), "key")
        codes.discard(request, codes.ADDRESS)
        if self.stage and self.input.by_code and self.stage.login.user == address.user:
            self.stage.login.user = address.user  # as it is now: confirmed
            return _told(AuthenticationResponse.from_response(request, self.stage.exit()))
        if self.stage:
            self.stage.abort()
        return _told(AuthenticationResponse(request))


class ResendCode(APIView):  # type: ignore[misc]
    """POST auth/email/verify/resend"""

    handle_json_input = False

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send another link and code to the address that this session waits for; the code before is void."""
        waiting = _waiting(request)
        address = EmailAddress.objects.get_new(waiting) if waiting else None
        if address is None:
            return _told(ConflictResponse(request))
        address.send_confirmation(request)
        return _told(APIResponse(request))


class Email(views.ManageEmailView):  # type: ignore[misc]
    """GET, POST, PUT, PATCH and DELETE account/email"""

    input_class = {  # noqa: RUF012 - the library's own form
        "POST": NewEmailInput,
        "PUT": ResendEmailVerificationInput,
        "DELETE": DeleteEmailInput,
        "PATCH": MarkAsPrimaryEmailInput,
    }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let a session that waits for a first confirmation correct its address."""
        if request.method != "POST" or request.user.is_authenticated:
            return _told(super().dispatch(request, *args, **kwargs))
        self.user, self.verification_stage_process = _waiting(request), None
        if self.user is None:
            return _told(ConflictResponse(request))
        return _told(APIView.dispatch(self, request, *args, **kwargs))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send a link and a code to another address."""
        account = self.user
        if account is None or request.user.is_authenticated:
            return _told(super().post(request, *args, **kwargs))
        try:
            accounts.change_unconfirmed_email(account=account, email=self.input.cleaned_data["email"])
        except DomainError as refusal:
            return door.refuse(400, "email_refused", refusal.safe, "email")
        EmailAddress.objects.get(user=account).send_confirmation(request)
        return _told(self._respond_email_list())


class Config(ConfigView):  # type: ignore[misc]
    """GET config"""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say what an app's screens need; codes are ours, so the library does not know of them."""
        told = json.loads(super().get(request, *args, **kwargs).content)["data"]
        told["account"]["email_verification_by_code_enabled"] = True
        told["account"]["password_reset_by_code_enabled"] = True
        return _told(APIResponse(request, data=told))


def _waiting(request: HttpRequest) -> Account | None:
    """Return whose address is to be confirmed: whoever is signed in, or waits to be."""
    if request.user.is_authenticated:
        return request.user
    stage = LoginStageController.enter(request, EmailVerificationStage.key)
    return stage.login.user if stage else None


def _told(response: Any) -> HttpResponse:
    """Name the type of what the untyped library answers."""
    assert isinstance(response, HttpResponse)
    return response
