"""Listening over a WebSocket: one connection for many streams, as the Mastodon API has it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from upscrolled.core.errors import DomainError, Invalid
from upscrolled.streaming import channels
from upscrolled.streaming.gate import Asked
from upscrolled.streaming.hub import Hub
from upscrolled.streaming.listener import REVOKED, STOPS, Listener

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

SUBSCRIPTIONS: Final = 50
MESSAGE_BYTES: Final = 4_096
HEARTBEAT_SECONDS: Final = 25.0
GOODBYE_SECONDS: Final = 30.0
# A browser cannot send or see pings, so the heartbeat is a message: of no stream, which clients pass over.
HEARTBEAT: Final = '{"stream":[],"event":"heartbeat","payload":"{}"}'
POLICY: Final = 1008
CODES: Final = {REVOKED: 4401, STOPS: 1012}


class Message(msgspec.Struct):
    """What a client may say. Its parameters stand beside, as `tag` or `list`."""

    type: str
    stream: str


async def serve(hub: Hub, asked: Asked, listener: Listener, receive: Receive, send: Send) -> None:
    """Run an accepted connection until either side ends it."""
    if asked.query.get("stream"):
        await _obey(hub, listener, "subscribe", asked.query["stream"], asked.query)
    sending = asyncio.create_task(_send(listener, send))
    listener.on_leaving = sending.cancel
    if listener.farewell:
        sending.cancel()
    try:
        await _read(hub, listener, receive, sending)
        if listener.farewell:
            await _say_goodbye(listener, send)
    finally:
        sending.cancel()
        await asyncio.gather(
            sending, return_exceptions=True
        )  # the other side may have gone in the middle of it


async def _read(hub: Hub, listener: Listener, receive: Receive, sending: asyncio.Task[None]) -> None:
    while True:
        coming = asyncio.create_task(_next(receive))
        await asyncio.wait({coming, sending}, return_when=asyncio.FIRST_COMPLETED)
        if not coming.done():
            coming.cancel()
            await asyncio.wait({coming})
            return
        event = coming.result()
        if event["type"] == "websocket.disconnect":
            return
        text = event.get("text") or (event.get("bytes") or b"").decode("utf-8", "replace")
        if text.strip():
            await _hear(hub, listener, text)


async def _next(receive: Receive) -> dict[str, Any]:
    return await receive()


async def _hear(hub: Hub, listener: Listener, text: str) -> None:
    try:
        if len(text) > MESSAGE_BYTES:
            raise Invalid(f"A message may have {MESSAGE_BYTES} characters; this one has {len(text)}")
        said = msgspec.json.decode(text)
        message = msgspec.convert(said, Message)
    except DomainError as error:
        _refuse(listener, error)
    except msgspec.MsgspecError:
        _refuse(listener, Invalid('Say {"type": "subscribe", "stream": …} or {"type": "unsubscribe", …}'))
    else:
        await _obey(hub, listener, message.type, message.stream, said)


async def _obey(hub: Hub, listener: Listener, what: str, stream: str, parameters: Any) -> None:
    caller = listener.caller
    try:
        if what not in ("subscribe", "unsubscribe"):
            raise Invalid(f"type must be subscribe or unsubscribe, not {what[:40]!r}")
        channel = channels.of(stream, parameters, account_id=caller.account_id, scopes=caller.scopes)
        if what == "unsubscribe":
            hub.silence(listener, channel)
        elif len(listener.channels) >= SUBSCRIPTIONS:
            raise Invalid(f"One connection listens to {SUBSCRIPTIONS} streams at most; open another one")
        else:
            await hub.require_own(channel, caller.account_id)
            hub.listen(listener, channel)
    except DomainError as error:
        _refuse(listener, error)


def _refuse(listener: Listener, error: DomainError) -> None:
    listener.say(msgspec.json.encode({"error": error.safe, "status": error.status}).decode())


async def _say_goodbye(listener: Listener, send: Send) -> None:
    """Close with a code and the reason, which whoever reads nothing for long does not get."""
    code = CODES.get(listener.farewell, POLICY)
    message = {"type": "websocket.close", "code": code, "reason": listener.farewell[:120]}
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(send(message), GOODBYE_SECONDS)


async def _send(listener: Listener, send: Send) -> None:
    """Send what waits. The socket takes as much as the other side reads: what it does not take waits here."""
    while True:
        items = await listener.items(HEARTBEAT_SECONDS)
        if listener.farewell:
            return
        if not items:
            await send({"type": "websocket.send", "text": HEARTBEAT})
        for item in items:
            if listener.farewell:
                break
            text = item.text or item.told.frame(item.channel, last=item.last)  # type: ignore[union-attr, arg-type]
            await send({"type": "websocket.send", "text": text})
