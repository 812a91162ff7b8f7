"""A small WebSocket client (RFC 6455) for tests: text messages, and what the server says when it closes."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import struct
from typing import Any

from tests.waiting import PATIENCE

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Refused(Exception):
    """The server answered with an HTTP status in place of a WebSocket."""

    def __init__(self, status: int, body: str) -> None:
        self.status = status
        super().__init__(f"{status}: {body}")


class Closed(Exception):
    """The server closed the connection, with a code and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(f"{code}: {reason}")


class WebSocket:
    """One connection; `messages` are JSON, heartbeats are passed over unless they are asked for."""

    def __init__(
        self,
        port: int,
        query: str = "",
        *,
        token: str = "",
        protocol: str = "",
        timeout: float = PATIENCE,
        buffer: int = 0,
    ) -> None:
        self._socket = socket.socket()
        if buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._socket.settimeout(timeout)
        self._socket.connect(("127.0.0.1", port))
        self._file = self._socket.makefile("rb")
        key = base64.b64encode(os.urandom(16))
        lines = [
            f"GET /api/v1/streaming{query} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key.decode()}",
            "Sec-WebSocket-Version: 13",
        ]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        if protocol:
            lines.append(f"Sec-WebSocket-Protocol: {protocol}")
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        status, self.headers = self._head()
        if status != 101:
            length = int(self.headers.get("content-length", 0))
            raise Refused(status, self._file.read(length).decode())
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()
        assert self.headers["sec-websocket-accept"] == accept

    def say(self, message: Any) -> None:
        """Send a message as JSON, or a text as it stands."""
        self._send(TEXT, (message if isinstance(message, str) else json.dumps(message)).encode())

    def subscribe(self, stream: str, **parameters: object) -> None:
        """Listen to a stream; it is heard once the server has answered a message that it refuses."""
        self.say({"type": "subscribe", "stream": stream, **parameters})
        self.settle()

    def settle(self) -> None:
        """Wait until the server has read all that was said."""
        self.say({"type": "noise", "stream": "none"})
        while "error" not in self.message(heartbeats=True):
            pass

    def message(self, *, heartbeats: bool = False) -> dict[str, Any]:
        """Return the next message. Raises Closed, TimeoutError."""
        while True:
            message: dict[str, Any] = json.loads(self.text())
            if heartbeats or message.get("event") != "heartbeat":
                return message

    def text(self) -> str:
        """Return the next message as it came. Raises Closed, TimeoutError."""
        while True:
            kind, body = self._receive()
            if kind == TEXT:
                return body.decode()
            if kind == PING:
                self._send(PONG, body)
            if kind == CLOSE:
                code = struct.unpack(">H", body[:2])[0] if body else 1005
                raise Closed(code, body[2:].decode())

    def close(self) -> None:
        """Go away without a word, as phones do."""
        self._file.close()
        self._socket.close()

    def _head(self) -> tuple[int, dict[str, str]]:
        status = int(self._file.readline().split()[1])
        headers = {}
        while line := self._file.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return status, headers

    def _send(self, kind: int, body: bytes) -> None:
        mask = os.urandom(4)
        length = len(body)
        head = bytes([0x80 | kind])
        head += bytes([0x80 | length]) if length < 126 else struct.pack(">BH", 0x80 | 126, length)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(body))
        self._socket.sendall(head + mask + masked)

    def _receive(self) -> tuple[int, bytes]:
        head = self._exactly(2)
        length = head[1] & 0x7F
        if length == 126:
            length = struct.unpack(">H", self._exactly(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self._exactly(8))[0]
        return head[0] & 0x0F, self._exactly(length)

    def _exactly(self, length: int) -> bytes:
        found = self._file.read(length)
        if len(found) < length:
            raise Closed(1006, "The connection ended without a word.")
        return found
