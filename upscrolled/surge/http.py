"""A small HTTP/1.1 client for many people at once: one keep-alive connection each, like an app's.

The machine that is measured pays for the measuring too, so this does no more than it must.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

PATIENCE = 10.0  # seconds that somebody looks at a spinner


class Abandoned(Exception):
    """No answer within somebody's patience, or the connection broke before one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def retry_after(self) -> float | None:
        """The seconds after which the server wants to be asked again, if it says so."""
        text = self.headers.get("retry-after", "")
        return float(text) if text.isdigit() else None


class Client:
    """One device: an address on the net, a connection, cookies, and a token once there is one."""

    def __init__(self, url: str, *, address: str, token: str = "", patience: float = PATIENCE) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self.token = token
        self.address, self._patience = address, patience
        self._cookies: dict[str, str] = {}
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, *, json: Any = None, form: dict[str, str] | None = None
    ) -> Answer:
        """Send one request and wait for its answer. Raises Abandoned."""
        head = self._head(method, path)
        body = b""
        if json is not None:
            body, kind = msgspec.json.encode(json), "application/json"
        elif form is not None:
            body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
        if body or method != "GET":
            head.append(f"Content-Length: {len(body)}")
        if body:
            head.append(f"Content-Type: {kind}")
        data = "\r\n".join([*head, "", ""]).encode() + body
        try:
            async with asyncio.timeout(self._patience):
                return await self._exchange(data)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            await self.close()
            raise Abandoned(type(error).__name__) from error

    async def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            with contextlib.suppress(OSError):
                await self._streams[1].wait_closed()
            self._streams = None

    def _head(self, method: str, path: str) -> list[str]:
        head = [
            f"{method} {path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            f"X-Forwarded-For: {self.address}",
        ]
        if self.token:
            head.append(f"Authorization: Bearer {self.token}")
        if self._cookies:
            head.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self._cookies.items()))
        return head

    async def _exchange(self, data: bytes) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self.host, self.port)
        reader, writer = self._streams
        writer.write(data)
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            if name == "set-cookie":
                cookie, _, rest = value.partition("=")
                self._cookies[cookie] = rest.partition(";")[0]
            headers[name] = value
        body = await reader.readexactly(int(headers.get("content-length") or 0))
        if headers.get("connection", "").lower() == "close":
            await self.close()
        return Answer(int(first.split(" ", 2)[1]), headers, body)
