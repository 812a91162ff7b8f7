"""All of `manage.py up`: which processes there are, what they need, and what is said about them."""

from __future__ import annotations

import errno
import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
import redis
from psycopg import sql

from upscrolled import env
from upscrolled.celery import QUEUES
from upscrolled.core import valkey
from upscrolled.dev.errors import StartError
from upscrolled.dev.guard import Guard
from upscrolled.dev.locks import Held, Lock
from upscrolled.dev.output import Console
from upscrolled.dev.places import make_directory, settle
from upscrolled.dev.servers import EmbeddedPostgres, EmbeddedValkey, Server
from upscrolled.dev.supervisor import Stopped, Supervisor
from upscrolled.dev.units import Probe, Program, ServerUnit

ROOT = Path(__file__).resolve().parent.parent.parent
_WAIT_FOR_PREDECESSOR = 90.0
_LAST_PORT, _FIRST_FREE_PORT = 65_535, 1_024
_ENDPOINTS = ("DATABASE_URL", "VALKEY_URL", "CACHE_URL")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the environment asks for, read once."""

    data_dir: Path
    host: str
    port: int
    streaming_port: int
    web_processes: int
    web_threads: int
    worker_concurrency: int
    cache_memory_mb: int
    database_memory_mb: int
    log_level: str
    public_url: str
    given: dict[str, str]  # The servers that somebody else runs.

    @classmethod
    def read(cls) -> Plan:
        """Read the settings. Raises StartError with the first one that makes no sense."""
        try:
            for var in env.VARS:
                env.read(var.name)
            plan = cls(
                data_dir=env.read("DATA_DIR"),
                host=env.read("HOST"),
                port=env.read("PORT"),
                streaming_port=env.read("STREAMING_PORT"),
                web_processes=env.read("WEB_PROCESSES"),
                web_threads=env.read("WEB_THREADS"),
                worker_concurrency=env.read("WORKER_CONCURRENCY"),
                cache_memory_mb=env.read("CACHE_MEMORY_MB"),
                database_memory_mb=env.read("DATABASE_MEMORY_MB"),
                log_level=env.read("LOG_LEVEL"),
                public_url=env.read("PUBLIC_URL"),
                given={name: env.read(name) for name in _ENDPOINTS if env.read(name)},
            )
        except env.BadSetting as error:
            raise StartError(str(error)) from None
        for name, port in (("PORT", plan.port), ("STREAMING_PORT", plan.streaming_port)):
            if not 1 <= port <= _LAST_PORT:
                raise StartError(f"{name} must be between 1 and {_LAST_PORT}, not {port}.")
        if plan.port == plan.streaming_port:
            raise StartError(f"PORT and STREAMING_PORT are both {plan.port}; set one of them to another.")
        return plan

    @property
    def reachable_host(self) -> str:
        """The host as a client on this machine writes it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)
        return f"[{host}]" if ":" in host else host

    @property
    def address(self) -> str:
        return f"http://{self.reachable_host}:{self.port}"

    @property
    def run_dir(self) -> Path:
        return self.data_dir / "run"


def run(*, console: Console, accounts_table: str, make_demo: bool) -> None:
    """Run everything until asked to stop. Raises StartError; then nothing is left running."""
    plan = Plan.read()
    make_directory(plan.data_dir)
    for directory in (plan.run_dir, plan.data_dir / "log"):
        make_directory(directory)
        directory.chmod(0o700)
    lock = _lock(plan, console)
    try:
        _require_port(plan, "PORT", plan.port)
        _require_port(plan, "STREAMING_PORT", plan.streaming_port)
        # The guard inherits the lock: until it has ended what a killed supervisor left, nobody starts.
        guard = Guard(keep_open=lock.descriptor)
        try:
            with Supervisor(console=console, logs=plan.data_dir / "log", guard=guard) as supervisor:
                _run(plan, supervisor, accounts_table=accounts_table, make_demo=make_demo)
        finally:
            (plan.run_dir / "services.json").unlink(missing_ok=True)
            guard.close()
    except Stopped:
        pass
    except OSError as error:
        raise StartError.from_os_error(error, Path(error.filename or plan.data_dir)) from error
    finally:
        lock.release()
    console.say("All stopped.")


def _run(plan: Plan, supervisor: Supervisor, *, accounts_table: str, make_demo: bool) -> None:
    urls = _start_servers(plan, supervisor)
    _write_services(plan, urls)
    environ = _environment(plan, urls)

    def manage(*arguments: str) -> int:
        name, root = arguments[0], str(ROOT / "manage.py")
        return supervisor.run_once(
            Program(name, [root, *arguments], environ=environ, cwd=ROOT, guard=supervisor.guard)
        )

    if manage("migrate", "--noinput", "--verbosity", "1"):
        raise StartError("The migrations failed; what they said stands above.")
    if make_demo and _is_empty(urls["DATABASE_URL"], accounts_table):
        supervisor.console.say("The database is empty: making the demo.")
        if manage("demo"):
            raise StartError("The demo could not be made; what it said stands above.")
    supervisor.start(_programs(plan, environ, supervisor.guard))
    supervisor.console.say(_banner(plan, supervisor.running))
    supervisor.watch()


