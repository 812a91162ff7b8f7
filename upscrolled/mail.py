"""Mails: what they say, in the reader's language, as plain text."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import msgspec
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac

from upscrolled.models import Account

CONFIRMATION = "account/email/email_confirmation"
COMPOSED = "account/email/composed"  # what was written while its occasion was at hand: `subject` and `body`


class Mail(msgspec.Struct, frozen=True):
    """One plain-text mail to one address."""

    to: str
    subject: str
    body: str
    headers: dict[str, str] = {}


def compose(template: str, *, to: str, language: str, facts: dict[str, Any]) -> Mail:
    """Render `<template>_subject.txt` and `<template>_message.txt` in that language."""
    context = {**facts, "site_name": settings.SITE_NAME, "site_url": settings.PUBLIC_URL}
    with translation.override(language):
        subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
        body = render_to_string(f"{template}_message.txt", context).strip() + "\n"
    return Mail(to, subject, body)


def seal(facts: dict[str, Any]) -> str:
    """Lock what opens something (codes, links): a copy of the database, or of the queue, is not enough to read it."""
    return _keys().encrypt(msgspec.json.encode(facts)).decode()


def unseal(sealed: str) -> dict[str, Any]:
    """Return what was locked. Raises cryptography's InvalidToken if SECRET_KEY is not the one it was locked under."""
    facts: dict[str, Any] = msgspec.json.decode(_keys().decrypt(sealed))
    return facts


def confirmation(address: EmailAddress, code: str = "") -> Mail:
    """Ask the owner of an address to confirm it; the link holds a signature and works for three days.

    A code is for the app that asked, and works for a quarter of an hour.
    """
    key = EmailConfirmationHMAC(address).key
    link = settings.PUBLIC_URL + reverse("account_confirm_email", args=[key])
    account = address.user
    changes = account.is_confirmed and account.email.lower() != address.email
    facts = {"username": account.username, "link": link, "code": code, "changes": changes}
    return compose(CONFIRMATION, to=address.email, language=account.locale, facts=facts)


def address_in_use(owner: Account) -> Mail:
    """Tell the owner of an address that somebody tried to sign up with it; there is nothing to confirm."""
    facts = {"username": owner.username}
    return compose("account/email/address_in_use", to=owner.email, language=owner.locale, facts=facts)


def send(message: Mail) -> None:
    """Hand a mail to the configured server. Raises what the server or the network raises."""
    EmailMessage(
        message.subject, message.body, settings.DEFAULT_FROM_EMAIL, [message.to], headers=message.headers
    ).send()


def _keys() -> MultiFernet:
    return MultiFernet(
        [Fernet(_key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _key(secret: str | bytes) -> bytes:
    return urlsafe_b64encode(
        salted_hmac("upscrolled.mail", "key", secret=secret, algorithm="sha256").digest()
    )
