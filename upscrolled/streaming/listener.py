"""Somebody who listens: the connection, and the frames that wait for it in a queue of limited length."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from upscrolled.streaming.channels import Channel
from upscrolled.streaming.gate import Caller
from upscrolled.streaming.tellers import Told

QUEUE_FRAMES: Final = 256
QUEUE_BYTES: Final = 1 << 20
REVOKED: Final = "The token is not good any more."
SLOW: Final = "Too slow: more than {limit} were waiting. Come back with last_event_id."
STOPS: Final = "The streaming process stops. Come back with last_event_id."


class Item(NamedTuple):
    """A frame that waits: what is told, on which channel, and whether it is the event's last for this listener."""

    told: Told | None
    channel: Channel | None
    last: bool
    text: str = ""

    @property
    def weight(self) -> int:
        """Roughly its bytes."""
        return len(self.text) + (len(self.told.payload or "") if self.told is not None else 0) + 100


class Listener:
    """One connection: who it is, what it listens to, and what waits to be sent to it."""

    __slots__ = ("_bytes", "_queue", "_wake", "after", "caller", "channels", "farewell", "on_leaving")

    def __init__(self, caller: Caller, *, after: str = "") -> None:
        self.caller = caller
        self.after = after
        self.channels: set[Channel] = set()
        self.farewell = ""
        self.on_leaving: Callable[[], object] = _nothing
        self._queue: deque[Item] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()

    @property
    def account_id(self) -> int:
        """Whose token it is; 0 for nobody."""
        return self.caller.account_id

    @property
    def country(self) -> str:
        """Where they are, if a proxy says so."""
        return self.caller.country

    @property
    def scopes(self) -> str:
        """What the token reaches."""
        return self.caller.scopes or ""

    def put(self, item: Item) -> None:
        """Let a frame wait for its turn, or send a slow reader away."""
        if self.farewell:
            return
        self._bytes += item.weight
        self._queue.append(item)
        if len(self._queue) > QUEUE_FRAMES or self._bytes > QUEUE_BYTES:
            much = f"{QUEUE_FRAMES} events" if len(self._queue) > QUEUE_FRAMES else f"{QUEUE_BYTES} bytes"
            self.leave(SLOW.format(limit=much))
        self._wake.set()

    def say(self, text: str) -> None:
        """Let a text wait that is no event."""
        self.put(Item(None, None, False, text))

    def leave(self, why: str) -> None:
        """End the connection for this reason; what waits is not sent any more.

        `on_leaving` is called then: whoever is sending may wait for a reader who reads nothing.
        """
        if not self.farewell:
            self.farewell = why
            self._queue.clear()
            self._wake.set()
            self.on_leaving()

    async def items(self, patience: float) -> list[Item]:
        """Return what waits; nothing once nothing came for so many seconds, or the listener has to leave."""
        if not self._queue and not self.farewell:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), patience)
            except TimeoutError:
                return []
        found = list(self._queue)
        self._queue.clear()
        self._bytes = 0
        return [] if self.farewell else found


def _nothing() -> None:
    pass