def _lock(plan: Plan, console: Console) -> Lock:
    """Take the data directory for ourselves; wait while the guard of a killed run is still clearing up."""
    lock = Lock(plan.run_dir / "up.lock")
    end, told = time.monotonic() + _WAIT_FOR_PREDECESSOR, False
    while True:
        try:
            lock.acquire({"pid": str(os.getpid()), "address": plan.address})
            return lock
        except OSError as error:
            raise StartError.from_os_error(error, lock.path) from error
        except Held as held:
            pid, address = held.note.get("pid", "unknown"), held.note.get("address", "unknown")
            if time.monotonic() > end or not pid.isdigit() or _lives(int(pid)):
                raise StartError(
                    f"UpScrolled already runs on {plan.data_dir} (process {pid}, {address}); stop it first, "
                    "or set DATA_DIR, PORT and STREAMING_PORT to run another."
                ) from None
        if not told:
            console.say("An earlier run was killed; waiting until what it left has ended.")
            told = True
        time.sleep(0.2)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _require_port(plan: Plan, name: str, port: int) -> None:
    """See that we shall be able to listen there, before anything is started."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            plan.host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise StartError(f"{plan.host}:{port} is no address to listen on; check HOST and {name}.") from None
    with closing(socket.socket(family, kind, protocol)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            raise StartError(_port_sentence(plan, name, port, error)) from None


def _port_sentence(plan: Plan, name: str, port: int, error: OSError) -> str:
    step = 8_000 if port < _FIRST_FREE_PORT else 80
    other = port + step if port + step <= _LAST_PORT else port - step
    another = f"set {name} to another, for example {name}={other} make up."
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken; {another}"
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than this user has; {another}"
    return f"{plan.host}:{port} is no address of this machine; check HOST and {name}."


# --- servers ----------------------------------------------------------------------------------------


def _start_servers(plan: Plan, supervisor: Supervisor) -> dict[str, str]:
    """Start the embedded servers that nobody else provides, and return the addresses of all three."""
    guard = supervisor.guard
    make: dict[str, Callable[[], Server]] = {
        "DATABASE_URL": lambda: EmbeddedPostgres(
            plan.data_dir, memory_mb=plan.database_memory_mb, guard=guard
        ),
        "VALKEY_URL": lambda: EmbeddedValkey(plan.data_dir, persistent=True, guard=guard),
        "CACHE_URL": lambda: EmbeddedValkey(
            plan.data_dir, persistent=False, max_memory_mb=plan.cache_memory_mb, guard=guard
        ),
    }
    for name, url in plan.given.items():
        _require_server(name, url)
    embedded = {name: make[name]() for name in _ENDPOINTS if name not in plan.given}
    supervisor.start([ServerUnit(server, supervisor.console.say) for server in embedded.values()])
    return {**plan.given, **{name: server.url for name, server in embedded.items()}}


def _require_server(name: str, url: str) -> None:
    """See that a server which somebody else runs answers; its address is secret and is not repeated."""
    try:
        if name == "DATABASE_URL":
            psycopg.connect(libpq_url(url), connect_timeout=10).close()
        else:
            with valkey.client_of(url) as client:
                client.ping()
    except (psycopg.Error, redis.RedisError, ValueError) as error:
        said = str(error).strip().splitlines()[0]
        raise StartError(f"The server that {name} names does not answer: {said}") from None


def libpq_url(url: str) -> str:
    """Return a DATABASE_URL without the parameters that only our settings know."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "prepare_threshold"]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _write_services(plan: Plan, urls: dict[str, str]) -> None:
    """Write down where the servers are, for `manage.py` in other shells (read by settings.py)."""
    path = plan.run_dir / "services.json"
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({name.lower(): url for name, url in urls.items()}, file)
    draft.replace(path)


def _is_empty(database_url: str, accounts_table: str) -> bool:
    with psycopg.connect(libpq_url(database_url), connect_timeout=10) as connection:
        query = sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(sql.Identifier(accounts_table))
        row = connection.execute(query).fetchone()
    return row is not None and not row[0]


# --- programs ---------------------------------------------------------------------------------------


def _environment(plan: Plan, urls: dict[str, str]) -> dict[str, str]:
    return {
        **os.environ,
        **urls,
        "DATA_DIR": str(plan.data_dir),
        "DJANGO_SETTINGS_MODULE": "upscrolled.settings",
        "PYTHONUNBUFFERED": "1",
    }


