"""Mails that must arrive: a row with the occasion, struck off once it is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from upscrolled import tasks
from upscrolled.models import OwedMail


def owe_mail(*, to: str, language: str, template: str, facts: dict[str, Any], now: datetime) -> OwedMail:
    """Note a mail within the caller's transaction, and have a worker send it after the commit.

    A broker that is away undoes nothing: the clock finds the row (`tasks.sweep_owed_mails`). A worker that dies
    between sending and striking off sends it twice, which is the better of the two mistakes.
    """
    owed = OwedMail.objects.create(to=to, language=language, template=template, facts=facts, created_at=now)
    transaction.on_commit(lambda: tasks.send_owed_mail.delay(mail_id=owed.pk), robust=True)
    return owed
