"""Moderators at their desks: signed in with a second factor, and something to look at."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.test import Client

from moderation.models import Case
from moderation.operations.report import Complaint, file_report
from tests.people import publish
from upscrolled.models import Account


def desk_of(account: Account, *, proven: float | None = 0.0) -> Client:
    """A browser in which somebody has signed in; `proven` seconds ago with a second factor, if at all."""
    client = Client()
    client.force_login(account)
    if proven is not None:
        request = HttpRequest()
        request.session = client.session
        record_authentication(request, account, method="mfa", type="totp")
        request.session[AUTHENTICATION_METHODS_SESSION_KEY][0]["at"] = time.time() - proven
        request.session.save()
    return client


def with_second_factor(account: Account) -> Account:
    """Somebody who has an authenticator app; the same one."""
    Authenticator.objects.create(
        user=account, type=Authenticator.Type.TOTP, data={"secret": "sealed elsewhere"}
    )
    return account


def reported(
    author: Account, reporter: Account, text: str, reason: str = "hate", *, now: datetime | None = None
) -> Case:
    """Somebody reports a post; return its case, which is another's if it is a near copy."""
    post = publish(author, text)
    complaint = Complaint(target_id=author.id, post_ids=[post], reason=reason, comment="look at this")
    filed = file_report(reporter=reporter, complaint=complaint, now=now or datetime.now(UTC))
    return Case.objects.get(pk=filed.cases[0])
