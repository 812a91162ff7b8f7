"""What people type of an address: looked up by our indexes, and answered alike whether it is known or not."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import RequestLoginCodeForm, ResetPasswordForm
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.headless.internal.restkit import inputs
from django.http import HttpRequest

from upscrolled.models import Account


def owner_of(email: str) -> Account | None:
    """Return who can be written to at an address: whoever confirmed it and did not close the account.

    The library would compare the address with a column that has no such index, and would find those who have
    only claimed it (adr/0010).
    """
    owner = Account.objects.reached_at(email)
    return owner if owner is not None and owner.is_active else None


class ResetPassword(ResetPasswordForm):  # type: ignore[misc]
    """Asks for a new password, on the page and in apps."""

    def clean_email(self) -> str:
        """Find the owner; nobody is told here whether there is one."""
        email = get_adapter().clean_email(self.cleaned_data["email"].lower())
        owner = owner_of(email)
        self.users = [owner] if owner else []
        return str(self.cleaned_data["email"])


class RequestResetInput(ResetPassword, inputs.Input):  # type: ignore[misc]
    """`email`."""


class RequestCode(RequestLoginCodeForm):  # type: ignore[misc]
    """Asks for a code to sign in with, on the page and in apps."""

    def clean_email(self) -> str:
        """Find the owner, after counting the call against the address whoever it belongs to."""
        email = str(self.cleaned_data["email"])
        if not ratelimit.consume(
            context.request, app="allauth.account", action="request_login_code", key=email.lower()
        ):
            raise get_adapter().validation_error("too_many_login_attempts")
        self._user = owner_of(email)
        return email


class RequestCodeInput(RequestCode, inputs.Input):  # type: ignore[misc]
    """`email`."""


class NewEmailInput(inputs.Input):  # type: ignore[misc]
    """`email`, the address to change to. Whether it is another's is told by mail to its owner, not here."""

    email = inputs.EmailField(max_length=254)

    def __init__(self, *args: Any, user: Account | None = None, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_email(self) -> str:
        """Refuse the address that one has already."""
        email = get_adapter().clean_email(self.cleaned_data["email"].lower())
        if self.user is not None and self.user.email.lower() == email:
            raise get_adapter().validation_error("duplicate_email")
        return str(email)

    def save(self, request: HttpRequest) -> EmailAddress:
        """Note the claim, and send its owner what confirms it; the old address stays until then."""
        return EmailAddress.objects.add_new_email(request, self.user, self.cleaned_data["email"])
