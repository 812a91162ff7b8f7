"""Connections that end at a moment, however busily the other side drips: the limit is one for all reads and writes."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore
from ssrfguard.httpx import SafeBackend

from upscrolled.outbound.reach import Reach

LOOKUP_SECONDS, CONNECT_SECONDS = 4.0, 4.0


class Deadline:
    """A moment by which everything must be done."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self, at_most: float = float("inf")) -> float:
        """Return the seconds that are left. Raises httpcore.ReadTimeout when there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("The time for this request is over")
        return min(left, at_most)


class Backend(httpcore.NetworkBackend):
    """Connects to judged addresses only (`ssrfguard`), and hands out streams that obey the deadline."""

    def __init__(self, reach: Reach, deadline: Deadline) -> None:
        self._reach = reach
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Look the name up once, judge what was found, connect to it."""
        resolver = self._reach.look_up(self._deadline.left(LOOKUP_SECONDS))
        safe = SafeBackend(policy=self._reach.policy, resolver=resolver)
        seconds = self._deadline.left(CONNECT_SECONDS)
        stream = safe.connect_tcp(host, port, seconds, local_address, socket_options)
        return Stream(stream, self._deadline)


class Stream(httpcore.NetworkStream):
    """A stream whose every step may take only what is left."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes."""
        return self._inner.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes."""
        self._inner.write(buffer, self._deadline.left())

    def close(self) -> None:
        """Close it."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Speak TLS from here on; the certificate is the name's, not the address's."""
        secure = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left())
        return Stream(secure, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Tell what the inner stream knows."""
        return self._inner.get_extra_info(info)
