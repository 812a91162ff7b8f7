"""The project's own processes, and how one sees that they answer."""

from __future__ import annotations

import http.client
import os
import signal
import time
from pathlib import Path

from upscrolled.bulkhead import THREADS
from upscrolled.celery import MEDIA_QUEUE, QUEUES
from upscrolled.dev.guard import Guard
from upscrolled.dev.plan import Plan
from upscrolled.dev.units import Probe, Program

ROOT = Path(__file__).resolve().parent.parent.parent


def environment(plan: Plan, urls: dict[str, str]) -> dict[str, str]:
    """Return the environment in which all of them run."""
    return {
        **os.environ,
        **urls,
        "DATA_DIR": str(plan.data_dir),
        "DJANGO_SETTINGS_MODULE": "upscrolled.settings",
        "PYTHONUNBUFFERED": "1",
    }


def programs(plan: Plan, environ: dict[str, str], guard: Guard) -> list[Program]:
    """Return the project's processes, in the order in which they start; they stop in reverse."""
    granian = ["-m", "granian", "--host", plan.host, "--http", "1", "--respawn-failed-workers"]
    granian += ["--workers-kill-timeout", "8", "--log-config", str(ROOT / "upscrolled/data/granian.json")]
    # The banner says what root means here; Celery need not say it again.
    celery = ["-W", "ignore:You're running the worker with superuser privileges"]
    celery += ["-m", "celery", "-A", "upscrolled", "--quiet"]
    loglevel = ["--loglevel", plan.log_level]

    def program(
        name: str, arguments: list[str], probe: Probe | None = None, *, limit: float = 10.0
    ) -> Program:
        # Celery finishes the tasks at hand on SIGTERM and drops them on SIGQUIT; granian knows only TERM.
        steps = [(signal.SIGTERM, limit), (signal.SIGKILL, 5.0)]
        if name in ("worker", "media"):
            steps.insert(1, (signal.SIGQUIT, 5.0))
        return Program(name, arguments, environ=environ, cwd=ROOT, guard=guard, stop_steps=steps, probe=probe)

    web = [*granian, "--interface", "wsgi", "--port", str(plan.port), "--workers", str(plan.web_processes)]
    # Backpressure bounds accepted connections, not requests: idle ones count too, so it must not be small.
    # What waits is bounded by it all the same, for a connection asks for one thing at a time.
    web += ["--no-ws", "--blocking-threads", str(THREADS), "--backpressure", "512"]
    web += ["upscrolled.wsgi:application"]
    streaming = ["-m", "upscrolled.streaming", "--host", plan.host, "--port", str(plan.streaming_port)]
    streaming += ["--log-level", plan.log_level]
    quiet = ["--without-gossip", "--without-mingle"]
    others = ",".join(name for name in QUEUES if name != MEDIA_QUEUE)
    worker = [*celery, "worker", *loglevel, "--queues", others, "--hostname", "worker@%h", *quiet]
    worker += ["--concurrency", str(plan.worker_concurrency)]
    # Videos take minutes: they have a worker of their own, so that nothing else waits for them.
    media = [*celery, "worker", *loglevel, "--queues", MEDIA_QUEUE, "--hostname", "media@%h", *quiet]
    media += ["--concurrency", str(max(1, plan.media_concurrency))]
    beat = [*celery, "beat", *loglevel, "--pidfile", "", "--schedule", str(plan.run_dir / "beat-schedule")]
    host = plan.reachable_host.strip("[]")
    return [
        program("web", web, Answers(host, plan.port, "/health/ready")),
        program("streaming", streaming, Answers(host, plan.streaming_port, "/api/v1/streaming/health")),
        program("worker", worker, limit=20.0),
        program("media", media, limit=20.0),
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
