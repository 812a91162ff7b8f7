"""Sending digests: what somebody has not read, as they may see it when the mail is written."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from feed.queries import filters, live, notifications
from upscrolled import mail
from upscrolled.core.paging import Page
from upscrolled.push import digests, words
from upscrolled.viewer import Viewer

log = logging.getLogger(__name__)

SHIFT: Final = 60.0
AT_ONCE: Final = 20
COUNTED: Final = 99  # notifications that a mail speaks of, at most
Clock = Callable[[], datetime]


def send_due(*, clock: Clock = lambda: datetime.now(UTC)) -> int:
    """Send the digests that are due, for a shift; return how many mails went out. Who has read all gets none."""
    sent, ends = 0, time.monotonic() + SHIFT
    while time.monotonic() < ends and (taken := digests.take(AT_ONCE, now=clock())):
        viewers = live.viewers(due.account_id for due in taken)
        for due in taken:
            viewer = viewers[due.account_id]
            wanted = filters.wanted(viewer, "notifications", now=clock())
            listed = notifications.notifications(
                viewer,
                Page(since_id=due.after, limit=COUNTED),
                kinds=notifications.UNASKED,
                wanted=wanted,
            )
            lines = [
                words.title(one.kind, _name(viewer, one.actor_id), locale=due.locale)
                for one in listed.told[: digests.LINES]
            ]
            if lines:
                try:
                    mail.send(digests.mail(due, lines, len(listed.told)))
                except OSError as error:  # the lease ends, and somebody tries again
                    log.warning("A digest could not be sent: %s", error)
                    continue
                sent += 1
            digests.done(due, told_id=listed.first or 0, now=clock())
    return sent


def _name(viewer: Viewer, account_id: int) -> str:
    person = viewer.person(account_id)
    return person.display_name or person.username
