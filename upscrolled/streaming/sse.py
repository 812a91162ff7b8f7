"""Listening by server-sent events: one stream for each connection, ids as the standard has them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from django.conf import settings

from upscrolled.core.errors import NotFound
from upscrolled.streaming import channels
from upscrolled.streaming.channels import Channel
from upscrolled.streaming.gate import Asked, Caller
from upscrolled.streaming.hub import Hub
from upscrolled.streaming.listener import Item, Listener
from upscrolled.streaming.sockets import GOODBYE_SECONDS, Receive, Send

PREFIX: Final = "/api/v1/streaming/"
THUMP: Final = b":thump\n\n"
HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"private, no-store"),
    (b"x-accel-buffering", b"no"),
    (b"access-control-allow-origin", b"*"),
]


def channel_of(asked: Asked, caller: Caller) -> Channel:
    """Return the stream that an address names. Raises NotFound, Invalid, Unauthenticated, OutOfScope."""
    name = asked.path.removeprefix(PREFIX).replace("/", ":")
    if name not in channels.STREAMS:
        raise NotFound
    return channels.of(name, asked.query, account_id=caller.account_id, scopes=caller.scopes)


async def serve(hub: Hub, listener: Listener, channel: Channel, receive: Receive, send: Send) -> None:
    """Send events until either side ends it."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await _body(send, b":)\n\n")
    hub.listen(listener, channel)
    gone = asyncio.create_task(_until_gone(receive))
    sending = asyncio.create_task(_send(listener, send))
    listener.on_leaving = sending.cancel
    if listener.farewell:
        sending.cancel()
    try:
        await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
        if listener.farewell and not gone.done():
            with contextlib.suppress(TimeoutError):
                goodbye = _body(send, f":{listener.farewell}\n\n".encode(), more=False)
                await asyncio.wait_for(goodbye, GOODBYE_SECONDS)
    finally:
        gone.cancel()
        sending.cancel()
        await asyncio.gather(gone, sending, return_exceptions=True)


async def _send(listener: Listener, send: Send) -> None:
    while True:
        items = await listener.items(settings.STREAMING_HEARTBEAT_SECONDS)
        if listener.farewell:
            return
        await _body(send, b"".join(map(_lines, items)) if items else THUMP)


def _lines(item: Item) -> bytes:
    if item.told is None:
        said: Mapping[str, Any] = msgspec.json.decode(item.text)
        return f"event: {said['event']}\ndata: {said['payload']}\n\n".encode()
    # As Mastodon does: an event without a payload says so, for a field must have a value.
    data = "undefined" if item.told.payload is None else item.told.payload
    last = f"id: {item.told.event.id}\n" if item.last else ""
    return f"event: {item.told.name}\n{last}data: {data}\n\n".encode()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(send: Send, body: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})
