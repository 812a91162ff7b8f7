"""Mails: what they say, in the reader's language, as plain text."""

from __future__ import annotations

from typing import Any

import msgspec
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from upscrolled.models import Account


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


def confirmation(address: EmailAddress, code: str = "") -> Mail:
    """Ask the owner of an address to confirm it; the link holds a signature and works for three days.

    A code is for the app that asked, and works for a quarter of an hour.
    """
    key = EmailConfirmationHMAC(address).key
    link = settings.PUBLIC_URL + reverse("account_confirm_email", args=[key])
    account = address.user
    changes = account.is_confirmed and account.email.lower() != address.email
    facts = {"username": account.username, "link": link, "code": code, "changes": changes}
    return compose("account/email/email_confirmation", to=address.email, language=account.locale, facts=facts)


def address_in_use(owner: Account) -> Mail:
    """Tell the owner of an address that somebody tried to sign up with it; there is nothing to confirm."""
    facts = {"username": owner.username}
    return compose("account/email/address_in_use", to=owner.email, language=owner.locale, facts=facts)


def send(message: Mail) -> None:
    """Hand a mail to the configured server. Raises what the server or the network raises."""
    EmailMessage(
        message.subject, message.body, settings.DEFAULT_FROM_EMAIL, [message.to], headers=message.headers
    ).send()
