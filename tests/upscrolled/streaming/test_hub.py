"""The hub: who listens hears all of it once, in order, also after having been away; who does not read has to leave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from upscrolled import streams
from upscrolled.streaming import channels, hub
from upscrolled.streaming.gate import Caller
from upscrolled.streaming.hub import Hub
from upscrolled.streaming.listener import QUEUE_BYTES, QUEUE_FRAMES, REVOKED, SLOW, STOPS, Listener

SECONDS = 60.0  # for a machine that is busy


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Tell an asynchronous story."""
    asyncio.run(asyncio.wait_for(story(), 2 * SECONDS))


@asynccontextmanager
async def running() -> AsyncIterator[Hub]:
    """A hub, as one process has it."""
    made = Hub()
    loop = asyncio.create_task(made.run())
    await asyncio.wait_for(made.ready.wait(), SECONDS)
    try:
        yield made
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)


def listen(made: Hub, account: int, *, after: str = "", stream: str = "messages") -> Listener:
    listener = Listener(Caller(account, scopes="read"), after=after)
    made.join(listener)
    made.listen(listener, channels.of(stream, {}, account_id=account, scopes="read"))
    return listener


def send(number: int, *, to: int = 7, once: str = "") -> str:
    event = streams.Event(name="message", on="messages", to=(to,), about={"number": number}, once=once)
    (event_id,) = streams.send([event])
    return event_id


async def hear(listener: Listener, count: int) -> list[int]:
    """The numbers of the next so many messages."""
    return [number for number, _ in await frames(listener, count)]


async def frames(listener: Listener, count: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    while len(found) < count:
        items = await listener.items(SECONDS)
        assert items, listener.farewell or "nothing came"
        for item in items:
            said = json.loads(item.told.frame(item.channel, last=item.last))
            found.append((json.loads(said["payload"])["number"], said["id"]))
    return found


def test_who_listens_hears_what_is_for_them_in_order() -> None:
    async def story() -> None:
        async with running() as made:
            mine, other = listen(made, 7), listen(made, 8)
            for number in range(200):
                send(number)
            send(1_000, to=8)
            assert await hear(mine, 200) == list(range(200))
            assert await hear(other, 1) == [1_000]

    run(story)


def test_what_was_sent_twice_is_told_once() -> None:
    async def story() -> None:
        async with running() as made:
            mine = listen(made, 7)
            send(1, once="post 1")
            send(1, once="post 1")
            send(2, once="post 2")
            assert await hear(mine, 2) == [1, 2]

    run(story)


@pytest.mark.parametrize("killed", [False, True], ids=["the same process", "another process"])
def test_who_comes_back_hears_what_they_missed_and_nothing_twice(killed: bool) -> None:
    async def story() -> None:
        async with running() as made:
            first = listen(made, 7)
            send(1)
            ((_, last_id),) = await frames(first, 1)
            made.part(first)
            send(2)
            send(3)
            if not killed:
                await come_back(made, last_id)
        if killed:
            async with running() as another:
                await come_back(another, last_id)

    run(story)


async def come_back(made: Hub, last_id: str) -> None:
    again = listen(made, 7, after=last_id)
    assert await hear(again, 2) == [2, 3]
    new = listen(made, 7)
    send(4)
    assert await hear(again, 1) == await hear(new, 1) == [4]


def test_who_was_away_for_too_long_is_told_so() -> None:
    async def story() -> None:
        async with running() as made:
            for after in ("1-0", 'no "id'):
                mine = listen(made, 7, after=after)
                (item,) = await mine.items(SECONDS)
                said = json.loads(item.text)
                assert (said["event"], said["stream"]) == ("missed", [])
                assert json.loads(said["payload"]) == {"after": after}

    run(story)


def test_who_does_not_read_has_to_leave_and_the_others_hear_all() -> None:
    async def story() -> None:
        async with running() as made:
            slow, quick = listen(made, 7), listen(made, 7)
            for number in range(QUEUE_FRAMES + 10):
                send(number)
                assert await hear(quick, 1) == [number]
            assert slow.farewell == SLOW.format(limit=f"{QUEUE_FRAMES} events")
            assert await slow.items(SECONDS) == []

    run(story)


def test_a_queue_has_a_limit_in_bytes_too() -> None:
    listener = Listener(Caller(7))
    for _ in range(3):
        listener.say("x" * (QUEUE_BYTES // 2))
    assert "bytes" in listener.farewell


@pytest.mark.django_db
def test_a_token_that_is_good_no_more_is_found_out_although_nothing_is_told(monkeypatch) -> None:
    monkeypatch.setattr(hub, "CHECK_SECONDS", 0.02)

    async def story() -> None:
        async with running() as made:
            gone = Listener(Caller(7, 123_456_789, "read"))
            anybody = listen(made, 8)
            made.join(gone)
            assert await gone.items(SECONDS) == []
            assert (gone.farewell, anybody.farewell) == (REVOKED, "")

    run(story)


def test_whoever_leaves_takes_along_what_is_stuck_in_sending() -> None:
    listener, stopped = Listener(Caller(7)), []
    listener.on_leaving = lambda: stopped.append(listener.farewell)
    listener.leave(REVOKED)
    listener.leave(STOPS)

    assert stopped == [REVOKED]


def test_who_listens_no_longer_hears_no_more() -> None:
    async def story() -> None:
        async with running() as made:
            mine, other = listen(made, 7), listen(made, 7)
            send(1)
            assert await hear(mine, 1) == await hear(other, 1) == [1]
            made.silence(mine, next(iter(mine.channels)))
            send(2)
            assert await hear(other, 1) == [2]
            assert await mine.items(0.2) == []

    run(story)


def test_whoever_tells_badly_silences_one_event_and_no_other(caplog) -> None:
    from upscrolled.streaming import tellers

    def fails(events: Any, ears: Any) -> Any:
        raise ZeroDivisionError

    tellers.register("bad", teller=fails)

    async def story() -> None:
        async with running() as made:
            mine = listen(made, 7)
            streams.send(
                [
                    streams.Event(name="message", on="messages", to=(7,), about={"number": 1}),
                    streams.Event(name="bad", on="messages", to=(7,)),
                    streams.Event(name="message", on="messages", to=(7,), about={"number": 2}),
                ]
            )
            assert await hear(mine, 2) == [1, 2]

    run(story)
    assert "An event cannot be told" in caplog.text
