"""What the embedded servers have in common: launched alone on their data, waited for, stopped, explained.

A server is ready when it has answered a real client; until then we wait as long as it lives, because a
recovery after a crash takes as long as it takes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from upscrolled.dev import launch, places
from upscrolled.dev.errors import PortTaken, StartError, StillInUse
from upscrolled.dev.guard import Guard, kill_all
from upscrolled.dev.locks import Held, Lock

Say = Callable[[str], None]
Steps = Sequence[tuple[signal.Signals, float]]

MEGABYTE = 1024 * 1024
CLEAN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_TELL_EVERY = 5.0
_RETRY_FOR = 10.0


def spawn(
    command: Sequence[str],
    *,
    output: int,
    end_signal: signal.Signals,
    user: places.User | None = None,
    environ: dict[str, str] | None = None,
    cwd: Path = Path("/"),
) -> subprocess.Popen[bytes]:
    """Start a program as the leader of a session of its own that ends with us (see launch.py).

    Only the main thread may call this: the kernel's promise is tied to the thread that forks.
    """
    program = shutil.which(command[0]) or command[0]
    shim = [sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), str(int(end_signal))]
    shim.append("-" if user is None else f"{user.uid}:{user.gid}")
    return subprocess.Popen(
        [*shim, program, *command[1:]],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        env=environ,
        cwd=cwd,
        start_new_session=True,
    )


class Server(ABC):
    """One embedded server on a data directory that it alone uses while it runs."""

    title: ClassVar[str]
    stop_steps: ClassVar[Steps]

    def __init__(
        self, data_dir: Path, name: str, *, guard: Guard | None = None, spare: Path = places.SPARE
    ) -> None:
        self.data_dir, self.name = data_dir.resolve(), name
        self.process: subprocess.Popen[bytes] | None = None
        self.note = ""  # What the server said the last time it did not answer.
        self._guard, self._spare = guard, spare
        self._place: places.Place | None = None
        self._lock: Lock | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address for clients, with its password; valid after `launch`."""

    @property
    def place(self) -> places.Place:
        if self._place is None:
            self._place = places.settle(self.data_dir, spare=self._spare)
        return self._place

    @property
    def directory(self) -> Path:
        """Where this server's data lie."""
        return self.place.home / self.name

    def start(self, say: Say = lambda _sentence: None) -> None:
        """Launch the server and return when it answers. Raises StartError; then nothing is left running."""
        log = self.place.home / f"{self.name}.log"
        give_up = time.monotonic() + _RETRY_FOR
        while True:
            with open(log, "ab") as output:
                begin = output.tell()
                try:
                    self.launch(output.fileno(), say)
                    self._wait(log, begin, say)
                    return
                except (PortTaken, StillInUse) as error:
                    self.stop()
                    if time.monotonic() > give_up or not self.can_retry(error):
                        raise
                    time.sleep(0.3)
                except BaseException:
                    self.stop()
                    raise

    def launch(self, output: int, say: Say = lambda _sentence: None) -> None:
        """Start the process, writing its log to `output`; it does not answer yet. Raises StartError."""
        self._take_lock()
        try:
            self._end_leftover(say)
            self._prepare()
            self.process = spawn(
                self._command(),
                output=output,
                end_signal=self.stop_steps[0][0],
                user=self.place.user,
                environ=CLEAN_ENVIRONMENT,
            )
            if self._guard is not None:
                self._guard.watch(
                    self.process.pid, end_signal=self.stop_steps[0][0], limit=self.stop_steps[0][1]
                )
            self._feed(self.process)
        except OSError as error:
            self.released()
            raise StartError.from_os_error(error, self.directory) from error
        except BaseException:
            self.released()
            raise

    @abstractmethod
    def answers(self) -> bool:
        """Ask the server as a client would; on the first answer, finish what a client needs."""

    @abstractmethod
    def explain(self, lines: Sequence[str]) -> StartError:
        """Translate the last lines of the log of a server that ended while starting."""

    def can_retry(self, error: StartError) -> bool:
        """Say whether launching again may help, and change what has to change for it."""
        return isinstance(error, StillInUse)

    def stop(self) -> None:
        """Stop the server and wait: politely first, then without asking. Does nothing when it is down."""
        process = self.process
        if process is not None:
            for number, seconds in self.stop_steps:
                if process.poll() is None:
                    with contextlib.suppress(ProcessLookupError):
                        process.send_signal(number)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(seconds)
            kill_all(process.pid)
            process.wait()
        self.released()

    def released(self) -> None:
        """The process has ended: give up the lock and tell the guard."""
        if self.process is not None:
            if self._guard is not None:
                self._guard.forget(self.process.pid)
            if self.process.stdin is not None:
                self.process.stdin.close()
            self.process = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @abstractmethod
    def _prepare(self) -> None:
        """Make the data directory fit to be served."""

    @abstractmethod
    def _command(self) -> list[str]:
        """Return the program and its arguments."""

    @abstractmethod
    def _pid_file(self) -> Path: ...

    def _feed(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        process.stdin.close()

    def _wait(self, log: Path, begin: int, say: Say) -> None:
        begun = told = time.monotonic()
        assert self.process is not None
        while True:
            if self.process.poll() is not None:
                with open(log, "rb") as file:
                    file.seek(begin)
                    raise self.explain(file.read().decode(errors="replace").splitlines()[-50:])
            if self.answers():
                return
            if time.monotonic() - told >= _TELL_EVERY:
                told = time.monotonic()
                say(self.waiting(told - begun))
            time.sleep(0.05)

    def waiting(self, seconds: float) -> str:
        """Return the progress line of a server that does not answer yet."""
        note = f": {self.note}" if self.note else ""
        return f"{self.title} is still starting after {seconds:.0f} s{note}"

    def _take_lock(self) -> None:
        lock = Lock(self.place.home / f"{self.name}.lock")
        try:
            lock.acquire({"pid": str(os.getpid())})
        except Held as held:
            owner = held.note.get("pid", "unknown")
            raise StartError(
                f"{self.title} already runs on {self.directory} for process {owner}; stop that one first."
            ) from None
        except OSError as error:
            raise StartError.from_os_error(error, lock.path) from error
        self._lock = lock

    def _end_leftover(self, say: Say) -> None:
        """End a server that outlived its owner, and remove its pid file.

        We hold the lock, so nobody answers for such a server; a pid file whose number now belongs to some
        other program is merely stale, but PostgreSQL would refuse to start because of it.
        """
        pid_file = self._pid_file()
        try:
            pid = int(pid_file.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        if not self._is_ours(pid):
            pid_file.unlink(missing_ok=True)
            return
        say(f"{self.title} of an earlier run is still there (process {pid}); stopping it first.")
        for number, seconds in self.stop_steps:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                if not self._is_ours(pid):
                    return
                time.sleep(0.1)
        raise StartError(f"{self.title} of an earlier run (process {pid}) does not stop; end it by hand.")

    def _is_ours(self, pid: int) -> bool:
        """Say whether a process is this very server: its command line names our directory."""
        proc = Path(f"/proc/{pid}/cmdline")
        if Path("/proc/self").exists():
            try:
                words = proc.read_bytes().decode(errors="replace").split("\0")
            except OSError:
                return False
            return str(self.directory) in words
        listed = subprocess.run(
            ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
        )
        return str(self.directory) in listed.stdout

    def _require_space(self, megabytes: int) -> None:
        free = shutil.disk_usage(self.place.home).free // MEGABYTE
        if free < megabytes:
            raise StartError(
                f"The disk that holds {self.place.home} is full ({free} MB free, {megabytes} MB needed); "
                "free some space and start again."
            )

    def _ended(self, lines: Sequence[str]) -> StartError:
        """Return the sentence for an ending that has no sentence of its own."""
        said = [line.strip() for line in lines if line.strip()]
        telling = [line for line in said if "FATAL" in line or "PANIC" in line or "annot" in line] or said
        last = telling[-1] if telling else "it said nothing"
        return StartError(f"{self.title} ended while starting: {last}")
