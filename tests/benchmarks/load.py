"""A light load generator: keep-alive connections, one thread each, closed loop. Its own CPU is not counted."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """One request, and the status that it must be answered with."""

    method: str
    path: str
    token: str = ""
    body: bytes = b""
    status: int = 200
    media_type: str = "application/json"


@dataclass
class Answers:
    """What came back: milliseconds for each request, bytes in all, and the last body."""

    milliseconds: list[float] = field(default_factory=list)
    size: int = 0
    body: bytes = b""
    seconds: float = 0.0


class Wrong(Exception):
    """An answer had another status than it must have; a figure made of it would mean nothing."""


class Generator:
    """Connections to one address, kept open between blocks as an app's are."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connections: list[http.client.HTTPConnection] = []

    def run(self, requests: Sequence[Request], *, connections: int) -> Answers:
        """Send all requests over so many connections at once; return when the last is answered."""
        while len(self._connections) < connections:
            self._connections.append(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30))
        answers, lock = Answers(), threading.Lock()
        queue: Iterator[Request] = iter(requests)
        failed: list[BaseException] = []

        def work(connection: http.client.HTTPConnection) -> None:
            while not failed:
                with lock:
                    request = next(queue, None)
                if request is None:
                    return
                try:
                    begun = time.perf_counter()
                    body = send(connection, request)
                    took = (time.perf_counter() - begun) * 1_000
                except Exception as error:
                    failed.append(error)
                    return
                with lock:
                    answers.milliseconds.append(took)
                    answers.size += len(body)
                    answers.body = body

        begun = time.perf_counter()
        self._at_once(work, connections)
        answers.seconds = time.perf_counter() - begun
        if failed:
            raise failed[0]
        return answers

    def paced(self, requests: Sequence[Request], *, rate: float, connections: int) -> Answers:
        """Send requests at a steady rate, whether or not the ones before are answered.

        A request waits from the moment at which it was due: time that it spent in the queue of a slow server
        counts.
        """
        while len(self._connections) < connections:
            self._connections.append(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30))
        answers, lock = Answers(), threading.Lock()
        queue = iter(enumerate(requests))
        failed: list[BaseException] = []
        begun = time.perf_counter() + 0.1

        def work(connection: http.client.HTTPConnection) -> None:
            while not failed:
                with lock:
                    number, request = next(queue, (0, None))
                if request is None:
                    return
                due = begun + number / rate
                time.sleep(max(0.0, due - time.perf_counter()))
                try:
                    body = send(connection, request)
                except Exception as error:
                    failed.append(error)
                    return
                with lock:
                    answers.milliseconds.append((time.perf_counter() - due) * 1_000)
                    answers.size += len(body)

        self._at_once(work, connections)
        answers.seconds = time.perf_counter() - begun
        if failed:
            raise failed[0]
        return answers

    def _at_once(self, work: Callable[[http.client.HTTPConnection], None], connections: int) -> None:
        """Let that many connections work at the same time, and wait for all of them."""
        threads = [threading.Thread(target=work, args=(one,)) for one in self._connections[:connections]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def ask(self, request: Request) -> bytes:
        """Send one request."""
        return self.run([request], connections=1).body

    def close(self) -> None:
        for connection in self._connections:
            connection.close()


@contextmanager
def generator(port: int) -> Iterator[Generator]:
    """Open a generator and close its connections at the end."""
    opened = Generator(port)
    try:
        yield opened
    finally:
        opened.close()


def send(connection: http.client.HTTPConnection, request: Request) -> bytes:
    """Send one request over a connection. Raises Wrong."""
    headers = {"Authorization": f"Bearer {request.token}"} if request.token else {}
    if request.body:
        headers["Content-Type"] = request.media_type
    try:
        connection.request(request.method, request.path, request.body or None, headers)
        response = connection.getresponse()
    except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
        connection.close()  # It was idle for so long that the server gave it up.
        connection.request(request.method, request.path, request.body or None, headers)
        response = connection.getresponse()
    body = response.read()
    if response.status != request.status:
        raise Wrong(f"{request.method} {request.path} answered {response.status}: {body[:200]!r}")
    return body


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
