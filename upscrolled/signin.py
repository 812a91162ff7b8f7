"""How people sign in: allauth's pages and flows, with our accounts, our mails and our idea of an address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from upscrolled import mail, tasks
from upscrolled.models import Account
from upscrolled.operations import accounts


class SignIn(ModelBackend):
    """A name or an e-mail address, in whatever case, and the password.

    Suspended accounts do sign in: people must be able to read why, and to appeal. Closed ones do not.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        **_: Any,
    ) -> Account | None:
        """Return the account, or None; a wrong name costs the same time as a wrong password."""
        name = email or username
        if not name or not password or "\x00" in name:
            return None
        account = Account.objects.reached_at(name) if "@" in name else Account.objects.named(name)
        if account is None:
            Account().set_password(password)
            return None
        if account.check_password(password) and self.user_can_authenticate(account):
            return account
        return None


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """What allauth asks us."""

    error_messages = {  # noqa: RUF012 - the library's own form
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("Name and password do not match."),
        "email_password_mismatch": _("Address and password do not match."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no: accounts are made by our own page (`pages.SignUp`) and by the API."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that the middleware has settled."""
        return str(getattr(request, "client_ip", "") or "unknown")

    def clean_password(self, password: str, user: AbstractBaseUser | None = None) -> str:
        """Refuse what is too long to be a password, then ask Django's validators."""
        if len(password) > accounts.PASSWORD_MAX:
            raise ValidationError(_("This password is too long."))
        return str(super().clean_password(password, user))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a reset mail; its host is ours, whatever the request's Host header said."""
        return f"{settings.PUBLIC_URL}{urlsplit(super().get_reset_password_from_key_url(key)).path}"

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm the address, and with it the account."""
        confirmed = bool(super().confirm_email(request, email_address))
        account = email_address.user
        if confirmed and account.email.lower() == email_address.email.lower():
            accounts.confirm_email(account=account, now=datetime.now(UTC))
        return confirmed

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """Send the link to somebody who signs in before confirming."""
        accounts.request_confirmation(account=emailconfirmation.email_address.user)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Compose in the reader's language now, send from a worker after the commit."""
        user = context.get("user")
        language = user.locale if isinstance(user, Account) else translation.get_language() or "en"
        message = mail.compose(template_prefix, to=email, language=language, facts=context)
        facts = {"to": message.to, "subject": message.subject, "body": message.body}
        transaction.on_commit(lambda: tasks.send_mail.delay(**facts), robust=True)
