"""The hub: reads the events, has them told, hands frames to listeners, and keeps the last minutes for who comes back.

One loop does everything that changes who listens, so that nothing changes while a batch is told: it takes in who is
new, brings them up to date if they name the last event they had, then tells what came meanwhile. Database work is
done by one thread with one connection. A listener's frames wait in a queue of limited length; whoever does not read
is sent away with the reason, for the others must not wait and memory is not for ever.
"""

from __future__ import annotations

import asyncio
import logging
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
import redis
from django.db import InterfaceError, OperationalError

from upscrolled import streams
from upscrolled.streaming import gate, tellers
from upscrolled.streaming.channels import Channel
from upscrolled.streaming.gate import Caller
from upscrolled.streaming.tellers import Ears, Told
from upscrolled.streams import Event

log = logging.getLogger(__name__)
T = TypeVar("T")

QUEUE_FRAMES: Final = 256
QUEUE_BYTES: Final = 1 << 20
BATCH: Final = 100  # events that are told together
CHECK_SECONDS: Final = 5.0  # between two looks whether tokens are still good
WAIT_MS: Final = 5_000
AGAIN_SECONDS: Final = 1.0

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

    __slots__ = ("_bytes", "_queue", "_wake", "after", "caller", "channels", "farewell")

    def __init__(self, caller: Caller, *, after: str = "") -> None:
        self.caller = caller
        self.after = after
        self.channels: set[Channel] = set()
        self.farewell = ""
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
        """End the connection for this reason; what waits is not sent any more."""
        if not self.farewell:
            self.farewell = why
            self._queue.clear()
            self._wake.set()

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


