"""The product's own processes on servers of a test's choice: granian as `make up` and docker-compose.yml start it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from tests.scale.stores import scratch
from upscrolled.bulkhead import THREADS
from upscrolled.dev.guard import Guard, kill_all
from upscrolled.dev.server import spawn
from upscrolled.dev.servers import EmbeddedValkey, free_port

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
_FOREIGN = ("DATABASE_URL", "DATABASE_REPLICA_URL", "VALKEY_URL", "CACHE_URL", "DEBUG", "PUBLIC_URL")


class Process:
    """A program that was started here, with everything it starts."""

    def __init__(self, arguments: list[str], *, environ: dict[str, str], log: Path, guard: Guard) -> None:
        self._arguments, self._environ, self.log, self._guard = arguments, environ, log, guard
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with open(self.log, "ab") as output:
            self._process = spawn(
                self._arguments,
                output=output.fileno(),
                end_signal=signal.SIGTERM,
                environ=self._environ,
                cwd=ROOT,
            )
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._guard.watch(self._process.pid, end_signal=signal.SIGTERM, limit=5)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def said(self) -> str:
        return self.log.read_text()

    def kill(self) -> None:
        """End it and its children at once, as a power cut does."""
        if self._process is not None:
            kill_all(self._process.pid)
            self._process.wait()
            self._guard.forget(self._process.pid)
            self._process = None

    def stop(self) -> None:
        """Ask it to end, and see that it does."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(15)
        self.kill()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account and a signed-in app."""

    id: int
    token: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP; status 0 when nothing did."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class App:
    """A person's app at one address. It keeps its connection, as apps do."""

    def __init__(self, port: int, person: Person | None = None, *, source: str = "", **headers: str) -> None:
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", port, timeout=20, source_address=(source, 0) if source else None
        )
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if person is not None:
            self.headers["Authorization"] = f"Bearer {person.token}"
        weakref.finalize(self, self._connection.close)

    def get(self, path: str) -> Answer:
        return self._send("GET", path)

    def post(self, path: str, **fields: str) -> Answer:
        return self._send("POST", path, urlencode(fields).encode())

    def _send(self, method: str, path: str, body: bytes | None = None) -> Answer:
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, response.read(), found)
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return Answer(0)


class Product:
    """Web processes, and the worker if asked for, on stores that stand."""

    def __init__(self, directory: Path, guard: Guard, stores: dict[str, str], **settings: str) -> None:
        self.directory, self.guard = directory, guard
        self.environ = {name: value for name, value in os.environ.items() if name not in _FOREIGN} | {
            "DATA_DIR": str(directory),
            "DJANGO_SETTINGS_MODULE": "upscrolled.settings",
            "SECRET_KEY": "the same for every process",
            "RATE_LIMITS": "false",
            "LOG_LEVEL": "WARNING",
            "SHED_TARGET_MS": "0",
            **stores,
            **settings,
        }

    def run(self, *arguments: str) -> str:
        """Run a program of ours to its end; return what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def populate(self, *names: str) -> dict[str, Person]:
        """Migrate, and make these people."""
        self.run("manage.py", "migrate", "--noinput", "--verbosity", "0")
        made = json.loads(self.run("-m", "tests.scale.population", *names))
        return {name: Person(*facts) for name, facts in made.items()}

    @contextmanager
    def web(self, *, threads: int = 4, **settings: str) -> Iterator[tuple[int, Process]]:
        """One granian with one worker process; its port, when it answers, and itself."""
        settings = {"WEB_THREADS": str(threads)} | settings
        port = free_port()
        command = ["-m", "granian", "--interface", "wsgi", "--http", "1", "--host", "127.0.0.1"]
        command += ["--port", str(port), "--workers", "1", "--no-ws", "--blocking-threads", str(THREADS)]
        command += ["--backpressure", "512", "--workers-kill-timeout", "3", "upscrolled.wsgi:application"]
        with self._running(f"web-{port}", command, settings) as process:
            until(lambda: App(port).get("/health").status, lambda status: status == 200, seconds=60)
            yield port, process

    @contextmanager
    def worker(self) -> Iterator[Process]:
        """A Celery worker for the deliveries."""
        command = ["-W", "ignore:You're running the worker with superuser privileges", "-m", "celery"]
        command += ["-A", "upscrolled", "--quiet", "worker", "--loglevel", "WARNING", "--concurrency", "1"]
        command += ["--queues", "critical,fanout,default", "--without-gossip", "--without-mingle"]
        with self._running("worker", command, {}) as process:
            yield process

    @contextmanager
    def _running(self, name: str, command: list[str], settings: dict[str, str]) -> Iterator[Process]:
        process = Process(
            [sys.executable, *command],
            environ=self.environ | settings,
            log=self.directory / f"{name}.log",
            guard=self.guard,
        )
        process.start()
        try:
            yield process
        finally:
            process.stop()
            print(f"--- {name} said:\n{process.said[-8_000:]}")  # pytest shows it when a test fails


@contextmanager
def product(stores: dict[str, str], **settings: str) -> Iterator[Product]:
    """A product on these stores; the Valkeys that are not among them are started."""
    with scratch("product") as (directory, guard), ExitStack() as started:
        for name, persistent in (("VALKEY_URL", True), ("CACHE_URL", False)):
            if name not in stores:
                spare = directory / "spare"
                server = EmbeddedValkey(directory, persistent=persistent, guard=guard, spare=spare)
                server.start()
                started.callback(server.stop)
                stores = {**stores, name: server.url}
        yield Product(directory, guard, stores, **settings)


class Load:
    """Threads that ask again and again, each with an app of its own; every answer is kept."""

    def __init__(self, askers: list[Callable[[], Answer]]) -> None:
        self._askers = askers
        self._over = threading.Event()
        self.answers: list[Answer] = []

    def __enter__(self) -> Load:
        self._threads = [threading.Thread(target=self._ask, args=(asker,)) for asker in self._askers]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def statuses(self) -> dict[int, int]:
        """How many answers there were of each status."""
        counts: dict[int, int] = {}
        for answer in self.answers:
            counts[answer.status] = counts.get(answer.status, 0) + 1
        return counts

    def _ask(self, asker: Callable[[], Answer]) -> None:
        while not self._over.is_set():
            self.answers.append(asker())


def until(read: Callable[[], T], is_right: Callable[[T], bool], *, seconds: float = 5.0) -> T:
    """Read again and again until it is right; fail when the time is over."""
    end = time.monotonic() + seconds
    while not is_right(value := read()):
        assert time.monotonic() < end, f"not in {seconds:g} seconds; the last was {value!r}"
        time.sleep(0.05)
    return value
