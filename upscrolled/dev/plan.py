"""What `manage.py up` was asked to run, and whether its ports are to be had."""

from __future__ import annotations

import errno
import socket
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from upscrolled import env
from upscrolled.dev.errors import StartError

ENDPOINTS = ("DATABASE_URL", "VALKEY_URL", "CACHE_URL")
_LAST_PORT, _FIRST_FREE_PORT = 65_535, 1_024


@dataclass(frozen=True, slots=True)
class Plan:
    """What the environment asks for, read once."""

    data_dir: Path
    host: str
    port: int
    streaming_port: int
    web_processes: int
    worker_concurrency: int
    media_concurrency: int
    cache_memory_mb: int
    database_memory_mb: int
    log_level: str
    public_url: str
    given: dict[str, str]  # The servers that somebody else runs.
    owner_url: str  # With what to migrate a given database; empty: as web and workers reach it.

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
                worker_concurrency=env.read("WORKER_CONCURRENCY"),
                media_concurrency=env.read("MEDIA_CONCURRENCY"),
                cache_memory_mb=env.read("CACHE_MEMORY_MB"),
                database_memory_mb=env.read("DATABASE_MEMORY_MB"),
                log_level=env.read("LOG_LEVEL"),
                public_url=env.read("PUBLIC_URL"),
                given={name: env.read(name) for name in ENDPOINTS if env.read(name)},
                owner_url=env.read("DATABASE_OWNER_URL"),
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


def require_ports(plan: Plan) -> None:
    """See that we shall be able to listen, before anything is started. Raises StartError."""
    _require_port(plan, "PORT", plan.port)
    _require_port(plan, "STREAMING_PORT", plan.streaming_port)


def _require_port(plan: Plan, name: str, port: int) -> None:
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