class Hub:
    """All listeners of this process."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self.ready = asyncio.Event()  # before that, what happens would be kept and told to nobody
        self._ears = Ears()
        self._changes: deque[tuple[Listener, Channel, bool]] = deque()
        self._kept: deque[Event] = deque()
        self._seen: set[tuple[str, str]] = set()
        self._cursor = streams.FIRST
        self._since = (0, 0)  # nothing is known of what came before
        self._changed = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="teller")

    # --- listeners come and go ----------------------------------------------------------------------

    def join(self, listener: Listener) -> None:
        """Take in a connection; it hears nothing until it listens to something."""
        self.listeners.add(listener)

    def listen(self, listener: Listener, channel: Channel) -> None:
        """Let a listener hear a channel from here on."""
        if channel not in listener.channels:
            listener.channels.add(channel)
            self._changes.append((listener, channel, True))
            self._changed.set()

    def silence(self, listener: Listener, channel: Channel) -> None:
        """Let a listener hear a channel no longer."""
        if channel in listener.channels:
            listener.channels.discard(channel)
            self._changes.append((listener, channel, False))

    def part(self, listener: Listener) -> None:
        """Forget a connection that has ended."""
        self.listeners.discard(listener)
        for channel in list(listener.channels):
            self.silence(listener, channel)

    # --- the loop -----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Tell events until cancelled. Servers that are away are asked again; nothing ends for it."""
        source = streams.Source()
        checks = asyncio.create_task(self._check_again_and_again())
        reading: asyncio.Task[list[Event]] | None = None
        try:
            await self._remember(source)
            self.ready.set()
            trimmed = time.monotonic()
            while True:
                reading = reading or asyncio.create_task(source.after(self._cursor, wait_ms=WAIT_MS))
                changed = asyncio.create_task(self._changed.wait())
                await asyncio.wait({reading, changed}, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
                await self._settle()
                if reading.done():
                    events, reading = await _answer(reading), None
                    await self._tell_all(self._keep(events))
                if time.monotonic() > trimmed + CHECK_SECONDS:
                    trimmed = time.monotonic()
                    await self._forget(source)
        finally:
            for listener in self.listeners:
                listener.leave(STOPS)
            ending = [task for task in (checks, reading) if task is not None]
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)
            await source.close()
            self._thread.shutdown(wait=False)

    async def _remember(self, source: streams.Source) -> None:
        """Read what is kept, so that whoever lost the process before this one misses nothing."""
        while True:
            try:
                self._cursor = await source.last()
                async for events in source.kept():
                    self._keep(events)
                return
            except (redis.RedisError, OSError) as error:
                log.warning("Streaming waits for Valkey: %s", error)
                await asyncio.sleep(AGAIN_SECONDS)

    def _keep(self, events: Sequence[Event]) -> list[Event]:
        """Keep events and return those that are new: whoever owes one may tell it twice."""
        fresh = []
        for event in events:
            self._cursor = event.id
            if (name := _once(event)) is not None:
                if name in self._seen:
                    continue
                self._seen.add(name)
            self._kept.append(event)
            fresh.append(event)
        return fresh

    async def _forget(self, source: streams.Source) -> None:
        oldest = (int((time.time() - streams.KEPT_SECONDS) * 1_000), 0)
        while self._kept and (len(self._kept) > streams.MOST or _at(self._kept[0]) < oldest):
            event = self._kept.popleft()
            self._since = _at(event)
            if (name := _once(event)) is not None:
                self._seen.discard(name)
        try:
            await source.trim()
        except (redis.RedisError, OSError) as error:
            log.warning("Old events are not forgotten: %s", error)

    async def _settle(self) -> None:
        """Take in who listens to something new, those who come back after what they missed."""
        self._changed.clear()
        back, places = Ears(), []
        while self._changes:
            listener, channel, listens = self._changes.popleft()
            if not listens:
                self._ears.remove(listener, channel)
            elif listener in self.listeners:
                places.append((listener, channel))
                if listener.after:
                    back.add(listener, channel)
        returning = {listener for listener, _ in places if listener.after}
        if returning:
            await self._catch_up(returning, back)
        for listener, channel in places:
            self._ears.add(listener, channel)

    async def _catch_up(self, returning: set[Listener], ears: Ears) -> None:
        after = {listener: streams.position(listener.after) or (0, 0) for listener in returning}
        too_old = max(self._since, (int((time.time() - streams.KEPT_SECONDS) * 1_000), 0))
        for listener, position in after.items():
            if position < too_old:
                listener.say(missed(listener.after))
            elif position > (streams.position(self._cursor) or (0, 0)):
                log.warning("Somebody names an event that is not yet: %s", listener.after)
        kept = list(self._kept)
        first = bisect_right(kept, min(after.values()), key=_at)
        await self._tell_all(kept[first:], ears=ears, after=after)

    async def _tell_all(
        self,
        events: Sequence[Event],
        *,
        ears: Ears | None = None,
        after: dict[Listener, tuple[int, int]] | None = None,
    ) -> None:
        for start in range(0, len(events), BATCH):
            part = events[start : start + BATCH]
            for told in await self._work(part, self._ears if ears is None else ears):
                self._hand_out(told, after)

    async def _work(self, events: Sequence[Event], ears: Ears) -> list[list[Told]]:
        """Have events told in the thread; one after the other if they do not go together."""
        try:
            told, good = await self._in_thread(_told, events, ears)
        except Exception:
            log.exception("An event cannot be told.")
            if len(events) == 1:
                return []
            return [each for event in events for each in await self._work([event], ears)]
        for listener in {listener for group in told for each in group for listener, _ in each.places}:
            if listener.caller.token_id and listener.caller.token_id not in good:
                listener.leave(REVOKED)
        return told

    async def _in_thread(self, work: Callable[..., T], *args: Any) -> T:
        """Do something with the database, again and again while that is away."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                return await loop.run_in_executor(self._thread, gate.with_database, work, *args)
            except (OperationalError, InterfaceError) as error:
                log.warning("Streaming waits for PostgreSQL: %s", error)
                await asyncio.sleep(AGAIN_SECONDS)

    @staticmethod
    def _hand_out(group: list[Told], after: dict[Listener, tuple[int, int]] | None) -> None:
        """Put the frames of one event into the queues; the last one of each listener carries the id."""
        heard: dict[Listener, list[tuple[Told, Channel]]] = {}
        for told in group:
            for listener, channel in told.places:
                if channel in listener.channels:
                    heard.setdefault(listener, []).append((told, channel))
        for listener, frames in heard.items():
            if after is not None and _at(frames[0][0].event) <= after[listener]:
                continue
            for number, (told, channel) in enumerate(frames, 1):
                listener.put(Item(told, channel, number == len(frames)))

    async def _check_again_and_again(self) -> None:
        """End the connections of tokens that were revoked although nothing is told to them."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            held = {listener.caller.token_id for listener in self.listeners} - {0}
            good = await self._in_thread(gate.good, held)
            for listener in self.listeners:
                if listener.caller.token_id in held - good:
                    listener.leave(REVOKED)


def missed(after: str) -> str:
    """Return the frame that says that events between then and now are not kept any more: read the REST API."""
    payload = msgspec.json.encode({"after": after[:40]}).decode()
    return msgspec.json.encode({"stream": [], "event": "missed", "payload": payload}).decode()


def _told(events: Sequence[Event], ears: Ears) -> tuple[list[list[Told]], set[int]]:
    """Return what is told, by event, and which of the tokens concerned are good; in this order."""
    groups: dict[str, list[Told]] = {event.id: [] for event in events}
    for told in tellers.tell(events, ears):
        groups[told.event.id].append(told)
    tokens = {
        listener.caller.token_id for group in groups.values() for told in group for listener, _ in told.places
    }
    return list(groups.values()), gate.good(tokens - {0})


async def _answer(reading: asyncio.Task[list[Event]]) -> list[Event]:
    try:
        return reading.result()
    except (redis.RedisError, OSError) as error:
        log.warning("Events wait for Valkey: %s", error)
        await asyncio.sleep(AGAIN_SECONDS)
        return []


def _at(event: Event) -> tuple[int, int]:
    return streams.position(event.id) or (0, 0)


def _once(event: Event) -> tuple[str, str] | None:
    """What an event is known by that whoever owes it may tell twice."""
    return (event.name, event.once) if event.once else None
