"""The whole product on a scratch directory, started by `manage.py up` as anybody would."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import cpu
from upscrolled.dev.servers import free_port

ROOT = Path(__file__).parents[2]
STARTS_WITHIN, STOPS_WITHIN = 120.0, 90.0
# What a request costs; the worker's part is told apart.
ANSWERING = ("web", "postgres", "valkey", "cache")


class Stack:
    """A running product with production settings: DEBUG off, rate limits on, default processes; nothing shed."""

    def __init__(
        self, data_dir: Path | None = None, *, database_url: str = "", database_memory_mb: int = 0
    ) -> None:
        """Run on a directory that stays, or on a scratch one; with a PostgreSQL of its own, or on somebody else's."""
        self._stays = data_dir is not None
        self.data_dir = data_dir or Path(tempfile.mkdtemp(prefix="upscrolled-bench-"))
        self.data_dir.chmod(0o711)  # When we are root, the servers' user has to pass.
        self._database_url = database_url
        self.port, streaming_port = free_port(), free_port()
        foreign = ("DATABASE_URL", "VALKEY_URL", "CACHE_URL", "DEBUG", "RATE_LIMITS", "PUBLIC_URL")
        self.environ = {name: value for name, value in os.environ.items() if name not in foreign} | {
            "DATA_DIR": str(self.data_dir),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "STREAMING_PORT": str(streaming_port),
            "LOG_LEVEL": "WARNING",
            "SHED_TARGET_MS": "0",  # blocks of eight connections fill the machine on purpose
            "DATABASE_MEMORY_MB": str(database_memory_mb),
            **({"DATABASE_URL": database_url} if database_url else {}),
        }
        self._output = self.data_dir / "up.txt"
        self._process: subprocess.Popen[bytes] | None = None
        self.pids: dict[str, int] = {}

    def __enter__(self) -> Stack:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()  # Its guard ends the rest.
                self._process.wait()
        if not self._stays:
            shutil.rmtree(self.data_dir, ignore_errors=True)

    @property
    def services(self) -> dict[str, str]:
        """Addresses of the embedded servers: database_url, valkey_url, cache_url."""
        found: dict[str, str] = json.loads((self.data_dir / "run" / "services.json").read_text())
        return found | ({"database_url": self._database_url} if self._database_url else {})

    def manage(self, *arguments: str) -> str:
        """Run a management command against this stack and return what it printed."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def cpu(self) -> cpu.Snapshot:
        """Read what every part has used so far."""
        return cpu.snapshot(self.pids)

    @contextmanager
    def worker_paused(self, *others: str) -> Iterator[None]:
        """Hold the Celery worker (and `others`), so that an answer's cost is not mixed with what follows from it."""
        held = [self.pids[name] for name in ("worker", *others) if name in self.pids]
        pids = [pid for first in held for pid in cpu.descendants(first)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in reversed(pids):
                os.kill(pid, signal.SIGCONT)

    def _start(self) -> None:
        with open(self._output, "wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "up", "--no-demo"],
                env=self.environ,
                cwd="/",
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + STARTS_WITHIN
        while "Ctrl-C stops all of it" not in (said := self._output.read_text()):
            if self._process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"`manage.py up` did not start; it said:\n{said}")
            time.sleep(0.1)
        running = re.search(r"^  Running +(.*)$", said, re.MULTILINE)
        assert running is not None
        self.pids = {name: int(pid) for name, pid in re.findall(r"(\w+) \((\d+)\)", running[1])}
