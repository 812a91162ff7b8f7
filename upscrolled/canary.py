"""How long a request waits before Python sees it, measured by sending some.

The web server queues requests outside of Python: no thread of ours can see how many wait. So each process sends
itself and its siblings a small request over a new connection a few times a second, which waits in the same
queues as everybody's, at the door and inside. The sender writes down when it sent it, and whichever process
receives it learns how long it waited there: all of a machine read the same clock. Proxies in front are not asked.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

from django.conf import settings

from upscrolled.shedding import gauge

log = logging.getLogger(__name__)

HEADER: Final = "X-Canary"
_ENVIRON: Final = "HTTP_X_CANARY"
HURRIED, AT_LEISURE = 0.1, 1.0  # seconds between two probes, while somebody waits and while nobody does
PATIENCE: Final = 2.0  # seconds; what has not come by then has waited that long at least
_OLDEST_MS: Final = 60_000.0
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Canary:
    """WSGI around the application: takes our own probes out, before anything else costs time.

    The first request starts the thread that sends them, so a process that only imports this sends none.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._process = 0  # whose thread sends; -1 when none shall

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a probe of ours by 204; hand everything else on."""
        if self._process not in (os.getpid(), -1):
            self._start()
        stamp = environ.get(_ENVIRON)
        if stamp is not None and (waited := waited_ms(stamp, time.monotonic())) is not None:
            gauge.hear(waited)
            start_response("204 No Content", [])
            return [b""]
        return self._application(environ, start_response)

    def _start(self) -> None:
        with self._lock:
            if not gauge.is_on:
                self._process = -1
            elif self._process != os.getpid():
                threading.Thread(target=_send_on, name="canary", daemon=True).start()
                self._process = os.getpid()


def stamp(now: float) -> str:
    """Return the header of a probe sent at `now` (seconds of the monotonic clock); only we can write it."""
    return f"{_secret()}:{now:.6f}"


def waited_ms(text: str, now: float) -> float | None:
    """Return how long a probe waited, or None if it is none of ours."""
    secret, _, sent = text.partition(":")
    if not hmac.compare_digest(secret.encode(), _secret().encode()):
        return None
    try:
        waited = (now - float(sent)) * 1_000
    except ValueError:
        return None
    return waited if 0.0 <= waited <= _OLDEST_MS else None


def send(host: str, port: int) -> socket.socket:
    """Send one probe; its answer will come over the connection that is returned. Raises OSError."""
    connection = socket.create_connection((host, port), timeout=PATIENCE)
    try:
        head = f"GET /health HTTP/1.1\r\nHost: {host}\r\n{HEADER}: {stamp(time.monotonic())}\r\nConnection: close"
        connection.sendall(f"{head}\r\n\r\n".encode())
    except OSError:
        connection.close()
        raise
    return connection


class Flock:
    """The probes that are under way. What they learn late is known early: they have waited that long already."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._waiting: deque[tuple[float, socket.socket]] = deque()
        self._failed = False

    def fly(self) -> float:
        """Look for those that are back, send another, and return the seconds after which to do so again."""
        begun = time.monotonic()
        self._collect(begun)
        try:
            connection = send(self._host, self._port)
            self._failed = False
        except TimeoutError:
            gauge.hear(PATIENCE * 1_000)
            return HURRIED
        except OSError as error:
            if not self._failed:
                where = f"{self._host}:{self._port} (HOST, PORT)"
                log.warning("Nothing is shed, for %s does not answer: %s", where, error)
            self._failed = True
            return AT_LEISURE
        self._waiting.append((begun, connection))
        connection.settimeout(HURRIED)
        if not _is_back(connection):
            return 0.0
        self._waiting.pop()
        connection.close()
        took = time.monotonic() - begun
        if gauge.level == 0.0 and not self._waiting and took * 4_000 < gauge.controller.target_ms:
            return AT_LEISURE
        return max(HURRIED - took, 0.0)

    def close(self) -> None:
        """Wait for none of them any more."""
        while self._waiting:
            self._waiting.pop()[1].close()

    def _collect(self, now: float) -> None:
        still = deque[tuple[float, socket.socket]]()
        for sent, connection in self._waiting:
            connection.settimeout(0.0)
            if _is_back(connection):
                connection.close()
            elif now - sent > PATIENCE:
                gauge.hear(PATIENCE * 1_000)
                connection.close()
            else:
                still.append((sent, connection))
        self._waiting = still
        if still:
            gauge.hear((now - still[0][0]) * 1_000)


def _is_back(connection: socket.socket) -> bool:
    """Say whether a probe was answered, or lost: either way there is nothing more to wait for."""
    try:
        connection.recv(64)
    except (BlockingIOError, TimeoutError):
        return False
    except OSError:
        return True
    return True


def _send_on() -> None:
    """Probe for as long as the process lives."""
    flock = Flock(_EVERYWHERE.get(settings.HOST, settings.HOST), settings.PORT)
    while True:
        time.sleep(flock.fly())


@lru_cache(maxsize=1)
def _secret() -> str:
    return hmac.new(settings.SECRET_KEY.encode(), b"canary", hashlib.sha256).hexdigest()[:32]
