"""How people sign in: allauth's pages and flows, with our accounts, our mails and our idea of an address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import password_changed, password_reset, password_set
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import is_headless_request
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from upscrolled import limits, mail, origin
from upscrolled.core.errors import NotAllowed
from upscrolled.headless import codes, door
from upscrolled.models import Account
from upscrolled.operations import accounts, guarding, registration, signins
from upscrolled.operations.owed_mail import owe_mail


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
        "email_password_mismatch": _(
            "Address and password do not match. If the address is not confirmed yet, sign in with your name."
        ),
        "too_many_login_attempts": _(
            "Too many failed attempts. Try again later, or from a device you have used here before; "
            "a code by mail or a passkey works too."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say whether anybody may join; accounts are made by `registration.sign_up` alone."""
        return is_headless_request(request) and registration.asked().mode != "closed"

    def should_send_confirmation_mail(self, request: HttpRequest, email_address: Any, signup: bool) -> bool:
        """Send none when somebody has just signed up: signing up did."""
        return not signup

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """Keep the address of an account; what can be taken back is the wish to change it."""
        return not email_address.primary

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that the middleware has settled; behind a Unix socket there may be none."""
        return origin.of(request).address or "0.0.0.0"

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count failures of a name for each neighbourhood, so that a stranger locks nobody out elsewhere."""
        name = str(credentials.get("email") or credentials.get("username") or "").lower()
        return f"{limits.digest(name)}:{limits.wide_block(self.get_client_ip(request))}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse after too many failures (`guarding`), and tell the owner once an hour that somebody tries."""
        name = str(credentials.get("email") or credentials.get("username") or "")
        here, trusted = _origin(request), request.user.is_authenticated
        try:
            super().pre_authenticate(request, **credentials)
            if guarding.count(guarding.GUESSES, name=name, origin=here, trusted=trusted):
                raise self.validation_error("too_many_login_attempts")
        except ValidationError:
            signins.warn_of_guessing(name=name, origin=here, now=datetime.now(UTC))
            raise
        self._guessed = name

    def _rollback_login_failed_rl_usage(self) -> None:
        """Take back the count of an attempt that succeeded."""
        super()._rollback_login_failed_rl_usage()
        guarding.forgive_guess(name=self._guessed)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **facts: Any) -> HttpResponse:
        """Keep from where somebody signed in, and tell them if it was never seen before."""
        assert isinstance(user, Account)
        signins.sign_in(account=user, origin=_origin(request), now=datetime.now(UTC))
        response: HttpResponse = super().post_login(request, user, **facts)
        return response

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Owe the mail about a change of password, address or second factor: it must arrive."""
        assert isinstance(user, Account)
        signins.warn(
            account=user,
            occasion=template_prefix.rpartition("/")[2],
            to=email or user.email,
            origin=_origin(self.request),
            now=datetime.now(UTC),
        )

    def clean_password(self, password: str, user: AbstractBaseUser | None = None) -> str:
        """Refuse what is too long to be a password, then ask Django's validators."""
        if len(password) > accounts.PASSWORD_MAX:
            raise ValidationError(_("This password is too long."))
        return str(super().clean_password(password, user))

    def send_password_reset_mail(self, user: AbstractBaseUser, email: str, context: dict[str, Any]) -> None:
        """Send the link; whoever asked in an app gets a code too."""
        if is_headless_request(self.request):
            key = f"{context['uid']}-{context['key']}"
            context = {**context, "code": codes.seal(self.request, codes.PASSWORD, key)}
        super().send_password_reset_mail(user, email, context)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a reset mail; its host is ours, whatever the request's Host header said."""
        return f"{settings.PUBLIC_URL}{urlsplit(super().get_reset_password_from_key_url(key)).path}"

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm the address, and with it the account."""
        account = email_address.user
        try:
            with transaction.atomic():
                confirmed = bool(super().confirm_email(request, email_address))
                if confirmed and account.email.lower() == email_address.email.lower():
                    accounts.confirm_email(account=account, now=datetime.now(UTC))
        except (IntegrityError, NotAllowed):  # another account with this address was confirmed a moment ago
            return False
        return confirmed

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """Send the link, in an app a code too, to somebody who signs in before confirming or changes the address.

        After too many mails a page sends none, as its links go on working; an app is answered 429.
        """
        address = emailconfirmation.email_address
        wait = guarding.count(guarding.MAILS, name=address.email, origin=_origin(request))
        if not is_headless_request(request):
            if not wait:
                accounts.send_confirmation(address=address, now=datetime.now(UTC))
            return
        if wait:
            raise ImmediateHttpResponse(door.refuse_for(wait))
        code = codes.seal(request, codes.ADDRESS, emailconfirmation.key)
        accounts.send_confirmation(address=address, code=code, now=datetime.now(UTC))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Compose in the reader's language now, and owe it: codes and links in it are sealed until it is sent."""
        now = datetime.now(UTC)
        owner = Account.objects.reached_at(email)  # asked whoever it is, so that it always costs the same
        language = owner.locale if owner is not None else translation.get_language() or "en"
        message = mail.compose(template_prefix, to=email, language=language, facts=context)
        owe_mail(
            to=email,
            language=language,
            template=mail.COMPOSED,
            facts={},
            secret={"subject": message.subject, "body": message.body},
            until=now + timedelta(seconds=codes.SECONDS) if "login_code" in template_prefix else None,
            now=now,
        )


@receiver([password_changed, password_set, password_reset])
def _end_what_was_open(*, request: HttpRequest, user: Account, **_facts: Any) -> None:
    """End every other session and every token once there is a new password: somebody else may know the old one."""
    signins.end_quietly(account=user, here=request.session.session_key or "")


def _origin(request: HttpRequest) -> origin.Origin:
    """Return where a request comes from; an app has no cookie by which its device could be known."""
    return origin.of(request, application_id=0 if is_headless_request(request) else None)
