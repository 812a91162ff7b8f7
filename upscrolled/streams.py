"""What just happened, for whoever listens: events on their way to the streaming processes.

An event names things and carries no text of theirs: it says which post, notification or message it is `about`, and
what a listener is shown of it is decided when it is delivered (`upscrolled/streaming/`). Events stand in one stream
of the Valkey that keeps what it is given, for five minutes: so long may a listener be away and miss nothing. They are
news, not truth: what must not be lost is a row, and clients read it from the REST API.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
import redis
import redis.asyncio
from django.conf import settings
from django.db import transaction

from upscrolled.core import valkey

log = logging.getLogger(__name__)

STREAM: Final = "events"
KEPT_SECONDS: Final = 300
MOST: Final = 200_000  # events kept, however many came in five minutes
AT_ONCE: Final = 1_000
WAIT_MS: Final = 5_000  # of one question, while nothing happens
ANSWER_SECONDS: Final = 5.0  # after which a server is taken to be away
FIRST: Final = "0-0"
_FIELD: Final = b"e"


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened.

    `name` is the client API's word for it (update, notification, conversation …) and `on` the stream on which people
    hear it (user, direct, messages …). `to` are the accounts that it is for; empty where the kind itself finds its
    listeners, as a post finds followers. `id` is the place in the stream, given when it is sent: events are in the
    order of `position(id)`. Of events with one name and the same `once`, only the first is
    told: for senders who cannot know whether they sent it before they died.
    """

    name: str
    on: str = "user"
    to: tuple[int, ...] = ()
    about: Mapping[str, Any] = {}
    once: str = ""
    id: str = ""


def publish(
    name: str, *, on: str = "user", to: Iterable[int] = (), about: Mapping[str, Any] | None = None
) -> None:
    """Tell an event once the transaction has ended, if it ends well; nobody waits and nothing fails for it.

    `about` is told as it stands where no teller is registered for the name (`streaming/tellers.py`); so put ids in
    it, never a text that somebody might not see any more.
    """
    event = Event(name=name, on=on, to=tuple(to), about=about or {})
    transaction.on_commit(partial(_try, [event]), robust=True)


def send(events: Iterable[Event]) -> list[str]:
    """Add events to the stream now, in this order, and return their ids. Raises redis.RedisError."""
    oldest = f"{int((time.time() - KEPT_SECONDS) * 1_000)}-0"
    with valkey.data().pipeline(transaction=False) as pipeline:
        for event in events:
            said = {_FIELD: msgspec.msgpack.encode(event)}
            pipeline.xadd(STREAM, said, minid=oldest, approximate=True)  # type: ignore[arg-type]
        return [added.decode() for added in pipeline.execute()]


def since(event_id: str = FIRST, *, limit: int = AT_ONCE) -> list[Event]:
    """Return the events after this one, the oldest first. Raises redis.RedisError."""
    found: Any = valkey.data().xrange(STREAM, f"({event_id}", "+", count=limit)
    return [_event(*entry) for entry in found]


def position(event_id: str) -> tuple[int, int] | None:
    """Return what ids are compared by, or None for what is no id."""
    milliseconds, dash, number = event_id.partition("-")
    if not dash or not (milliseconds + number).isascii() or len(event_id) > 40:
        return None
    if not milliseconds.isdecimal() or not number.isdecimal():
        return None
    return int(milliseconds), int(number)


class Source:
    """The stream as a streaming process reads it, from one connection of its own."""

    def __init__(self) -> None:
        # The client's own limit is as long as the wait: it would take each quiet moment for a server that is away.
        patience = WAIT_MS / 1_000 + ANSWER_SECONDS
        self._client: Any = redis.asyncio.Redis.from_url(
            settings.VALKEY_URL, protocol=2, socket_timeout=patience
        )

    async def kept(self) -> AsyncIterator[list[Event]]:
        """Bring what is kept, the oldest first. Raises redis.RedisError."""
        start = f"{int((time.time() - KEPT_SECONDS) * 1_000)}-0"
        while found := await self._client.xrange(STREAM, start, "+", count=AT_ONCE):
            events = [_event(*entry) for entry in found]
            yield events
            start = f"({events[-1].id}"

    async def last(self) -> str:
        """Return the id of the newest event there is. Raises redis.RedisError."""
        found = await self._client.xrevrange(STREAM, "+", "-", count=1)
        return found[0][0].decode() if found else FIRST

    async def after(self, event_id: str) -> list[Event]:
        """Return what came after this event; wait WAIT_MS for it if there is none yet. Raises redis.RedisError."""
        answer = await self._client.xread({STREAM: event_id}, count=AT_ONCE, block=WAIT_MS)
        return [_event(*entry) for _, entries in answer or () for entry in entries]

    async def trim(self) -> None:
        """Forget what is too old or too much, also when nobody adds anything."""
        oldest = int((time.time() - KEPT_SECONDS) * 1_000)
        await self._client.xtrim(STREAM, minid=f"{oldest}-0", approximate=True)
        await self._client.xtrim(STREAM, maxlen=MOST, approximate=True)

    async def close(self) -> None:
        """Give the connection back."""
        await self._client.aclose()


def _try(events: list[Event]) -> None:
    try:
        send(events)
    except (redis.RedisError, OSError) as error:
        log.warning("Nobody is told of %s: %s", ", ".join(event.name for event in events), error)


def _event(event_id: bytes, fields: Mapping[bytes, bytes]) -> Event:
    event = msgspec.msgpack.decode(fields[_FIELD], type=Event)
    return msgspec.structs.replace(event, id=event_id.decode())
