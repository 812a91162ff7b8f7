"""Embedded PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg

from upscrolled.dev import places
from upscrolled.dev.errors import StartError, StillInUse
from upscrolled.dev.guard import Guard
from upscrolled.dev.server import CLEAN_ENVIRONMENT, MEGABYTE, Server, spawn


class EmbeddedPostgres(Server):
    """PostgreSQL 18 on a Unix socket in a directory that only its user (and root) may enter.

    It listens on no TCP port, so `trust` trusts exactly those who could read the data files anyway.
    """

    title = "PostgreSQL"
    # SIGINT is the fast shutdown, SIGQUIT the immediate one (recovery at the next start).
    stop_steps = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
    role = database = "upscrolled"
    serving_role = "upscrolled_app"  # made by a migration, for web and workers

    def __init__(
        self,
        data_dir: Path,
        *,
        durable: bool = True,
        memory_mb: int = 0,
        guard: Guard | None = None,
        spare: Path = places.SPARE,
    ) -> None:
        """Prepare a server for `data_dir`. Not `durable` is for tests: a crash of the machine loses data.

        `memory_mb` is for its buffers; 0 takes a part of the machine's memory.
        """
        super().__init__(data_dir, "postgres", guard=guard, spare=spare)
        self.durable, self.memory_mb = durable, memory_mb
        self._sockets: Path | None = None
        self._has_database = False

    @property
    def sockets(self) -> Path:
        if self._sockets is None:
            self._sockets = self.place.socket_directory()
        return self._sockets

    @property
    def url(self) -> str:
        return f"postgresql://{self.role}@/{self.database}?host={quote(str(self.sockets))}&port=5432"

    @property
    def serving_url(self) -> str:
        """The address for web and workers, whose role may not do all that the owner of the tables may."""
        return self.url.replace(f"//{self.role}@", f"//{self.serving_role}@")

    def answers(self) -> bool:
        try:
            with self._connect() as connection:
                if not self._has_database:
                    self._create_database(connection)
        except psycopg.OperationalError as error:
            self.note = str(error).strip().splitlines()[-1].removeprefix("DETAIL:").strip()
            return False
        return True

    def explain(self, lines: Sequence[str]) -> StartError:
        text = "\n".join(lines)
        if "No space left on device" in text:
            return StartError.full_disk(self.directory)
        if "pre-existing shared memory block" in text or 'lock file "postmaster.pid" already exists' in text:
            return StillInUse(f"Another PostgreSQL still uses {self.directory}; stop it first.")
        if "incompatible with server" in text:
            return StartError(self._other_version())
        if "wrong ownership" in text or "Permission denied" in text:
            return StartError.not_ours(self.directory)
        return self._ended(lines)

    def _prepare(self) -> None:
        version = self.directory / "PG_VERSION"
        try:
            kept = version.read_text().strip()
        except FileNotFoundError:
            self._initialise()
            return
        except PermissionError:
            raise StartError.not_ours(self.directory) from None
        if kept != self._major():
            raise StartError(self._other_version())
        self._has_database = True
        self._require_space(32)
        if self.place.user is not None and self.directory.stat().st_uid == 0:
            self._hand_over()

    def _command(self) -> list[str]:
        options = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_preload_libraries": "pg_stat_statements",
            "timezone": "UTC",
            "jit": "off",
            "random_page_cost": "1.1",
            "work_mem": "8MB",
            "max_wal_size": "1GB",
            # The log names statements but neither their values nor the rows they clashed with.
            "log_timezone": "UTC",
            "log_min_duration_statement": "1s",
            "log_parameter_max_length": "0",
            "log_error_verbosity": "terse",
            "log_checkpoints": "off",
            **_memory_options(_memory()),
        }
        if self.memory_mb:
            options["shared_buffers"] = f"{self.memory_mb}MB"
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        binaries = places.postgres_binaries(self.place)
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return [str(binaries / "bin" / "postgres"), "-D", str(self.directory), *settings]

    def _pid_file(self) -> Path:
        return self.directory / "postmaster.pid"

    def released(self) -> None:
        super().released()
        if self._sockets is not None and not self._sockets.is_relative_to(self.place.home):
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None

    def _connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.sockets),
            port=5432,
            user=self.role,
            dbname=database,
            connect_timeout=3,
            autocommit=True,
        )

    def _create_database(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        with contextlib.suppress(psycopg.errors.DuplicateDatabase):
            connection.execute(f"CREATE DATABASE {self.database}")
        self._has_database = True
        with self._connect(self.database) as own:
            own.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def _initialise(self) -> None:
        """Make the database cluster beside its place and move it there when it is complete."""
        if self.directory.exists() and any(self.directory.iterdir()):
            raise StartError(
                f"{self.directory} is not empty but holds no PostgreSQL data; set DATA_DIR to another path."
            )
        self._require_space(120)
        draft = self.directory.with_name(f"{self.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        # C.UTF-8 of PostgreSQL's own provider sorts alike on every machine. The C library's locale of
        # that name only classifies characters for text search; where it is missing, C has to do.
        said: list[str] = []
        for locale in ("C.UTF-8", "C"):
            self.place.directory(draft.name)
            said = self._initdb(draft, locale)
            if not said:
                break
            shutil.rmtree(draft, ignore_errors=True)
            if not any("invalid locale name" in line for line in said):
                break
        if said:
            raise self.explain(said)
        if self.directory.exists():
            self.directory.rmdir()
        draft.rename(self.directory)

    def _initdb(self, directory: Path, locale: str) -> list[str]:
        """Run initdb; return what it said if it failed, or nothing."""
        binaries = places.postgres_binaries(self.place)
        command = [str(binaries / "bin" / "initdb"), "-D", str(directory), "-U", self.role, "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={locale}"]
        command += ["--lc-messages=C", "--auth-local=trust", "--auth-host=reject", "--data-checksums"]
        command += ["--no-instructions"]
        if not self.durable:
            command += ["--no-sync"]
        read, write = os.pipe()
        process = spawn(
            command,
            output=write,
            end_signal=signal.SIGKILL,
            user=self.place.user,
            environ=CLEAN_ENVIRONMENT,
        )
        os.close(write)
        super()._feed(process)
        with open(read, encoding="utf-8", errors="replace") as output:
            said = output.read().splitlines()
        return said if process.wait() else []

    def _hand_over(self) -> None:
        """Give data that root restored from a backup to the servers' user."""
        assert self.place.user is not None
        for path in (self.directory, *self.directory.rglob("*")):
            os.chown(path, self.place.user.uid, self.place.user.gid, follow_symlinks=False)

    def _major(self) -> str:
        binaries = places.postgres_binaries(self.place)
        version = subprocess.run(
            [binaries / "bin" / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            env=CLEAN_ENVIRONMENT,
        )
        return version.stdout.split()[-1].partition(".")[0]

    def _other_version(self) -> str:
        kept = (self.directory / "PG_VERSION").read_text().strip()
        return (
            f"The data in {self.directory} were written by PostgreSQL {kept} and this is PostgreSQL "
            f"{self._major()}; dump and restore them, or set DATA_DIR to another path."
        )


def _memory() -> int:
    """Return the bytes of memory of this machine, or of the container we are in."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if platform.system() == "Linux":
        with contextlib.suppress(OSError, ValueError):
            total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return total


def _memory_options(total: int) -> dict[str, str]:
    """Return sizes for a machine that also runs everything else: small, growing with its memory."""
    megabytes = total // MEGABYTE
    return {
        "shared_buffers": f"{min(max(megabytes // 32, 32), 512)}MB",
        "effective_cache_size": f"{max(megabytes // 3, 128)}MB",
        "maintenance_work_mem": f"{min(max(megabytes // 64, 16), 256)}MB",
    }
