"""Sign-ins: the record of from where and with what (`retention` empties it), warnings by mail, and ending them all."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from upscrolled import limits
from upscrolled.models import Account, SignInRecord
from upscrolled.operations import access
from upscrolled.operations.owed_mail import owe_mail
from upscrolled.origin import USER_AGENT_MAX, Origin

LINK_SECONDS: Final = 7 * 86_400
_SALT: Final = "upscrolled.signins"
_LOOK_BACK, _WARN_AGAIN_SECONDS = 200, 3_600


def record(*, account: Account, kind: str, origin: Origin, now: datetime) -> SignInRecord:
    """Keep that somebody signed up or in (`kind`), from where and with what."""
    return SignInRecord.objects.create(
        account=account,
        kind=kind,
        address=origin.address or None,
        device=origin.device,
        user_agent=origin.user_agent[:USER_AGENT_MAX],
        created_at=now,
    )


@transaction.atomic
def sign_in(*, account: Account, origin: Origin, now: datetime) -> None:
    """Record a sign-in, and warn by mail if it comes from a device that was never seen before.

    The first sign-in of an account warns nobody. A browser is known by its cookie, an app by what it calls itself
    and its neighbourhood (`origin.of`).
    """
    seen = list(
        SignInRecord.objects.filter(account=account)
        .order_by("-id")
        .values_list("kind", "device")[:_LOOK_BACK]
    )
    record(account=account, kind="sign_in", origin=origin, now=now)
    is_first = all(kind != "sign_in" for kind, _ in seen)
    if not is_first and origin.device not in {device for _, device in seen}:
        warn(account=account, occasion="new_sign_in", to=account.email, origin=origin, now=now)


def warn(*, account: Account, occasion: str, to: str, origin: Origin, now: datetime) -> None:
    """Owe a mail about something that matters to an account's safety, with a link that ends all its sessions.

    `occasion` is one that the template `account/email/security` knows.
    """
    owe_mail(
        to=to,
        language=account.locale,
        template="account/email/security",
        facts={
            "occasion": occasion,
            "username": account.username,
            "at": f"{now:%Y-%m-%d %H:%M}",
            "address": origin.address,
            "user_agent": origin.user_agent,
            "link": revocation_link(account),
        },
        now=now,
    )


def warn_of_guessing(*, name: str, origin: Origin, now: datetime) -> None:
    """Tell an account's owner, once an hour at most, that signing in is refused somewhere for too many failures."""
    account = Account.objects.reached_at(name) if "@" in name else Account.objects.named(name)
    if account is None or not account.is_active or not account.is_confirmed:
        return
    if limits.mark(f"guessing:{account.pk}", _WARN_AGAIN_SECONDS):
        warn(account=account, occasion="guessing", to=account.email, origin=origin, now=now)


def revocation_link(account: Account) -> str:
    """Return the address at which whoever holds the mail can end all sessions of an account, for a week.

    It ends with the password that the account had.
    """
    key = signing.dumps([account.pk, account.get_session_auth_hash()[:16]], salt=_SALT)
    return settings.PUBLIC_URL + reverse("end_sessions", args=[key])


def account_of_link(key: str) -> Account | None:
    """Return the account that a revocation link is for, or None if it is too old or no link of ours."""
    try:
        account_id, mark = signing.loads(key, salt=_SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        return None
    account = Account.objects.filter(pk=account_id, is_active=True).first()
    if account is None or not constant_time_compare(mark, account.get_session_auth_hash()[:16]):
        return None
    return account


@transaction.atomic
def end_all(*, account: Account, origin: Origin, now: datetime) -> None:
    """End every session and token of an account, and tell its owner by mail."""
    end_quietly(account=account)
    warn(account=account, occasion="sessions_ended", to=account.email, origin=origin, now=now)


@transaction.atomic
def end_quietly(*, account: Account, here: str = "") -> None:
    """End every session and token of an account but the session `here`; the caller tells the owner."""
    access.revoke_all(account=account)
    _end_web_sessions(account, but=here)


@transaction.atomic
def end_others(*, account: Account, token_id: int, origin: Origin, now: datetime) -> None:
    """End every session and token of an account but this token, and tell its owner by mail."""
    access.revoke_others(account=account, token_id=token_id)
    _end_web_sessions(account)
    warn(account=account, occasion="others_ended", to=account.email, origin=origin, now=now)


def _end_web_sessions(account: Account, but: str = "") -> None:
    ended = UserSession.objects.filter(user=account).exclude(session_key=but)
    Session.objects.filter(session_key__in=list(ended.values_list("session_key", flat=True))).delete()
    ended.delete()
