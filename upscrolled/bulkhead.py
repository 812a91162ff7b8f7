"""Few threads work, many wait: somebody's slow network stands in nobody's way (the bulkhead pattern).

WSGI gives a request one thread from its first byte to its last. Few are needed to use the processor, and many to wait
for phones in a train: four that never end their form would end the site. So the server starts as many threads as wait
(THREADS), and those have the work done by as many others as work well beside each other. A body comes before that;
what is too large to be kept in memory, sent or answered, goes on in the threads that wait. Where too many of these are
taken, whoever comes next is told when to come again.

Connections to the database belong to threads that work, so there are as few as of those.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any, Final

from django.db import connections

THREADS: Final = 64  # that the server may start in a process; it starts them as they are needed
# Bytes of a body that is read before anything else, and of an answer that is made in one piece.
AT_ONCE: Final = 1024 * 1024
# What keeps of a body that breaks off as much as has come (tus 1.0, PATCH): it has to see it come.
RESUMABLE: Final = "application/offset+octet-stream"
SPARE: Final = 8  # threads that wait for nobody's network, so that whoever sends no body is always answered
# In the environment of a request: why it is not answered as it would like.
CROWDED: Final = "upscrolled.crowded"
CUT_OFF: Final = "upscrolled.cut_off"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Bulkhead:
    """WSGI around the application, which finds bodies of ordinary size complete.

    `workers` is how many requests are worked on at once, in the order in which they came; `flows` how many more may
    send or be sent something long. What is left of THREADS may be slow with forms.
    """

    def __init__(self, application: Application, *, workers: int, flows: int) -> None:
        self._application = application
        self._workers = ThreadPoolExecutor(workers, "worker")
        self._flows = threading.BoundedSemaphore(flows)
        self._reading = threading.BoundedSemaphore(THREADS - SPARE - flows)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer when somebody has time for it."""
        length = _length(environ)
        if length > AT_ONCE or environ.get("CONTENT_TYPE") == RESUMABLE:
            return self._answer_here(environ, start_response)
        if length:
            self._read(environ, length)
        return self._answer(environ, start_response)

    def _read(self, environ: dict[str, Any], length: int) -> None:
        if not self._reading.acquire(blocking=False):
            environ[CROWDED] = True
            return
        try:
            body = environ["wsgi.input"].read(length)
        finally:
            self._reading.release()
        if len(body) < length:
            environ[CUT_OFF] = len(body)
        environ["wsgi.input"] = BytesIO(body)

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self._workers.submit(self._work, environ, start_response).result()
        if isinstance(answer, list):
            return answer
        if self._flows.acquire(blocking=False):
            return _Flow(answer, self._flows)
        answer.close()  # type: ignore[attr-defined]  # Django's answers have it
        environ[CROWDED] = True
        return self._answer(environ, start_response)

    def _work(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self._application(environ, start_response)
        return answer if _takes_long(answer) else _whole(answer)

    def _answer_here(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not self._flows.acquire(blocking=False):
            environ[CROWDED] = True
            return self._answer(environ, start_response)
        try:
            return _whole(self._application(environ, start_response))
        finally:
            connections.close_all()
            self._flows.release()


class _Flow:
    """A long answer that is sent piece by piece, and lets the next one in when it ends, however it ends."""

    def __init__(self, answer: Any, gate: threading.Semaphore) -> None:
        self._answer, self._pieces = answer, iter(answer)
        self._gate: threading.Semaphore | None = gate

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)  # type: ignore[no-any-return]

    def close(self) -> None:
        self._leave()
        connections.close_all()

    def __del__(self) -> None:
        self._leave()  # In whose thread this is nobody knows: its connections are not ours.

    def _leave(self) -> None:
        gate, self._gate = self._gate, None
        if gate is not None:
            self._answer.close()
            gate.release()


def _takes_long(answer: Any) -> bool:
    """Say whether an answer is sent piece by piece, and of unknown length or longer than is kept in memory."""
    return getattr(answer, "streaming", False) and int(answer.get("Content-Length", AT_ONCE + 1)) > AT_ONCE


def _whole(answer: Iterable[bytes]) -> list[bytes]:
    """Return an answer as the server takes it quickest: in one piece, and closed."""
    body = [b"".join(answer)]
    if (close := getattr(answer, "close", None)) is not None:
        close()
    return body


def _length(environ: dict[str, Any]) -> int:
    """Return the length of the body as announced, in bytes; 0 for none, and for what is no number."""
    said = environ.get("CONTENT_LENGTH", "")
    return int(said) if said.isascii() and said.isdigit() else 0
