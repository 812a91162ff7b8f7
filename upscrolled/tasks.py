"""Work of the ground that is handed off after the commit."""

from __future__ import annotations

import logging
import math
import threading
import time
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused

import redis
from allauth.account.models import EmailAddress
from celery import Task, current_app, shared_task
from cryptography.fernet import InvalidToken
from django.contrib.sessions.models import Session
from django.db import transaction
from kombu.exceptions import OperationalError
from oauth2_provider.models import get_grant_model

from upscrolled import mail, outbox, popularity, retention, streams, weeks
from upscrolled.core import valkey
from upscrolled.media import ending, placing, store, work
from upscrolled.media import ledger as files
from upscrolled.media.jobs import Stage
from upscrolled.models import Account, OwedMail
from upscrolled.pictures import ledger
from upscrolled.push import ledger as push
from upscrolled.queries import site

log = logging.getLogger(__name__)

HEARTBEAT_KEY = "upscrolled:worker"
HEARTBEAT_SECONDS, HEARTBEAT_EXPIRES = 5, 30
OWED_AFTER, OWED_FOR, OWED_AT_ONCE = timedelta(minutes=10), timedelta(days=3), 1_000
_RETRIES = {"max_retries": 8}
REFUSALS, _FOR_GOOD = 3, 500  # a mail is given up so often refused with such a code (RFC 5321 §4.2.1)
MEDIA_SHIFT = 20.0  # seconds after which a task takes no further attachment: others need the worker
MEDIA_SECONDS = 3_600  # that one piece of work on a video may take; ffmpeg is ended long before
WORK_KEPT = 6 * 3_600.0  # seconds for which something may lie in the place for work: nothing takes as long
_photos_here = threading.BoundedSemaphore(2)  # that one web process has made for callers who wait
_TELLING, _TELLING_MS, TOLD_AT_ONCE = "tell:soon", 2_000, 500
TELL_SECONDS = 10
TELL_DELAY = 0.05  # seconds in which more may happen that is then told together
_task_on_its_way = {"until": -math.inf}  # monotonic: before that it does not look


@shared_task(expires=HEARTBEAT_SECONDS * 2)
def heartbeat(**_: object) -> None:
    """Say that a worker takes work and reaches Valkey; `/health/ready` looks for this."""
    valkey.data().set(HEARTBEAT_KEY, f"{time.time():.3f}", ex=HEARTBEAT_EXPIRES)


def tell_soon() -> None:
    """Have what is owed to listeners told once the transaction has ended; the sweep finds what is forgotten."""
    transaction.on_commit(_poke, robust=True)


def _poke() -> None:
    """Ask for a task, unless one that this process asked for has yet to look: a crowd is not to ask Valkey each time.

    Half of the delay, for the clocks of two machines differ.
    """
    now = time.monotonic()
    if now < _task_on_its_way["until"]:
        return
    try:
        if valkey.data().set(_TELLING, 1, nx=True, px=_TELLING_MS):
            tell.apply_async(countdown=TELL_DELAY)
            _task_on_its_way["until"] = now + TELL_DELAY / 2
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


def forget() -> None:
    """Know of no task that is on its way (tests)."""
    _task_on_its_way["until"] = -math.inf


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


def process_soon() -> None:
    """Wake a worker for the attachments that are due, once the transaction has ended."""
    transaction.on_commit(lambda: _tell(look_at_media), robust=True)


def remove_media_soon() -> None:
    """Wake a worker for what was deleted, once the transaction has ended."""
    transaction.on_commit(lambda: _tell(remove_media), robust=True)


def look_now(attachment_id: int) -> bool:
    """Look at one attachment in this process, if not too many are looked at; say whether it was."""
    if not _photos_here.acquire(blocking=False):
        return False
    try:
        return work.do_next(Stage.LOOK, clock=_now, only=attachment_id)
    finally:
        _photos_here.release()


def _tell(task: Task[..., None]) -> None:
    """Nothing is lost when the queue does not answer: the clock asks too."""
    try:
        task.delay()
    except (OperationalError, OSError) as error:
        log.warning("The worker is not told of media; the clock will ask: %s", error)


@shared_task
def look_at_media(**_: object) -> None:
    """See what files are that were sent, and make the photos; what takes minutes is left to `process_media`."""
    if _work(Stage.LOOK):
        _tell(process_media)


@shared_task(soft_time_limit=MEDIA_SECONDS, time_limit=MEDIA_SECONDS + 60)
def process_media(**_: object) -> None:
    """Make videos anew, one after the other. Rows tell which ones: a lost or repeated task harms nothing."""
    _work(Stage.MAKE)


def _work(stage: Stage) -> int:
    count, ends = 0, time.monotonic() + MEDIA_SHIFT
    while time.monotonic() < ends and work.do_next(stage, clock=_now):
        count += 1
    return count


@shared_task
def settle_media(**_: object) -> None:
    """Move files that lie where their post's audience does not want them, should the process have died before."""
    placing.settle_owed(now=_now())


@shared_task
def remove_media(**_: object) -> None:
    """Delete what no post took in time, what was deleted, and files that nothing uses; the clock asks too."""
    now = _now()
    ending.expire(now=now)
    ending.purge(now=now)
    files.end_former(now=now)
    files.remove_due(now=now)
    store.clear_work(before=time.time() - WORK_KEPT)


def _now() -> datetime:
    return datetime.now(UTC)


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
def send_owed_mail(*, mail_id: int, **_: object) -> None:
    """Send a mail that is owed and strike it off; nothing if that was done, or somebody is at it."""
    with transaction.atomic():
        owed = OwedMail.objects.select_for_update(skip_locked=True).filter(pk=mail_id).first()
        if owed is None:
            return
        try:
            _send(owed)
        except SMTPRecipientsRefused as refusal:
            if not _is_final(owed, refusal):
                raise
        else:
            owed.delete()


def _send(owed: OwedMail) -> None:
    if owed.facts.get("until", math.inf) < time.time():
        return
    sealed = owed.facts.get("sealed")
    try:
        facts = {**owed.facts, **(mail.unseal(sealed) if sealed else {})}
    except InvalidToken:
        log.error("A mail is given up: SECRET_KEY is not the one it was sealed under.")
        return
    if owed.template == mail.CONFIRMATION:
        send_confirmation(**facts)
    else:
        mail.send(mail.compose(owed.template, to=owed.to, language=owed.language, facts=facts))


def _is_final(owed: OwedMail, refusal: SMTPRecipientsRefused) -> bool:
    """Note that a mailbox is refused for good, and strike the mail off the third time: it may be the server's fault."""
    if any(code < _FOR_GOOD for code, _said in refusal.recipients.values()):
        return False
    refused = owed.facts.get("refused", 0) + 1
    if refused < REFUSALS:
        owed.facts["refused"] = refused
        owed.save(update_fields=["facts"])
    else:
        log.info("A mail is given up: the server refused its mailbox %d times.", refused)
        owed.delete()
    return True


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