def _programs(plan: Plan, environ: dict[str, str], guard: Guard) -> list[Program]:
    """Return the project's processes, in the order in which they start; they stop in reverse."""
    granian = ["-m", "granian", "--host", plan.host, "--http", "1", "--respawn-failed-workers"]
    granian += ["--workers-kill-timeout", "8"]
    # The banner says what root means here; Celery need not say it again.
    celery = ["-W", "ignore:You're running the worker with superuser privileges"]
    celery += ["-m", "celery", "-A", "upscrolled", "--quiet"]
    loglevel = ["--loglevel", plan.log_level]

    def program(
        name: str, arguments: list[str], probe: Probe | None = None, *, limit: float = 10.0
    ) -> Program:
        # Celery finishes the tasks at hand on SIGTERM and drops them on SIGQUIT; granian knows only TERM.
        steps = [(signal.SIGTERM, limit), (signal.SIGKILL, 5.0)]
        if name == "worker":
            steps.insert(1, (signal.SIGQUIT, 5.0))
        return Program(name, arguments, environ=environ, cwd=ROOT, guard=guard, stop_steps=steps, probe=probe)

    web = [*granian, "--interface", "wsgi", "--port", str(plan.port), "--workers", str(plan.web_processes)]
    # Backpressure bounds accepted connections, not requests: idle ones count too, so it must not be small.
    # What waits is bounded by it all the same, for a connection asks for one thing at a time.
    web += ["--no-ws", "--blocking-threads", str(plan.web_threads), "--backpressure", "512"]
    web += ["upscrolled.wsgi:application"]
    streaming = [*granian, "--interface", "asgi", "--port", str(plan.streaming_port), "--workers", "1"]
    streaming += ["upscrolled.asgi:application"]
    worker = [*celery, "worker", *loglevel, "--queues", ",".join(QUEUES), "--hostname", "worker@%h"]
    worker += ["--concurrency", str(plan.worker_concurrency), "--without-gossip", "--without-mingle"]
    beat = [*celery, "beat", *loglevel, "--pidfile", "", "--schedule", str(plan.run_dir / "beat-schedule")]
    host = plan.reachable_host.strip("[]")
    return [
        program("web", web, Answers(host, plan.port, "/health/ready")),
        program("streaming", streaming, Answers(host, plan.streaming_port, "/api/v1/streaming/health")),
        program("worker", worker, limit=20.0),
        program("beat", beat),
    ]


class Answers:
    """A probe over HTTP: ready when the path answers 200; what else it answered becomes the note."""

    def __init__(self, host: str, port: int, path: str) -> None:
        self.note = ""
        self._host, self._port, self._path = host, port, path
        self._ask_at = 0.0

    def __call__(self) -> bool:
        if time.monotonic() < self._ask_at:
            return False
        self._ask_at = time.monotonic() + 0.25
        connection = http.client.HTTPConnection(self._host, self._port, timeout=3)
        try:
            connection.request("GET", self._path)
            response = connection.getresponse()
            said = response.read(500).decode(errors="replace").strip()
        except (OSError, http.client.HTTPException):
            return False  # Not listening yet.
        finally:
            connection.close()
        self.note = f"{self._path} answers {response.status} {said}"
        return response.status == 200


# --- what is said -----------------------------------------------------------------------------------


def _banner(plan: Plan, running: list[tuple[str, int]]) -> str:
    rows = [
        ("API and pages", plan.address),
        ("API reference", f"{plan.address}/api/docs"),
        ("Streaming", f"ws://{plan.reachable_host}:{plan.streaming_port}"),
        ("Health", f"{plan.address}/health/ready"),
    ]
    if plan.public_url:
        rows.insert(0, ("Public address", plan.public_url))
    if plan.host in ("0.0.0.0", "::"):
        rows.append(("Listening on", "all addresses of this machine"))
    home = settle(plan.data_dir).home
    if home != plan.data_dir:
        rows.append(("Databases", str(home)))
    rows += [
        ("Data", str(plan.data_dir)),
        ("Logs", str(plan.data_dir / "log")),
        ("Running", ", ".join(f"{name} ({pid})" for name, pid in running)),
    ]
    if plan.given:
        rows.append(("Run by others", ", ".join(plan.given)))
    lines = ["", "UpScrolled is ready.", "", *(f"  {name:<15}{value}" for name, value in rows), ""]
    demo = plan.run_dir / "demo.txt"
    if demo.is_file():
        lines += [*(f"  {line}" for line in demo.read_text().splitlines()), ""]
    if os.geteuid() == 0:
        lines += ["  Web and worker run as root here: good for a trial, not for the open internet.", ""]
    return "\n".join([*lines, "  Ctrl-C stops all of it.", ""])
