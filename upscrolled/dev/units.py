"""What the supervisor keeps running: embedded servers and programs, seen alike."""

from __future__ import annotations

import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from upscrolled.dev.errors import StartError
from upscrolled.dev.guard import Guard
from upscrolled.dev.server import Server, Steps, spawn

_STEADY_AFTER = 60.0
_LONGEST_PAUSE = 30.0


class Unit(ABC):
    """One process that shall run, restarted alone when it ends."""

    name: str
    stop_steps: Steps
    quiet = False  # Whether its lines go to its file only.

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.launched_at = 0.0
        self.restart_at: float | None = None
        self.failures = 0

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def note(self) -> str:
        """What it said the last time it did not answer."""
        return ""

    @abstractmethod
    def launch(self, output: int) -> subprocess.Popen[bytes]:
        """Start the process. Raises StartError."""

    @abstractmethod
    def answers(self) -> bool:
        """Say whether it does its work already."""

    @abstractmethod
    def ended(self) -> None:
        """Its process, and whatever that started, is gone."""

    @abstractmethod
    def explain(self, lines: Sequence[str]) -> StartError:
        """Say in a sentence why it ended while starting."""

    def can_retry(self, error: StartError) -> bool:
        """Say whether launching again may help, during the very first start."""
        return False

    def pause(self, now: float) -> float:
        """Return the seconds to wait before the next start: more after each failure in a row."""
        if now - self.launched_at > _STEADY_AFTER:
            self.failures = 0
        self.failures += 1
        return float(min(0.25 * 2**self.failures, _LONGEST_PAUSE))


class ServerUnit(Unit):
    """An embedded server. Its chatter is for its file; what matters of it we say ourselves."""

    quiet = True

    def __init__(self, server: Server, say: Callable[[str], None]) -> None:
        super().__init__()
        self.server, self._say = server, say
        self.name, self.stop_steps = server.name, server.stop_steps

    def launch(self, output: int) -> subprocess.Popen[bytes]:
        self.server.launch(output, self._say)
        assert self.server.process is not None
        return self.server.process

    def answers(self) -> bool:
        return self.server.answers()

    @property
    def note(self) -> str:
        return self.server.note

    def ended(self) -> None:
        self.server.released()

    def explain(self, lines: Sequence[str]) -> StartError:
        return self.server.explain(lines)

    def can_retry(self, error: StartError) -> bool:
        return self.server.can_retry(error)


class Probe(Protocol):
    """Ask a program whether it does its work; `note` is what it said when it did not."""

    note: str

    def __call__(self) -> bool: ...


class Unasked:
    """The probe of a program that answers nobody: it works as soon as it lives."""

    note = ""

    def __call__(self) -> bool:
        return True


class Program(Unit):
    """A program of the project, run by this Python in a session of its own."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        environ: dict[str, str],
        cwd: Path,
        guard: Guard,
        stop_steps: Steps = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)),
        probe: Probe | None = None,
    ) -> None:
        super().__init__()
        self.name, self.stop_steps = name, stop_steps
        self._arguments, self._environ, self._cwd, self._guard = arguments, environ, cwd, guard
        self._probe: Probe = probe or Unasked()

    def launch(self, output: int) -> subprocess.Popen[bytes]:
        first, limit = self.stop_steps[0]
        process = spawn(
            [sys.executable, *self._arguments],
            output=output,
            end_signal=first,
            environ=self._environ,
            cwd=self._cwd,
        )
        assert process.stdin is not None
        process.stdin.close()
        self._guard.watch(process.pid, end_signal=first, limit=limit)
        return process

    def answers(self) -> bool:
        return self._probe()

    @property
    def note(self) -> str:
        return self._probe.note

    def ended(self) -> None:
        if self.process is not None:
            self._guard.forget(self.process.pid)

    def explain(self, lines: Sequence[str]) -> StartError:
        said = [line.strip() for line in lines if line.strip()]
        return StartError(f"{self.name} ends while starting: {said[-1] if said else 'it said nothing'}")
