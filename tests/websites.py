"""Other people's web servers, on loopback: each path answers as a test wants, down to the byte.

They are reached through `LOOPBACK.reach`, which is an argument of what fetches and of nothing else.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.waiting import PATIENCE
from upscrolled.outbound.reach import Reach

Handler = Callable[[socket.socket], None]


class Website:
    """A server that knows some paths; `asked` are the requests it got, as they came."""

    def __init__(self) -> None:
        self.paths: dict[str, Handler] = {}
        self.asked: list[str] = []
        self._over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.port = self._listening.getsockname()[1]
        self._run(self._listen)

    @property
    def reach(self) -> Reach:
        """How far a fetch must go to find this server under any name, on the ports of the web."""
        return Reach(allowed=("127.0.0.1/32",), resolver=self.resolve)

    def resolve(self, host: str, port: int, *_: Any) -> list[Any]:
        """Every name lies here."""
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", self.port))]

    def says(
        self, path: str, body: str | bytes, *, kind: str = "text/html; charset=utf-8", **headers: str
    ) -> None:
        """Answer a path with this."""
        content = body.encode() if isinstance(body, str) else body
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n{more}\r\n"
        self.paths[path] = lambda peer: peer.sendall(head.encode() + content)

    def answers(self, path: str, status: int, **headers: str) -> None:
        """Answer a path with a status."""
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {status} So\r\nContent-Length: 0\r\n{more}\r\n"
        self.paths[path] = lambda peer: peer.sendall(head.encode())

    def drips(self, path: str, head: bytes, piece: bytes, *, every: float) -> None:
        """Answer a path with a head and then pieces, for ever."""

        def drip(peer: socket.socket) -> None:
            peer.sendall(head)
            while not self._over.wait(every):
                peer.sendall(piece)

        self.paths[path] = drip

    def takes_its_time(self, path: str, answer: bytes, *, seconds: float) -> None:
        """Answer a path with this, only later."""

        def wait(peer: socket.socket) -> None:
            self._over.wait(seconds)
            peer.sendall(answer)

        self.paths[path] = wait

    def close(self) -> None:
        """Hang up on everybody."""
        self._over.set()
        # A thread in accept() wakes for a visitor, not for a close.
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._threads[0].join(PATIENCE)
        self._listening.close()
        for thread in self._threads[1:]:
            thread.join(PATIENCE)

    def _listen(self) -> None:
        while not self._over.is_set():
            peer, _ = self._listening.accept()
            self._run(lambda peer=peer: self._serve(peer))

    def _serve(self, peer: socket.socket) -> None:
        with peer:
            peer.settimeout(PATIENCE)
            try:
                request = b""
                while b"\r\n\r\n" not in request:
                    piece = peer.recv(65_536)
                    if not piece:
                        return
                    request += piece
                self.asked.append(request.decode())
                path = request.split(b" ")[1].decode()
                self.paths.get(path, _not_found)(peer)
                peer.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the visitor has gone

    def _run(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()


def _not_found(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


@contextmanager
def website() -> Iterator[Website]:
    """A server for the length of a test."""
    site = Website()
    try:
        yield site
    finally:
        site.close()
