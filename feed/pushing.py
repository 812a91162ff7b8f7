"""Sending pushes: each is asked of the policy at that moment, then handed to the service that reaches its phone."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Final

from django.conf import settings

from feed.queries import pushes
from feed.queries.pushes import Message
from upscrolled.keys import KeyLost
from upscrolled.outbound.fetch import LATER, Failed
from upscrolled.outbound.post import Sender
from upscrolled.outbound.reach import Reach
from upscrolled.outbound.vendor import Vendor
from upscrolled.push import apple, google, ledger, request
from upscrolled.push.ledger import Owed
from upscrolled.push.notes import AGAIN, GIVEN_UP, GONE, TAKEN, Outcome

log = logging.getLogger(__name__)

SECONDS: Final = 10.0  # that a push service may take
SHIFT: Final = 20.0
AT_ONCE: Final = 50  # their lease is longer than all of them take, but for services that do not answer
SERVICES: Final = Reach(ports=frozenset({443}))
_VENDORS: Final = {"apns": ("APNS_URL", apple.send), "fcm": ("FCM_URL", google.send)}
Clock = Callable[[], datetime]


def send_owed(*, reach: Reach | None = None, clock: Clock = lambda: datetime.now(UTC)) -> int:
    """Send pushes until none is due or the shift is over; return how many were tried.

    `reach` is how far the services of Web Push may be looked for, by itself the public internet.
    """
    count, ends = 0, time.monotonic() + SHIFT
    with Services(reach or SERVICES) as services:
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
                    _settle(one, services.send(one, message, now=clock()), now=clock())
            count += len(owed)
    return count


class Services(ExitStack):
    """The services that reach phones, with their connections for one shift."""

    def __init__(self, reach: Reach) -> None:
        super().__init__()
        self._agent = f"UpScrolled/{settings.VERSION}"
        self._web = Sender(agent=self._agent, seconds=SECONDS, reach=reach)
        self._vendors: dict[str, Vendor] = {}

    def send(self, one: Owed, message: Message, *, now: datetime) -> Outcome:
        """Hand one push over. A service that says that a phone is gone is believed, one that is busy is asked again."""
        try:
            if one.service == "web":
                return self._by_web(one, message, now=now)
            address, send = _VENDORS[one.service]
            return send(self._vendor(getattr(settings, address)), one, message.note, now=now)
        except KeyLost as lost:
            log.warning("A subscription is dropped: %s", lost)
            return GONE
        except Failed as failed:
            log.info("A push was not taken: %s", failed.reason)
            return AGAIN if failed.again else GONE  # no public address: it never will be taken
        except (OSError, ValueError) as error:
            log.error("The push service %s is not set up as it should: %s", one.service, error)
            return AGAIN

    def _vendor(self, address: str) -> Vendor:
        if address not in self._vendors:
            vendor = Vendor(address, agent=self._agent, seconds=SECONDS)
            self._vendors[address] = self.enter_context(vendor)
        return self._vendors[address]

    def _by_web(self, one: Owed, message: Message, *, now: datetime) -> Outcome:
        sealed = request.of(one, message.payload, urgency=message.urgency, now=now)
        answered = self._web.post(one.endpoint, sealed.body, sealed.headers)
        if answered.status in (404, 410):
            return GONE
        if answered.status in LATER or answered.status >= 500:
            return AGAIN.later(answered.retry_after, str(answered.status))
        return GIVEN_UP.because(str(answered.status)) if answered.status >= 300 else TAKEN


def _settle(one: Owed, outcome: Outcome, *, now: datetime) -> None:
    if outcome.name == GONE.name:
        ledger.drop([one.subscription_id])
    elif outcome.name == AGAIN.name:
        ledger.again(one, now=now, seconds=outcome.seconds)
    else:
        if outcome.name == GIVEN_UP.name:
            log.warning("A push service answers %s; the push is given up.", outcome.reason)
        ledger.strike_off([one.id])
