"""All of `manage.py up`, in order: servers, migrations, demo, processes; and what is said about them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
import redis
from psycopg import sql

from upscrolled.core import valkey
from upscrolled.dev.errors import StartError
from upscrolled.dev.guard import Guard
from upscrolled.dev.locks import Held, Lock
from upscrolled.dev.output import Console
from upscrolled.dev.places import make_directory, settle
from upscrolled.dev.plan import ENDPOINTS, Plan, require_ports
from upscrolled.dev.programs import ROOT, environment, programs
from upscrolled.dev.servers import EmbeddedPostgres, EmbeddedValkey, Server
from upscrolled.dev.supervisor import Stopped, Supervisor
from upscrolled.dev.units import Program, ServerUnit

_WAIT_FOR_PREDECESSOR = 90.0


def run(*, console: Console, accounts_table: str, make_demo: bool) -> None:
    """Run everything until asked to stop. Raises StartError; then nothing is left running."""
    plan = Plan.read()
    make_directory(plan.data_dir)
    for directory in (plan.run_dir, plan.data_dir / "log"):
        make_directory(directory)
        directory.chmod(0o700)
    lock = _lock(plan, console)
    try:
        require_ports(plan)
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
    urls, serving_url = _start_servers(plan, supervisor)
    _write_services(plan, urls)
    environ = environment(plan, urls)

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
    serving = environ | {"DATABASE_URL": serving_url}
    supervisor.start(programs(plan, serving, supervisor.guard))
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


# --- servers ----------------------------------------------------------------------------------------


def _start_servers(plan: Plan, supervisor: Supervisor) -> tuple[dict[str, str], str]:
    """Start the embedded servers that nobody else provides.

    Returns the addresses of all three, of the database as its owner, and the database's for web and workers.
    """
    guard = supervisor.guard
    postgres = EmbeddedPostgres(plan.data_dir, memory_mb=plan.database_memory_mb, guard=guard)
    make: dict[str, Callable[[], Server]] = {
        "DATABASE_URL": lambda: postgres,
        "VALKEY_URL": lambda: EmbeddedValkey(plan.data_dir, persistent=True, guard=guard),
        "CACHE_URL": lambda: EmbeddedValkey(
            plan.data_dir, persistent=False, max_memory_mb=plan.cache_memory_mb, guard=guard
        ),
    }
    for name, url in plan.given.items():
        _require_server(name, url)
    if plan.owner_url and "DATABASE_URL" in plan.given:
        _require_server("DATABASE_OWNER_URL", plan.owner_url)
    embedded = {name: make[name]() for name in ENDPOINTS if name not in plan.given}
    supervisor.start([ServerUnit(server, supervisor.console.say) for server in embedded.values()])
    urls = {**plan.given, **{name: server.url for name, server in embedded.items()}}
    if given := plan.given.get("DATABASE_URL"):
        return {**urls, "DATABASE_URL": plan.owner_url or given}, given
    return urls, postgres.serving_url


def _require_server(name: str, url: str) -> None:
    """See that a server which somebody else runs answers; its address is secret and is not repeated."""
    try:
        if name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
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
    """Write down where the servers are, for `manage.py` in other shells (read by settings/site.py)."""
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
