"""Work of the ground that is handed off after the commit."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

import redis
from allauth.account.models import EmailAddress
from celery import current_app, shared_task
from django.contrib.sessions.models import Session
from django.db import transaction
from kombu.exceptions import OperationalError
from oauth2_provider.models import get_grant_model

from upscrolled import mail, outbox, popularity, retention, streams, weeks
from upscrolled.core import valkey
from upscrolled.models import Account, OwedMail
from upscrolled.pictures import ledger
from upscrolled.push import ledger as push
from upscrolled.queries import site

log = logging.getLogger(__name__)

HEARTBEAT_KEY = "upscrolled:worker"
HEARTBEAT_SECONDS, HEARTBEAT_EXPIRES = 5, 30
OWED_AFTER, OWED_FOR, OWED_AT_ONCE = timedelta(minutes=10), timedelta(days=3), 1_000
_RETRIES = {"max_retries": 8}
_TELLING, _TELLING_MS, TOLD_AT_ONCE = "tell:soon", 2_000, 500
TELL_SECONDS = 10
TELL_DELAY = 0.05  # seconds in which more may happen that is then told together


@shared_task(expires=HEARTBEAT_SECONDS * 2)
def heartbeat(**_: object) -> None:
    """Say that a worker takes work and reaches Valkey; `/health/ready` looks for this."""
    valkey.data().set(HEARTBEAT_KEY, f"{time.time():.3f}", ex=HEARTBEAT_EXPIRES)


def tell_soon() -> None:
    """Have what is owed to listeners told once the transaction has ended; the sweep finds what is forgotten."""
    transaction.on_commit(_poke, robust=True)


def _poke() -> None:
    try:
        if valkey.data().set(_TELLING, 1, nx=True, px=_TELLING_MS):
            tell.apply_async(countdown=TELL_DELAY)
    except (redis.RedisError, OSError) as error:
        log.warning("The worker is not told of an event; the sweep will find it: %s", error)


def push_soon() -> None:
    """Have pushes sent once the transaction has ended; a room above knows what they say."""
    transaction.on_commit(_poke_pushes, robust=True)


def _poke_pushes() -> None:
    try:
        current_app.send_task("feed.tasks.send_pushes")
    except (redis.RedisError, OSError, OperationalError) as error:
        log.warning("Pushes wait for the clock: %s", error)


@shared_task
def tell(**_: object) -> None:
    """Tell listeners what is owed to them; the clock asks too, should a task be lost."""
    try:
        valkey.data().delete(_TELLING)  # from here on what happens needs a task of its own
        tell_owed()
    except redis.RedisError as error:
        log.warning("Events wait for Valkey: %s", error)


def tell_owed() -> int:
    """Put all events that are owed into the stream; return how many. Raises redis.RedisError.

    Pushes are owed in the same transaction. A worker that dies in the middle sends some events twice: they say so
    (`once`), and the second is told to nobody.
    """
    count = 0
    while outbox.anything():
        with transaction.atomic():
            owed = outbox.take(TOLD_AT_ONCE)
            streams.send(map(_event, owed))
            told = [one.subject_id for one in owed if one.name == "notification"]
            if push.owe(told, now=datetime.now(UTC)):
                push_soon()
        count += len(owed)
        if len(owed) < TOLD_AT_ONCE:
            break
    return count


def _event(owed: outbox.Owed) -> streams.Event:
    to = () if owed.recipient_id is None else (owed.recipient_id,)
    return streams.Event(name=owed.name, to=to, about={"id": owed.subject_id}, once=str(owed.id))


@shared_task
def count_figures(**_: object) -> None:
    """Count the figures of the instance entity, so that no request has to."""
    site.count_figures()


@shared_task
def sweep(**_: object) -> None:
    """Delete what has expired and nobody can use again: sessions, and codes that were never exchanged."""
    now = datetime.now(UTC)
    Session.objects.filter(expire_date__lt=now).delete()
    retention.forget_ended_sessions()
    get_grant_model().objects.filter(expires__lt=now).delete()
    retention.forget_unconfirmed(now=now)


@shared_task(autoretry_for=(OSError,), retry_backoff=5, retry_kwargs=_RETRIES)
def remove_pictures(**_: object) -> None:
    """Remove the files of pictures that no profile shows any more; the clock asks too, should a task be lost."""
    ledger.remove_due(now=datetime.now(UTC))


@shared_task
def refresh_popular(**_: object) -> None:
    """Work out who is followed most lately, for people who follow nobody yet."""
    popularity.refresh()


@shared_task
def count_weeks(**_: object) -> None:
    """Count the site's weeks for `instance/activity`."""
    weeks.count(now=datetime.now(UTC))


@shared_task
def empty_addresses(**_: object) -> None:
    """Empty the addresses of sign-ins that have been kept long enough (IP_RETENTION_DAYS)."""
    retention.empty_addresses(now=datetime.now(UTC))


@shared_task(autoretry_for=(OSError,), retry_backoff=5, retry_kwargs=_RETRIES)
def send_confirmation(*, account_id: int, address_id: int = 0, code: str = "", **_: object) -> None:
    """Send the link, and the code, that confirm an address; nothing if it is confirmed or taken back by now.

    If the address is another account's, its owner is told instead, and there is no link (adr/0010).
    """
    named = EmailAddress.objects.select_related("user").filter(user_id=account_id, verified=False)
    address = named.filter(pk=address_id).first() if address_id else named.first()
    if address is None:
        return
    owner = Account.objects.reached_at(address.email) or _owner_waiting(address.email)
    mail.send(mail.confirmation(address, code) if owner is None else mail.address_in_use(owner))


@shared_task(autoretry_for=(OSError,), retry_backoff=5, retry_kwargs=_RETRIES)
def send_mail(*, to: str, subject: str, body: str, **_: object) -> None:
    """Send a mail that was composed while the reader waited (a password reset)."""
    mail.send(mail.Mail(to, subject, body))


@shared_task(autoretry_for=(OSError,), retry_backoff=5, retry_kwargs=_RETRIES)
def send_owed_mail(*, mail_id: int, **_: object) -> None:
    """Send a mail that is owed and strike it off; nothing if that was done."""
    owed = OwedMail.objects.filter(pk=mail_id).first()
    if owed is not None:
        mail.send(mail.compose(owed.template, to=owed.to, language=owed.language, facts=owed.facts))
        owed.delete()


@shared_task
def sweep_owed_mails(**_: object) -> None:
    """Hand off again what is owed for longer than a queue should take: the broker may have lost it."""
    now = datetime.now(UTC)
    before = now - OWED_AFTER
    given_up, _rows = OwedMail.objects.filter(created_at__lt=now - OWED_FOR).delete()
    if given_up:
        log.warning("%d mails could not be sent for %d days and are given up.", given_up, OWED_FOR.days)
    owed = OwedMail.objects.filter(created_at__lt=before).order_by("created_at")
    for mail_id in owed.values_list("pk", flat=True)[:OWED_AT_ONCE]:
        send_owed_mail.delay(mail_id=mail_id)


def _owner_waiting(email: str) -> Account | None:
    """Return who confirmed that address and still waits for approval."""
    verified = EmailAddress.objects.select_related("user").filter(email=email, verified=True).first()
    return verified.user if verified is not None else None
