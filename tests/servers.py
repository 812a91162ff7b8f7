"""The servers of a test run: one PostgreSQL and two Valkeys in a temporary directory.

The first process of a run starts them and says so in the environment; pytest-xdist's workers inherit
that, get databases of their own from pytest-django, and one numbered Valkey database each.
"""

from __future__ import annotations

import atexit
import os
import re
import socket
import tempfile
from contextlib import ExitStack
from pathlib import Path

from upscrolled import env
from upscrolled.dev.guard import Guard
from upscrolled.dev.servers import EmbeddedPostgres, EmbeddedValkey, Server

VALKEY_DATABASES = 16
SERVERS = ("DATABASE_URL", "VALKEY_URL", "CACHE_URL")
# What a run may be given; every other setting of the shell (PORT, DEBUG, …) is the shell's, and not the tests'.
KEPT = {*SERVERS, "DATABASE_OWNER_URL", "DATABASE_REPLICA_URL", "FFMPEG", "FFMPEG_THREADS", "SEARCH_BACKEND"}
_started: list[Server] = []
_guard: Guard | None = None


def start_for_tests() -> dict[str, str]:
    """Return (and put into the environment) this process's DATABASE_URL, VALKEY_URL and CACHE_URL.

    Servers that the environment already names are used as they are; the others are started, stopped at
    exit, and ended by a guard if this process is killed. Call it before Django reads its settings.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        number = _number(os.environ["PYTEST_XDIST_WORKER"])
        for name in ("VALKEY_URL", "CACHE_URL"):
            os.environ[name] = _numbered(os.environ[name], number)
    else:
        _tidy_environment()
        _start_missing()
    return {name: os.environ[name] for name in SERVERS}


def stop_for_tests() -> None:
    """Stop what `start_for_tests` started in this process and remove its files."""
    global _guard
    while _started:
        _started.pop().stop()
    if _guard is not None:
        _guard.close()
        _guard = None


def free_ports(count: int) -> list[int]:
    """So many ports that nobody listens on right now, no two the same."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(probe.getsockname()[1]) for probe in probes]


def _tidy_environment() -> None:
    """Leave no setting of the shell that runs the tests, and no proxy before the servers of this machine."""
    for variable in env.VARS:
        if variable.name not in KEPT:
            os.environ.pop(variable.name, None)
    os.environ["SECRET_KEY"] = "only-for-tests"
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,::1,localhost"


def _start_missing() -> None:
    global _guard
    missing = [name for name in SERVERS if not os.environ.get(name)]
    if not missing:
        return
    atexit.register(stop_for_tests)
    directory = Path(tempfile.mkdtemp(prefix="upscrolled-test-"))
    directory.chmod(0o711)  # When we are root, the servers' user has to pass.
    _guard = guard = Guard(remove=directory)
    make: dict[str, Server] = {
        "DATABASE_URL": EmbeddedPostgres(directory, durable=False, guard=guard, spare=directory),
        "VALKEY_URL": EmbeddedValkey(directory, persistent=True, guard=guard, spare=directory),
        "CACHE_URL": EmbeddedValkey(directory, persistent=False, guard=guard, spare=directory),
    }
    for name in missing:
        server = make[name]
        server.start()
        _started.append(server)
        os.environ[name] = server.url


def _number(worker: str) -> int:
    """Return the number of a worker: `gw3` is 3."""
    number = int(re.sub(r"\D", "", worker) or 0)
    if number >= VALKEY_DATABASES:
        raise RuntimeError(f"Valkey has {VALKEY_DATABASES} databases: run at most that many test workers.")
    return number


def _numbered(url: str, number: int) -> str:
    if "+cluster://" in url:
        if number:
            raise RuntimeError("A cluster has no numbered databases: run one test worker (-n 0) on it.")
        return url
    return re.sub(r"/\d+$", "", url) + f"/{number}"
