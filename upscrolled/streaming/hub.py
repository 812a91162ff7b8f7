"""The hub: reads the events, has them told, hands frames to listeners, and brings up to date who comes back.

One loop does everything that changes who listens, so that nothing changes while a batch is told: it takes in who is
new, brings them up to date if they name the last event they had, then tells what came meanwhile. Database work is
done by one thread with one connection. A listener's frames wait in a queue of limited length (`listener`); whoever does
not read is sent away with the reason, for the others must not wait and memory is not for ever.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import msgspec
import redis
from django.db import InterfaceError, OperationalError, connections

from upscrolled import streams
from upscrolled.core.errors import Unauthenticated
from upscrolled.streaming import gate, tellers
from upscrolled.streaming.channels import Channel
from upscrolled.streaming.kept import Kept, at
from upscrolled.streaming.listener import REVOKED, STOPS, Item, Listener
from upscrolled.streaming.tellers import Ears, Told
from upscrolled.streams import Event

log = logging.getLogger(__name__)
T = TypeVar("T")

BATCH: Final = 100  # events that are told together
CHECK_SECONDS: Final = 5.0  # between two looks whether tokens are still good
AGAIN_SECONDS: Final = 1.0


class Hub:
    """All listeners of this process."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self.ready = asyncio.Event()  # before that, what happens would be kept and told to nobody
        self._ears = Ears()
        self._changes: deque[tuple[Listener, Channel, bool]] = deque()
        self._kept = Kept()
        self._changed = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="teller")

    # --- listeners come and go ----------------------------------------------------------------------

    def join(self, listener: Listener) -> None:
        """Take in a connection; it hears nothing until it listens to something."""
        self.listeners.add(listener)

    async def require_own(self, channel: Channel, account_id: int) -> None:
        """Raise Unauthenticated, as Mastodon does, for a list that is not of this account."""
        if channel.kind.owned and not await self._in_thread(tellers.may_listen, channel, account_id):
            raise Unauthenticated(f"Not authorized to stream this {channel.stream}")

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
                reading = reading or asyncio.create_task(source.after(self._kept.cursor))
                changed = asyncio.create_task(self._changed.wait())
                await asyncio.wait({reading, changed}, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
                await self._settle()
                if reading.done():
                    events, reading = await _answer(reading), None
                    await self._tell_all(self._kept.keep(events))
                if time.monotonic() > trimmed + CHECK_SECONDS:
                    trimmed = time.monotonic()
                    await self._forget(source)
        finally:
            for listener in self.listeners:
                listener.leave(STOPS)
            ending = [task for task in (checks, reading) if task is not None]
            for task in ending:
                task.cancel()
            # First, for a read that waits is not told of its end before the wait is over.
            await source.close()
            await asyncio.gather(*ending, return_exceptions=True)
            self._thread.submit(connections.close_all)  # those of that thread
            self._thread.shutdown(wait=False)

    async def _remember(self, source: streams.Source) -> None:
        """Read what is kept, so that whoever lost the process before this one misses nothing."""
        while True:
            try:
                self._kept.cursor = await source.last()
                async for events in source.kept():
                    self._kept.keep(events)
                return
            except (redis.RedisError, OSError) as error:
                log.warning("Streaming waits for Valkey: %s", error)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _forget(self, source: streams.Source) -> None:
        self._kept.forget()
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
        for listener, position in after.items():
            if self._kept.lacks(position):
                listener.say(missed(listener.after))
            elif position > self._kept.newest:
                log.warning("Somebody names an event that is not yet: %s", listener.after)
        await self._tell_all(self._kept.after(min(after.values())), ears=ears, after=after)

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
            if after is not None and at(frames[0][0].event) <= after[listener]:
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
