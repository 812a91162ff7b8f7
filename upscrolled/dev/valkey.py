"""Embedded Valkey: one instance that keeps everything, one that may forget."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from upscrolled.dev import places
from upscrolled.dev.errors import PortTaken, StartError
from upscrolled.dev.guard import Guard
from upscrolled.dev.server import Server


class EmbeddedValkey(Server):
    """Valkey on a loopback port with a password made for this start.

    TCP, because the addresses of Unix sockets differ between the clients that share VALKEY_URL.
    """

    title = "Valkey"
    stop_steps = ((signal.SIGTERM, 30.0), (signal.SIGKILL, 5.0))

    def __init__(
        self,
        data_dir: Path,
        *,
        persistent: bool,
        max_memory_mb: int = 256,
        port: int | None = None,
        guard: Guard | None = None,
        spare: Path = places.SPARE,
    ) -> None:
        """Prepare a server that keeps everything (`persistent`) or one that may forget (`max_memory_mb`)."""
        super().__init__(data_dir, "valkey" if persistent else "cache", guard=guard, spare=spare)
        self.persistent, self.max_memory_mb = persistent, max_memory_mb
        self._wanted_port, self._port = port, port
        self._password = secrets.token_urlsafe(24)

    @property
    def port(self) -> int:
        if self._port is None:
            self._port = free_port()
        return self._port

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def answers(self) -> bool:
        client = redis.Redis.from_url(
            self.url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
        )
        try:
            return bool(client.ping())
        except redis.RedisError as error:
            self.note = str(error)
            return False
        finally:
            client.close()

    def explain(self, lines: Sequence[str]) -> StartError:
        text = "\n".join(lines)
        if "Address already in use" in text:
            return PortTaken(f"Port {self.port}, wanted for Valkey, is taken; stop what uses it.")
        if "No space left on device" in text:
            return StartError.full_disk(self.directory)
        if "Permission denied" in text:
            return StartError.not_ours(self.directory)
        if "Bad file format reading the append only file" in text:
            return StartError(
                f"Valkey's data in {self.directory} are damaged; move that directory away to start without "
                "them: what PostgreSQL keeps is not touched, only queued work is lost."
            )
        return self._ended(lines)

    def can_retry(self, error: StartError) -> bool:
        if isinstance(error, PortTaken) and self._wanted_port is None:
            self._port = None
            return True
        return super().can_retry(error)

    def _prepare(self) -> None:
        self._require_space(16)
        try:
            directory = self.place.directory(self.name)
        except OSError as error:
            raise StartError.from_os_error(error, self.directory) from error
        if os.geteuid() not in (0, directory.stat().st_uid):
            raise StartError.not_ours(directory)

    def _command(self) -> list[str]:
        # The directory stands on the command line so that a leftover can be told from a stranger.
        return [str(places.valkey_binary(self.place)), "-", "--dir", str(self.directory)]

    def _pid_file(self) -> Path:
        return self.directory / "valkey.pid"

    def _feed(self, process: subprocess.Popen[bytes]) -> None:
        """Hand over the configuration through a pipe: the password is neither on disk nor in `ps`."""
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write("\n".join(self._configuration()).encode() + b"\n")
            process.stdin.close()

    def _configuration(self) -> list[str]:
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self._password}",
            f"pidfile {_quoted(self._pid_file())}",
            "databases 16",
            "set-proc-title no",
            "always-show-logo no",
            'save ""',
        ]
        if self.persistent:
            return [*lines, "appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction"]
        return [
            *lines,
            "appendonly no",
            f"maxmemory {self.max_memory_mb}mb",
            "maxmemory-policy allkeys-lru",
        ]


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
