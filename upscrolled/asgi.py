"""Entry point of the streaming process: a small ASGI application without Django's middleware.

Streams of events belong to a later release; what stands today is the address, its health and a clear
answer, so that clients which look for streaming fall back to polling at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upscrolled.settings")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_HEALTH = {"/api/v1/streaming/health", "/health"}


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer health checks; tell everybody else that nothing is streamed yet (HTTP 501, close 1013)."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1013, "reason": "Streaming is not available yet."})
    elif scope["path"].rstrip("/") in _HEALTH:
        await _respond(send, 200, b"OK", b"text/plain; charset=utf-8")
    else:
        body = json.dumps({"error": "Streaming is not available yet. Poll the REST API."}).encode()
        await _respond(send, 501, body, b"application/json; charset=utf-8")


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _respond(send: Send, status: int, body: bytes, content_type: bytes) -> None:
    headers = [(b"content-type", content_type), (b"access-control-allow-origin", b"*")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
