"""`manage.py up`, for real: it starts, heals, refuses, stops in order, and leaves nothing behind."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.servers import SERVERS, free_ports
from upscrolled.dev.guard import members

ROOT = Path(__file__).parents[2]
NAMES = ["postgres", "valkey", "cache", "web", "streaming", "worker", "media", "beat"]

pytestmark = pytest.mark.journey


class Up:
    """One data directory with two free ports, and the `manage.py up` that runs on it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port, self.streaming_port = free_ports(2)
        self.output = data_dir / "up.txt"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in (*SERVERS, "SECRET_KEY") and not name.startswith("PYTEST")
        }
        return kept | {
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "STREAMING_PORT": str(self.streaming_port),
            "WEB_PROCESSES": "1",
            "WORKER_CONCURRENCY": "1",
            "STREAMING_HEARTBEAT_SECONDS": "1",  # a client that hangs up waits for the next word
            "SIGN_UPS_PER_ADDRESS": "50",  # all newcomers of the journeys come from this machine
            "LINK_PREVIEWS": "off",  # people post links here, and nobody outside is to be asked
            "RATE_LIMITS": "false",  # whoever waits reads again and again; tests of limits have their own
            "SHED_TARGET_MS": "0",  # a busy machine refuses nobody here; test_surge.py is about that
        }

    def start(self) -> None:
        """Start it from some other directory, and return when it says that all is ready."""
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "up", "--no-demo"],
                env=self.environ,
                cwd="/",
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.wait_until(lambda: "Ctrl-C stops all of it" in self.said, 120)

    def signal(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def manage(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.environ | changes,
            capture_output=True,
            text=True,
            check=False,
        )

    def get(self, port: int, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def wait_until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not condition():
            ended = self.process is not None and self.process.poll() not in (None, -signal.SIGKILL)
            assert time.monotonic() < end, f"it did not happen in time; up said:\n{self.said}"
            assert not ended, f"up ended; it said:\n{self.said}"
            time.sleep(0.1)

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def pids(self) -> dict[str, int]:
        """What the banner says runs."""
        running = re.search(r"^  Running +(.*)$", self.said, re.MULTILINE)
        assert running is not None
        return {name: int(pid) for name, pid in re.findall(r"(\w+) \((\d+)\)", running[1])}

    @property
    def database_url(self) -> str:
        services: dict[str, str] = json.loads((self.data_dir / "run" / "services.json").read_text())
        return services["database_url"]


@pytest.fixture
def up() -> Iterator[Up]:
    data_dir = Path(tempfile.mkdtemp(prefix="upscrolled-up-"))
    data_dir.chmod(0o711)
    up = Up(data_dir)
    yield up
    if up.process is not None and up.process.poll() is None:
        up.signal(signal.SIGTERM)
    shutil.rmtree(data_dir)


def test_a_platform_is_started_healed_stopped_and_killed(up: Up) -> None:
    up.start()
    pids = up.pids
    assert list(pids) == NAMES
    assert up.get(up.port, "/health") == 200
    assert up.get(up.port, "/health/ready") == 200
    assert up.get(up.streaming_port, "/api/v1/streaming/health") == 200
    assert stat.S_IMODE((up.data_dir / "run" / "services.json").stat().st_mode) == 0o600
    assert up.manage("migrate", "--check").returncode == 0, "another shell reaches the running database"

    # Web and workers are not the owner of the tables: they cannot restrict anybody quietly (adr/0018).
    with psycopg.connect(up.database_url) as connection:
        roles = connection.execute(
            "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name = 'upscrolled'"
        ).fetchall()
    assert roles == [("upscrolled_app",)]

    # A second one is refused, by name and address; so is one on the same port elsewhere.
    refused = up.manage("up")
    assert up.process is not None
    assert refused.stderr.count("\n") == 1
    assert f"already runs on {up.data_dir} (process {up.process.pid}" in refused.stderr
    elsewhere = up.data_dir / "elsewhere"
    refused = up.manage("up", DATA_DIR=str(elsewhere))
    assert refused.stderr.startswith(f"Port {up.port} is taken; set PORT to another, for example PORT=")
    assert not (elsewhere / "postgres").exists(), "nothing was started"

    # A process that dies is started again, alone, and its own children do not stay behind.
    children = members(pids["web"])
    os.kill(pids["web"], signal.SIGKILL)
    up.wait_until(lambda: "web was started again" in up.said)
    up.wait_until(lambda: up.get(up.port, "/health/ready") == 200)
    assert len(children) > 1
    assert not any(members(pid) for pid in children)
    assert all(members(pid) for name, pid in pids.items() if name != "web")

    with psycopg.connect(up.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")

    # SIGTERM stops all of it, last first.
    assert up.signal(signal.SIGTERM) == 0
    assert re.findall(r"^(\w+) stopped after", up.said, re.MULTILINE) == NAMES[::-1]
    assert not any(members(pid) for pid in pids.values())
    assert not (up.data_dir / "run" / "services.json").exists()

    # What was written is there again; and kill -9 of the supervisor leaves no process.
    up.start()
    with psycopg.connect(up.database_url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    everything = [pid for leader in up.pids.values() for pid in members(leader)]
    assert len(everything) > len(NAMES)
    up.signal(signal.SIGKILL)
    up.wait_until(lambda: not any(members(pid) for pid in everything))
