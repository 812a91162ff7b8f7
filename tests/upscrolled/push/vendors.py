"""Apple's and Google's push services on loopback, over real HTTP/2: they keep what came and answer as a test wants."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h2.config
import h2.connection
import h2.events


class FakeVendor:
    """`taken` are the requests, as (path, headers, body); `answers` are (status, body, headers), the last one stays."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, Any, dict[str, str]]] = [(200, {}, {})]
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def pushes(self) -> list[tuple[str, dict[str, str], Any]]:
        """What came but the requests for a token."""
        return [(path, head, json.loads(body)) for path, head, body in self.taken if path != "/token"]

    def run(self) -> None:
        """Serve until the socket is closed."""
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self, connection: socket.socket) -> None:
        spoken = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        )
        spoken.initiate_connection()
        connection.sendall(spoken.data_to_send())
        heads: dict[int, dict[str, str]] = {}
        bodies: dict[int, bytes] = {}
        with connection:
            while came := connection.recv(65_536):
                for event in spoken.receive_data(came):
                    if isinstance(event, h2.events.RequestReceived):
                        heads[event.stream_id] = dict(event.headers)
                    elif isinstance(event, h2.events.DataReceived):
                        bodies[event.stream_id] = bodies.get(event.stream_id, b"") + event.data
                        spoken.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    elif isinstance(event, h2.events.StreamEnded):
                        self._answer(spoken, event.stream_id, heads[event.stream_id], bodies[event.stream_id])
                connection.sendall(spoken.data_to_send())

    def _answer(self, spoken: Any, stream: int, head: dict[str, str], body: bytes) -> None:
        self.taken.append((head[":path"], head, body))
        status, said, headers = 200, {"access_token": "a-token"}, {}
        if head[":path"] != "/token":
            status, said, headers = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        spoken.send_headers(stream, [(":status", str(status)), *headers.items()])
        spoken.send_data(stream, json.dumps(said).encode(), end_stream=True)


@contextmanager
def fake_vendor() -> Iterator[FakeVendor]:
    """A service for the length of a test."""
    vendor = FakeVendor()
    thread = threading.Thread(target=vendor.run, daemon=True)
    thread.start()
    try:
        yield vendor
    finally:
        vendor.close()
        thread.join(5)
