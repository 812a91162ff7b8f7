"""Mails that must arrive: a row with the occasion, struck off once it is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from upscrolled import mail, tasks
from upscrolled.models import OwedMail


def owe_mail(
    *,
    to: str,
    language: str,
    template: str,
    facts: dict[str, Any],
    now: datetime,
    secret: dict[str, Any] | None = None,
    until: datetime | None = None,
) -> OwedMail:
    """Note a mail within the caller's transaction, and have a worker send it after the commit.

    `secret` are facts that open something, which are kept sealed; after `until` it is worth nothing and not sent.
    A broker that is away undoes nothing: the clock finds the row (`tasks.sweep_owed_mails`). A worker that dies
    between sending and striking off sends it twice, which is the better of the two mistakes.
    """
    if secret is not None:
        facts = {**facts, "sealed": mail.seal(secret)}
    if until is not None:
        facts = {**facts, "until": until.timestamp()}
    owed = OwedMail.objects.create(to=to, language=language, template=template, facts=facts, created_at=now)
    transaction.on_commit(lambda: tasks.send_owed_mail.delay(mail_id=owed.pk), robust=True)
    return owed
