"""What happens in conversations, on its way to whoever listens: ids and numbers, never a text.

What a listener is shown is read when it is told (`messaging/live.py`; in Mastodon's words `feed/live.py`). Nothing is
owed here: an event that is lost with the process that should send it leaves a gap in the numbers which its
listeners are told with every event, and a device with a gap catches up (`queries/sync.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

import redis

from messaging import happenings
from messaging.happenings import Happened
from upscrolled import streams
from upscrolled.streams import Event

log = logging.getLogger(__name__)

PREFIX: Final = "upscrolled."
MESSAGE, MEMBER, CONVERSATION, TYPING = (
    PREFIX + kind
    for kind in (happenings.MESSAGE, happenings.MEMBER, happenings.CONVERSATION, happenings.TYPING)
)
MASTODONS: Final = "conversation"


def tell(event: Happened, **_: object) -> None:
    """Put what happened into the stream; nobody waits and nothing fails for it."""
    try:
        streams.send(events_of(event))
    except (redis.RedisError, OSError) as error:
        log.warning("Nobody is told of conversation %d: %s", event.conversation_id, error)


def events_of(event: Happened) -> Iterable[Event]:
    """Return what happened as events: ours, and Mastodon's for those of whom its conversation changed."""
    if not event.told:
        return
    about = {
        "conversation": event.conversation_id,
        "thing": event.thing,
        "numbers": list(event.told.values()),
    }
    yield Event(name=PREFIX + event.kind, to=tuple(event.told), about=about)
    concerns: tuple[int, ...] = ()
    if event.kind == happenings.MESSAGE:
        concerns = tuple(event.told)
    elif event.kind == happenings.MEMBER and event.thing in event.told:
        concerns = (event.thing,)  # read, accepted, muted: their own view of it
    if concerns:
        changed = 0 if event.new or event.kind != happenings.MESSAGE else event.thing
        about = {"id": event.conversation_id, "message": changed}
        yield Event(name=MASTODONS, on="direct", to=concerns, about=about)
