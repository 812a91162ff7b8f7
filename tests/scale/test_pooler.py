"""PgBouncer in transaction mode: many threads share four connections, and nothing relies on having one's own.

Debian 12's PgBouncer (1.18) knows no prepared statements, so this runs with `prepare_threshold=none`.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import time
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.benchmarks import cpu
from tests.scale.product import ROOT, Answer, App, Load, Person, Process, Product, product, until
from tests.scale.stores import ask, scratch
from upscrolled.dev.guard import Guard
from upscrolled.dev.servers import EmbeddedPostgres, free_port

pytestmark = pytest.mark.long
CONNECTIONS = 4
THREADS = 24


@contextmanager
def bouncer(server: EmbeddedPostgres, directory: Path, guard: Guard) -> Iterator[tuple[str, Process]]:
    """A PgBouncer before a server; the address for Django, and itself."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("NOT TESTED: no pgbouncer here (Debian: apt install pgbouncer).")
    place = directory / "pgbouncer"
    place.mkdir()
    place.chmod(0o755)
    port = free_port()
    config = ConfigParser(interpolation=None)
    config.read(ROOT / "deploy" / "pgbouncer.ini")
    config["databases"] = {server.database: f"host={server.sockets} port=5432 user={server.role}"}
    here = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "auth_type": "any",
        "default_pool_size": CONNECTIONS,
    }
    config["pgbouncer"].update({name: str(value) for name, value in here.items()})
    del config["pgbouncer"]["auth_file"]
    with open(place / "pgbouncer.ini", "w") as file:
        config.write(file)
    # It refuses to be root, and the server's socket is for the server's user alone.
    owner = pwd.getpwuid(Path(server.sockets).stat().st_uid)
    arguments = [program, str(place / "pgbouncer.ini")]
    if os.geteuid() == 0:
        arguments[1:1] = ["-u", owner.pw_name]
    process = Process(arguments, environ={"PATH": "/usr/bin"}, log=place / "log", guard=guard)
    process.start()
    url = f"postgresql://{server.role}@127.0.0.1:{port}/{server.database}"
    try:
        until(lambda: _answers(url) or process.said, lambda said: said is True, seconds=10)
        yield f"{url}?prepare_threshold=none", process
    finally:
        process.stop()


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture(scope="module")
def database() -> Iterator[tuple[EmbeddedPostgres, str, Process]]:
    with scratch("database") as (directory, guard), ExitStack() as started:
        server = EmbeddedPostgres(directory, durable=False, guard=guard, spare=directory / "spare")
        server.start()
        started.callback(server.stop)
        url, process = started.enter_context(bouncer(server, directory, guard))
        yield server, url, process


@pytest.fixture(scope="module")
def made(database: tuple[EmbeddedPostgres, str, Process]) -> Iterator[Product]:
    _server, url, _process = database
    with product({"DATABASE_URL": url}) as running:
        yield running


@pytest.fixture(scope="module")
def people(made: Product) -> dict[str, Person]:
    return made.populate("alice", "bob", "carol", "dave", "erin", "frank")


def pages(app: App, alice: Person) -> Iterator[Callable[[], Answer]]:
    """What somebody does, again and again: mostly reading."""
    numbers = itertools.count()
    while True:
        yield lambda: app.get("/api/v1/timelines/home")
        yield lambda: app.get("/api/v1/timelines/public")
        yield lambda: app.get(f"/api/v1/accounts/{alice.id}/statuses")
        yield lambda: app.get("/api/v1/notifications")
        yield lambda: app.get("/api/v1/upscrolled/discover")
        yield lambda: app.post("/api/v1/statuses", status=f"hello #{next(numbers)} @alice")
        yield lambda: app.post(f"/api/v1/accounts/{alice.id}/follow")
        yield lambda: app.post("/api/v1/statuses", status=f"@alice {next(numbers)}", visibility="direct")


def test_many_threads_over_few_connections(database, made, people):
    server, _url, _process = database
    with made.web(threads=THREADS) as (port, _), made.worker() as worker:
        askers = []
        names = ("bob", "carol", "dave", "erin", "frank")
        for name in names:  # who is followed may write as much as they like
            App(port, people["alice"]).post(f"/api/v1/accounts/{people[name].id}/follow")
        for name in names * 4:
            steps = pages(App(port, people[name]), people["alice"])
            askers.append(lambda steps=steps: next(steps)())
        with Load(askers) as load:
            time.sleep(6)
            used = ask(server, "SELECT count(*) FROM pg_stat_activity WHERE datname = 'upscrolled'")
        print(f"\n{len(load.answers)} answers over {used - 1} connections: {load.statuses}")

        assert set(load.statuses) == {200}
        assert len(load.answers) > 100
        assert used <= CONNECTIONS + 1  # and the one that counts them
        reader = App(port, people["bob"])
        newest = reader.post("/api/v1/statuses", status="and the worker too").json["id"]
        until(
            lambda: [post["id"] for post in App(port, people["erin"]).get("/api/v1/timelines/home").json],
            lambda ids: newest in ids,
            seconds=20,
        )
    assert "ERROR" not in worker.said


def test_a_post_for_very_many_is_delivered_in_pieces(made, people):
    assert made.run("-m", "tests.scale.chunked").split() == ["1"]


def test_what_it_costs_is_told(database, made, people):
    """No bound: PgBouncer 1.18 takes prepared statements away, and how much that is depends on the machine."""
    server, _url, process = database
    assert server.process is not None
    print()
    for name, settings in (("behind PgBouncer", {}), ("directly", {"DATABASE_URL": server.url})):
        with made.web(**settings) as (port, web):
            app = App(port, people["carol"])
            pids = {"web": web.pid, "postgres": server.process.pid, "pgbouncer": process.pid}
            for _ in range(100):
                app.get("/api/v1/timelines/home")
            before = cpu.snapshot(pids)
            for _ in range(300):
                assert app.get("/api/v1/timelines/home").status == 200
            spent = cpu.spent(before, cpu.snapshot(pids))
            parts = ", ".join(f"{part} {1_000 * seconds / 300:.2f}" for part, seconds in spent.items())
            print(f"home {name}: CPU ms a request: {parts}")
