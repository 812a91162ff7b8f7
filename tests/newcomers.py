"""Somebody new: the form an application sends, the mail that answers, and where the request comes from."""

from __future__ import annotations

import re
from typing import Any

from django.core import mail
from django.test import Client

from tests.browser import Browser
from tests.people import NOON, ApiClient
from upscrolled import switches, tasks
from upscrolled.mail import CONFIRMATION
from upscrolled.models import Account, OwedMail
from upscrolled.operations import access, accounts
from upscrolled.operations.switches import turn

FORM = {
    "username": "Erin",
    "email": "erin@example.org",
    "password": "a good long one",
    "agreement": True,
    "locale": "fr-CA",
}


def application(*, address: str = "127.0.0.1", agent: str = "Sunbird/1.0", **headers: str) -> ApiClient:
    """An app that is about to make an account for somebody, at that address."""
    client = ApiClient(
        access.issue_token(account=None, application=None, scopes="read write", now=NOON).token
    )
    client._client = Client(REMOTE_ADDR=address, HTTP_USER_AGENT=agent, headers=headers or None)
    return client


def sign_up(app: ApiClient, **form: Any) -> Any:
    """Send the form."""
    return app.post("/api/v1/accounts", {**FORM, **form})


def codes(response: Any) -> dict[str, list[str]]:
    """The refusal's codes by field."""
    details = response.json()["details"]
    return {field: [fault["error"] for fault in faults] for field, faults in details.items()}


def open_registrations(mode: str) -> None:
    """The operator turns the switch, and two seconds pass."""
    turn(name="registrations", value=mode, because="a test says so", by=None, now=NOON)
    switches.read()


def mail_to(name: str) -> Any:
    """Have a worker send the confirmation that is owed to somebody, or that they ask for again; return the mail."""
    person = Account.objects.get(username__iexact=name)
    owed = OwedMail.objects.filter(template=CONFIRMATION, facts__account_id=person.id)
    if not owed.exists():
        accounts.request_confirmation(account=person, now=NOON)
    for one in owed.order_by("pk"):
        tasks.send_owed_mail(mail_id=one.pk)
    return mail.outbox[-1]


def link_in(message: Any) -> str:
    """The path of the link of a mail."""
    found = re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", str(message.body))
    assert found, message.body
    return found.group(1)


def confirm(name: str) -> Browser:
    """Somebody opens the mailed link and says yes."""
    return Browser().open(link_in(mail_to(name))).send()


def has_link(message: Any) -> bool:
    """Whether a mail holds a link that confirms something."""
    return "/accounts/confirm-email/" in str(message.body)
