"""Sending pushes: each is asked of the policy at that moment, sealed for its phone, and handed to a push service."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from django.conf import settings

from feed.queries import pushes
from feed.queries.pushes import Message
from upscrolled.keys import KeyLost
from upscrolled.outbound.fetch import LATER, Failed
from upscrolled.outbound.post import Sender
from upscrolled.outbound.reach import Reach
from upscrolled.push import ledger, request
from upscrolled.push.ledger import Owed

log = logging.getLogger(__name__)

SECONDS: Final = 10.0  # that a push service may take
SHIFT: Final = 20.0
AT_ONCE: Final = 50  # their lease is longer than all of them take, but for services that do not answer
SERVICES: Final = Reach(ports=frozenset({443}))
Clock = Callable[[], datetime]


def send_owed(*, reach: Reach | None = None, clock: Clock = lambda: datetime.now(UTC)) -> int:
    """Send pushes until none is due or the shift is over; return how many were tried.

    `reach` is how far push services may be looked for, by itself the public internet.
    """
    count, ends = 0, time.monotonic() + SHIFT
    sender = Sender(agent=f"UpScrolled/{settings.VERSION}", seconds=SECONDS, reach=reach or SERVICES)
    while time.monotonic() < ends and (owed := ledger.take(AT_ONCE, now=clock())):
        messages = pushes.messages(owed, now=clock())
        for one in owed:
            message = (
                pushes.read_until(one.notification_id, one.conversation_id)
                if one.withdraws
                else messages.get(one.id)
            )
            if message is None:  # hidden, dismissed or taken back meanwhile
                ledger.strike_off([one.id])
            else:
                _send(one, message, sender, now=clock())
        count += len(owed)
    return count


def _send(one: Owed, message: Message, sender: Sender, *, now: datetime) -> None:
    """Send one. A service that says that a subscription is gone is believed, one that is busy is asked again."""
    try:
        sealed = request.of(one, message.payload, urgency=message.urgency, now=now)
        answered = sender.post(one.endpoint, sealed.body, sealed.headers)
    except KeyLost as lost:
        log.warning("A subscription is dropped: %s", lost)
        ledger.drop([one.subscription_id])
        return
    except Failed as failed:
        log.info("A push was not taken: %s", failed.reason)
        if failed.again:
            ledger.again(one, now=now)
        else:  # no public address: it never will be taken
            ledger.drop([one.subscription_id])
        return
    if answered.status in (404, 410):
        ledger.drop([one.subscription_id])
    elif answered.status in LATER or answered.status >= 500:
        ledger.again(one, now=now, seconds=answered.retry_after)
    else:
        if answered.status >= 300:
            log.warning("A push service answers %d; the push is given up.", answered.status)
        ledger.strike_off([one.id])
