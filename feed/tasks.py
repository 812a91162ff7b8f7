"""Work handed off after the commit. Every task is idempotent and can be derived from rows."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

import redis
from celery import shared_task
from django.db import transaction

from feed import counters, digests, openness, outbox, poll_ends, pushing, standing, usage
from feed.cards import asking
from feed.cards import ledger as cards
from feed.finding import ledger as search
from feed.models import IdempotencyKey, Post
from feed.timelines import audits, delivery, impressions, ledger, pools
from feed.timelines.kinds import KINDS
from upscrolled import streams, switches
from upscrolled import tasks as ground
from upscrolled.core import valkey
from upscrolled.models import Notification
from upscrolled.operations.notify import notify_many
from upscrolled.outbound.reach import Reach
from upscrolled.push import ledger as phones

log = logging.getLogger(__name__)

_AWAKE, _AWAKE_MS = "fan_out:awake", 5_000
_BATCH = 100
NAP, LINGER, SHIFT = 0.1, 2.0, 20.0  # seconds: between two looks, after the last post, at the most
DELETED_KEPT = timedelta(days=30)


def deliver_soon() -> None:
    """Wake a worker for what `outbox.OWE` noted, once the transaction has ended."""
    transaction.on_commit(_poke, robust=True)


def _poke() -> None:
    """Start a delivery unless a worker is awake: while posts keep coming, none of them costs a task.

    Nothing is lost when the queue does not answer or the worker died: the sweep finds the row.
    """
    try:
        if valkey.data().set(_AWAKE, 1, nx=True, px=_AWAKE_MS):
            fan_out.delay()
    except (redis.RedisError, OSError) as error:
        log.warning("The worker is not told of a post; the sweep will find it: %s", error)


@shared_task
def fan_out(**_: object) -> None:
    """Deliver what is owed, and stay a while for what comes next; a shift has an end, others need the worker."""
    begun = last = time.monotonic()
    said = begun - 1
    try:
        while (now := time.monotonic()) < min(last + LINGER, begun + SHIFT):
            if now >= said + 1:
                valkey.data().set(_AWAKE, 1, px=_AWAKE_MS)
                said = now
            if deliver_owed() + ground.tell_owed():
                last = now
            time.sleep(NAP)
        valkey.data().delete(_AWAKE)  # from here on a new post needs a task of its own
        deliver_owed()
    except redis.RedisError as error:
        log.warning("Deliveries wait for Valkey: %s", error)


@shared_task
def send_pushes(**_: object) -> None:
    """Send the pushes that are due; the clock asks too, should a task be lost."""
    pushing.send_owed()
    phones.drop()


@shared_task
def send_digests(**_: object) -> None:
    """Send the mails about unread notifications that are due, to whoever asked for them."""
    digests.send_due()


@shared_task
def sweep_deliveries(**_: object) -> None:
    """Deliver what is owed although no worker was told of it, or died at it."""
    try:
        deliver_owed()
    except redis.RedisError as error:
        log.warning("Deliveries wait for Valkey: %s", error)


def deliver_owed() -> int:
    """Push everything that is owed to readers' home lists, ring the bells, let it be found; return how many posts.

    Raises redis.RedisError when the lists do not answer; what was not pushed is still owed then.
    """
    count = 0
    while outbox.anything():
        with transaction.atomic():
            owed = outbox.take(_BATCH)
            if owed.post_ids:
                _ring(delivery.push(owed.post_ids, readers=owed.readers))
                streams.send(map(_event, owed.post_ids))
                search.enter(owed.post_ids)
        count += len(owed.post_ids)
        if len(owed.post_ids) < _BATCH:
            break
    return count


def _event(post_id: int) -> streams.Event:
    return streams.Event(name="update", about={"id": post_id}, once=str(post_id))


def _ring(told: dict[int, list[int]]) -> None:
    """Tell the followers who asked to be told of each post of somebody."""
    if not told:
        return
    now = datetime.now(UTC)
    authors = Post.objects.filter(pk__in=told).values_list("id", "author_id")
    for post_id, author_id in authors:
        notify_many(told[post_id], Notification.Kind.POST, actor_id=author_id, subject_id=post_id, now=now)


@shared_task
def purge(**_: object) -> None:
    """Forget what is no longer needed: posts deleted a month ago, yesterday's idempotency keys, unused cards."""
    now = datetime.now(UTC)
    IdempotencyKey.objects.filter(created_at__lt=now - timedelta(days=1)).delete()
    old = Post.objects.filter(deleted_at__lt=now - DELETED_KEPT).order_by("deleted_at")
    while ids := list(old.values_list("id", flat=True)[:500]):
        Post.objects.filter(id__in=ids).delete()
    cards.forget_unused(now=now)


@shared_task
def fetch_cards(**_: object) -> None:
    """Ask for the pages of cards that are owed; the clock asks too, should a task be lost."""
    fetch_owed_cards()


def fetch_owed_cards(*, reach: Reach | None = None) -> int:
    """Ask for what is owed until nothing is left or the shift is over; return how many pages were asked for.

    While previews are switched off nobody is asked, and what is owed is dropped. `reach` as in `asking.ask_next`.
    """
    if switches.value("previews") == "off":
        cards.forget_owed(now=datetime.now(UTC))
        return 0
    count, ends = 0, time.monotonic() + SHIFT
    while time.monotonic() < ends and asking.ask_next(now=datetime.now(UTC), reach=reach):
        count += 1
    return count


@shared_task
def enter_words(**_: object) -> None:
    """Let posts be found that were noted for it, for a shift; the next run goes on."""
    ends = time.monotonic() + SHIFT
    while time.monotonic() < ends and search.enter_owed():
        pass


@shared_task
def announce_polls(**_: object) -> None:
    """Tell people of polls that have ended; what one run does not reach the next one does."""
    poll_ends.announce(now=datetime.now(UTC), at_most=_BATCH)


@shared_task
def count_usage(**_: object) -> None:
    """Count how much hashtags and links are used: the figures from which trends are made."""
    usage.recount(now=datetime.now(UTC))


@shared_task
def fold_counts(**_: object) -> None:
    """Fold in what was counted beside posts that many answer at once; no number that is shown changes by it."""
    counters.fold()


@shared_task
def settle_standing(**_: object) -> None:
    """Count tickets again for accounts that closed, or whose restriction began or ended."""
    standing.settle(now=datetime.now(UTC))


@shared_task
def settle_openness(*, all_of_them: bool = False, **_: object) -> None:
    """Move the media of posts out of everybody's reach, or back, where a restriction began or ended."""
    settle = openness.ever if all_of_them else openness.lately
    settle(now=datetime.now(UTC))


@shared_task
def freeze_discover(**_: object) -> None:
    """Freeze and publish the next discover pools; nothing while another worker does, or just did."""
    for kind in KINDS:
        pools.advance(kind, now=datetime.now(UTC))


@shared_task
def audit_discover(**_: object) -> None:
    """Freeze pools that are compared with the posts in their own snapshot; what is found is public."""
    for kind in KINDS:
        pools.advance(kind, now=datetime.now(UTC), audited=True)


@shared_task
def add_up_impressions(**_: object) -> None:
    """Add to the rows how often posts were shown; a run that finds no Valkey leaves it to the next."""
    try:
        impressions.add_up()
    except redis.RedisError as error:
        log.warning("Impressions wait for Valkey: %s", error)


@shared_task
def sweep_pools(**_: object) -> None:
    """Forget pools and audits that were kept for long enough."""
    now = datetime.now(UTC)
    for kind in KINDS:
        ledger.sweep(kind, now=now)
    audits.sweep(now=now)
