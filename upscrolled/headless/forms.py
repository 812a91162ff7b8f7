"""What people type of an address: looked up by our indexes, and answered alike whether it is known or not.

A form that sends a mail counts it before it looks, and `waits` for as many seconds if there were too many.
"""

from __future__ import annotations

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.forms import RequestLoginCodeForm, ResetPasswordForm
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.core.internal.httpkit import is_headless_request
from allauth.headless.account import inputs as library
from allauth.headless.internal.restkit import inputs
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from upscrolled import origin
from upscrolled.headless import codes
from upscrolled.models import Account
from upscrolled.operations import email_domains, guarding


def owner_of(email: str) -> Account | None:
    """Return who can be written to at an address: whoever confirmed it and did not close the account.

    The library would compare the address with a column that has no such index, and would find those who have
    only claimed it (adr/0010).
    """
    owner = Account.objects.reached_at(email)
    return owner if owner is not None and owner.is_active else None


class ResetPassword(ResetPasswordForm):  # type: ignore[misc]
    """Asks for a new password, on the page and in apps."""

    waits = 0

    def clean_email(self) -> str:
        """Find the owner; nobody is told here whether there is one."""
        email = get_adapter().clean_email(self.cleaned_data["email"].lower())
        _count_mail(self, email)
        owner = owner_of(email)
        self.users = [owner] if owner else []
        return str(self.cleaned_data["email"])


class RequestResetInput(ResetPassword, inputs.Input):  # type: ignore[misc]
    """`email`."""

    def save(self, request: HttpRequest, **facts: Any) -> str:
        """Send the mail; the session holds a code whoever the address belongs to."""
        if not self.users:
            codes.seal_nothing(request, codes.PASSWORD)
        return str(super().save(request, **facts))


class RequestCode(RequestLoginCodeForm):  # type: ignore[misc]
    """Asks for a code to sign in with, on the page and in apps."""

    waits = 0

    def clean_email(self) -> str:
        """Find the owner; nobody is told here whether there is one."""
        email = str(self.cleaned_data["email"])
        if not ratelimit.consume(context.request, app="allauth.account", action="request_login_code"):
            raise get_adapter().validation_error("rate_limited")
        _count_mail(self, email)
        self._user = owner_of(email)
        return email


class RequestCodeInput(RequestCode, inputs.Input):  # type: ignore[misc]
    """`email`."""


class VerifyEmailInput(library.VerifyEmailInput):  # type: ignore[misc]
    """`key`: the code in the mail, or the key in its link."""

    by_code = False

    def clean_key(self) -> str:
        """Find the address that it confirms, which its link may have confirmed meanwhile."""
        typed = str(self.cleaned_data["key"])
        self.by_code = codes.is_code(typed)
        self.cleaned_data["key"] = codes.unseal(context.request, codes.ADDRESS, typed)
        self.address = self._confirmed_meanwhile() if self.by_code else None
        if self.address is None:
            super().clean_key()
            self.address = self.verification.email_address
        return str(self.cleaned_data["key"])

    def _confirmed_meanwhile(self) -> EmailAddress | None:
        address_id = signing.loads(self.cleaned_data["key"], salt=app_settings.SALT)
        return EmailAddress.objects.filter(pk=address_id, verified=True).first()


class ResetKeyInput(library.ResetPasswordKeyInput):  # type: ignore[misc]
    """`key`: the code in the mail, or the key in its link."""

    def _clean_key_link(self) -> str:
        self.cleaned_data["key"] = codes.unseal(
            context.request, codes.PASSWORD, str(self.cleaned_data["key"])
        )
        return str(super()._clean_key_link())


class ResetInput(ResetKeyInput, library.ResetPasswordInput):  # type: ignore[misc]
    """`key` and the new `password`."""


class NewEmailInput(inputs.Input):  # type: ignore[misc]
    """`email`, the address to change to. Whether it is another's is told by mail to its owner, not here."""

    email = inputs.EmailField(max_length=254)

    def __init__(self, *args: Any, user: Account | None = None, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_email(self) -> str:
        """Refuse the address that one has already, and those that are refused of newcomers."""
        email = get_adapter().clean_email(self.cleaned_data["email"].lower())
        if self.user is not None and self.user.email.lower() == email:
            raise get_adapter().validation_error("duplicate_email")
        if email_domains.action_for(email) == email_domains.REFUSE:
            raise ValidationError(_("Addresses of this provider are not accepted here."), "email_refused")
        return str(email)

    def save(self, request: HttpRequest) -> EmailAddress:
        """Note the claim, and send its owner what confirms it; the old address stays until then."""
        return EmailAddress.objects.add_new_email(request, self.user, self.cleaned_data["email"])


def _count_mail(form: ResetPassword | RequestCode, email: str) -> None:
    """Count a mail to an address whoever it belongs to. Raises ValidationError."""
    here = origin.of(context.request, application_id=0 if is_headless_request(context.request) else None)
    form.waits = guarding.count(guarding.MAILS, name=email, origin=here)
    if form.waits:
        raise get_adapter().validation_error("rate_limited")
