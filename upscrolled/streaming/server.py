"""The ASGI application of the streaming process, without Django's middleware."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import msgspec
from django.utils.module_loading import autodiscover_modules

from upscrolled import streams
from upscrolled.core.errors import DomainError, NotFound, TooMany, Unavailable
from upscrolled.streaming import channels, gate, hub, listener, sockets, sse
from upscrolled.streaming.gate import Asked, Caller
from upscrolled.streaming.listener import Listener
from upscrolled.streaming.sockets import Receive, Send

log = logging.getLogger(__name__)

ROOT: Final = "/api/v1/streaming"
HEALTH: Final = {f"{ROOT}/health", "/health"}
CONNECTIONS: Final = 10_000  # of this process
PER_ACCOUNT, PER_ADDRESS = 20, 500
BEGINS_WITHIN: Final = (
    5.0  # seconds for the hub to read what is kept; who lost the process before comes back at once
)
LIMITS: Final[Mapping[str, int]] = {
    "connections_per_account": PER_ACCOUNT,
    "anonymous_connections_per_address": PER_ADDRESS,
    "connects_in_five_minutes": gate.CONNECTIONS.allowance,
    "subscriptions_per_connection": sockets.SUBSCRIPTIONS,
    "message_characters": sockets.MESSAGE_BYTES,
    "waiting_events": listener.QUEUE_FRAMES,
    "waiting_bytes": listener.QUEUE_BYTES,
    "resume_seconds": streams.KEPT_SECONDS,
    "heartbeat_seconds": int(sockets.HEARTBEAT_SECONDS),
}
_JSON: Final = b"application/json; charset=utf-8"


class Server:
    """The application and its hub, which begins with the process's first event loop."""

    def __init__(self) -> None:
        self._hub: hub.Hub | None = None
        self._loop: asyncio.Task[None] | None = None
        self._gate = ThreadPoolExecutor(2, thread_name_prefix="gate")
        self._open: Counter[tuple[str, str]] = Counter()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    def _begin(self) -> hub.Hub:
        if self._hub is None:
            _allow_open_files(CONNECTIONS + 1_000)
            autodiscover_modules("live")
            self._hub = hub.Hub()
            self._loop = asyncio.create_task(self._hub.run())
            self._loop.add_done_callback(_ended)
        return self._hub

    async def end(self, *, within: float) -> None:
        """Send every listener away, and wait so many seconds at most until they are gone."""
        if self._hub is None:
            return
        if self._loop is not None:
            self._loop.cancel()
        ends = time.monotonic() + within
        while self._hub.listeners and time.monotonic() < ends:
            await asyncio.sleep(0.05)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._begin()  # not waited for: the process answers also while Valkey is away
            elif self._loop is not None:
                self._loop.cancel()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    # --- connections --------------------------------------------------------------------------------

    async def _websocket(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        asked = gate.asked(scope)
        try:
            if asked.path != ROOT:
                raise NotFound
            caller = await self._admit(asked)
        except DomainError as error:
            await _refuse_socket(scope, send, error)
            return
        begun = self._begin()
        with _Place(self, caller):
            someone = Listener(caller, after=asked.last_id)
            begun.join(someone)
            try:
                accept: dict[str, Any] = {"type": "websocket.accept"}
                if asked.subprotocol:
                    accept["subprotocol"] = asked.subprotocol
                await send(accept)
                await sockets.serve(begun, asked, someone, receive, send)
            finally:
                begun.part(someone)

    async def _http(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        asked = gate.asked(scope)
        if asked.path in HEALTH:
            await _respond(send, 200, b"OK", b"text/plain; charset=utf-8")
            return
        if scope["method"] == "OPTIONS":
            await _respond(send, 204, b"", _JSON)
            return
        try:
            if asked.path == ROOT:
                await _tell_limits(send)
                return
            caller = await self._admit(asked)
            channel = sse.channel_of(asked, caller)
            await self._begin().require_own(channel, caller.account_id)
        except DomainError as error:
            await _respond(send, error.status, _error(error), _JSON, retry_after=error.retry_after)
            return
        begun = self._begin()
        with _Place(self, caller):
            someone = Listener(caller, after=asked.last_id)
            begun.join(someone)
            try:
                await sse.serve(begun, someone, channel, receive, send)
            finally:
                begun.part(someone)

    async def _admit(self, asked: Asked) -> Caller:
        """Look the token up, and whether there is room. Raises what `gate.admit` raises, TooMany, Unavailable."""
        begun = self._begin()
        try:
            await asyncio.wait_for(begun.ready.wait(), BEGINS_WITHIN)
        except TimeoutError:
            raise Unavailable(retry_after=1) from None
        if len(begun.listeners) >= CONNECTIONS:
            raise Unavailable(retry_after=30)
        loop = asyncio.get_running_loop()
        caller = await loop.run_in_executor(self._gate, gate.with_database, gate.admit, asked)
        most, held = _most(caller), self._open[_whose(caller)]
        if held >= most:
            raise TooMany(f"At most {most} connections at a time; there are {held}.", retry_after=30)
        return caller


class _Place:
    """A place among the connections of one account or address."""

    def __init__(self, server: Server, caller: Caller) -> None:
        self._open, self._whose = server._open, _whose(caller)

    def __enter__(self) -> None:
        self._open[self._whose] += 1

    def __exit__(self, *_: object) -> None:
        self._open[self._whose] -= 1
        if not self._open[self._whose]:
            del self._open[self._whose]


def _whose(caller: Caller) -> tuple[str, str]:
    return ("account", str(caller.account_id)) if caller.account_id else ("address", caller.address)


def _most(caller: Caller) -> int:
    return PER_ACCOUNT if caller.account_id else PER_ADDRESS


async def _tell_limits(send: Send) -> None:
    body = {
        "error": "Open a WebSocket here, or ask for server-sent events below.",
        "streams": list(channels.STREAMS),
        "limits": LIMITS,
    }
    await _respond(send, 426, msgspec.json.encode(body), _JSON)


async def _refuse_socket(scope: Mapping[str, Any], send: Send, error: DomainError) -> None:
    """Refuse with an HTTP status where the server can, else by closing."""
    if "websocket.http.response" in scope.get("extensions", {}):
        headers = [(b"content-type", _JSON), *_retry(error.retry_after)]
        await send({"type": "websocket.http.response.start", "status": error.status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": _error(error), "more_body": False})
    else:
        await send({"type": "websocket.close", "code": 4_000 + error.status, "reason": error.safe[:120]})


async def _respond(
    send: Send, status: int, body: bytes, content_type: bytes, *, retry_after: int | None = None
) -> None:
    headers = [
        (b"content-type", content_type),
        (b"access-control-allow-origin", b"*"),
        (b"access-control-allow-headers", b"Authorization, Last-Event-ID, Cache-Control"),
    ]
    headers += _retry(retry_after)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _retry(after: int | None) -> list[tuple[bytes, bytes]]:
    return [] if after is None else [(b"retry-after", str(after).encode())]


def _error(error: DomainError) -> bytes:
    return msgspec.json.encode({"error": error.safe})


def _allow_open_files(wanted: int) -> None:
    """Take as many as the system lets us: where 1,024 are usual, the thousandth listener would be refused."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(most, soft), hard))


def _ended(loop: asyncio.Task[None]) -> None:
    if not loop.cancelled() and (error := loop.exception()) is not None:
        log.critical("The hub has ended. So does the process, for another to begin.", exc_info=error)
        os.kill(os.getpid(), signal.SIGTERM)
