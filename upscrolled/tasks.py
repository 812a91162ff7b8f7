"""Work of the ground that is handed off after the commit."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from allauth.account.models import EmailAddress
from celery import shared_task
from django.contrib.sessions.models import Session
from oauth2_provider.models import get_grant_model

from upscrolled import mail
from upscrolled.core import valkey

HEARTBEAT_KEY = "upscrolled:worker"
HEARTBEAT_SECONDS, HEARTBEAT_EXPIRES = 5, 30
_RETRIES = {"max_retries": 8}


@shared_task(expires=HEARTBEAT_SECONDS * 2)
def heartbeat(**_: object) -> None:
    """Say that a worker takes work and reaches Valkey; `/health/ready` looks for this."""
    valkey.data().set(HEARTBEAT_KEY, f"{time.time():.3f}", ex=HEARTBEAT_EXPIRES)


@shared_task
def sweep(**_: object) -> None:
    """Delete what has expired and nobody can use again: sessions, and codes that were never exchanged."""
    now = datetime.now(UTC)
    Session.objects.filter(expire_date__lt=now).delete()
    get_grant_model().objects.filter(expires__lt=now).delete()


@shared_task(autoretry_for=(OSError,), retry_backoff=5, retry_kwargs=_RETRIES)
def send_confirmation(*, account_id: int, **_: object) -> None:
    """Send the link that confirms an account's address; nothing if it is confirmed by now."""
    address = EmailAddress.objects.select_related("user").filter(user_id=account_id, verified=False).first()
    if address is not None:
        mail.send(mail.confirmation(address))


@shared_task(autoretry_for=(OSError,), retry_backoff=5, retry_kwargs=_RETRIES)
def send_mail(*, to: str, subject: str, body: str, **_: object) -> None:
    """Send a mail that was composed while the reader waited (a password reset)."""
    mail.send(mail.Mail(to, subject, body))
