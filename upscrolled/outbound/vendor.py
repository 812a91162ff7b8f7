"""HTTP/2 to a server that the operator named: the push services of Apple and Google, which speak nothing else well.

No address of a stranger comes here, so nothing is judged; the time for an answer is limited all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final
from urllib.parse import urlsplit

import httpcore

from upscrolled.outbound.fetch import Failed

_ANSWER: Final = 65_536  # bytes of an answer that are read


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered; `retry_after` in seconds, 0 where the server names none."""

    status: int
    body: bytes
    retry_after: int = 0


class Vendor:
    """One connection, kept for a batch of requests."""

    def __init__(self, address: str, *, agent: str, seconds: float) -> None:
        """`address` is https://host without a path; http:// is HTTP/2 in the clear, for a proxy on the same machine."""
        self._address, self._agent = address.rstrip("/"), agent
        self._timeout = dict.fromkeys(("connect", "read", "write", "pool"), seconds)
        self._pool = httpcore.ConnectionPool(http1=False, http2=True, max_connections=1)

    def __enter__(self) -> Vendor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close()

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send a body to a path. Raises Failed when there is no answer."""
        sent = {"Host": urlsplit(self._address).netloc, "User-Agent": self._agent, **headers}
        try:
            with self._pool.stream(
                "POST",
                f"{self._address}{path}",
                headers=list(sent.items()),
                content=body,
                extensions={"timeout": self._timeout},
            ) as response:
                answer = bytearray()
                for piece in response.iter_stream():
                    answer += piece
                    if len(answer) > _ANSWER:
                        break
                named = dict(response.headers).get(b"retry-after", b"")
                wait = int(named) if named.isdigit() and len(named) < 7 else 0
                return Reply(response.status, bytes(answer), wait)
        except (
            httpcore.ConnectError,
            httpcore.TimeoutException,
            httpcore.NetworkError,
            httpcore.ProtocolError,
        ) as error:
            raise Failed(f"{self._address} does not answer: {error}"[:300], again=True) from None
