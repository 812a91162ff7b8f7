"""Keep a list of processes running in the foreground: start in order, restart alone, stop in reverse.

One thread, one loop: the children's output, their endings and our own signals all arrive through one
`select`, so nothing needs a lock and every child is started by the main thread (see server.spawn).
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any

from upscrolled.dev.errors import StartError
from upscrolled.dev.guard import Guard, kill_all, members
from upscrolled.dev.output import Console, Journal
from upscrolled.dev.units import Program, Unit

TELL_EVERY = 5.0
GIVE_UP_AFTER = 4  # Endings in a row, while we are still starting.
RETRY_FOR, RETRY_PAUSE = 15.0, 0.3
HURRIED = 2.0
_READ = 64 * 1024


class Stopped(Exception):
    """Somebody asked us to stop."""


class Supervisor:
    """Run units; `with` it, all of them have ended at the end, whatever happened."""

    def __init__(self, *, console: Console, logs: Path, guard: Guard) -> None:
        self.console, self.guard = console, guard
        self._logs = logs
        self._units: list[Unit] = []
        self._journals: dict[str, Journal] = {}
        self._selector = selectors.DefaultSelector()
        self._asked: list[float] = []
        self._handlers: dict[int, Any] = {}
        self._wake, self._waker = os.pipe()

    def __enter__(self) -> Supervisor:
        for end in (self._wake, self._waker):
            os.set_blocking(end, False)
        self._selector.register(self._wake, selectors.EVENT_READ)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # `nohup` means it.
            self._handlers[number] = signal.signal(number, self._ask_to_stop)
        self._handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._stop_all()
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
            self._selector.close()
            os.close(self._wake)
            os.close(self._waker)
            for journal in self._journals.values():
                journal.close()

    def start(self, units: Iterable[Unit]) -> None:
        """Start units together and return when all of them answer. Raises StartError, Stopped."""
        begun = told = time.monotonic()
        waiting = list(units)
        for unit in waiting:
            self._units.append(unit)
            self._launch_first(unit, begun)
        while waiting:
            self._turn(0.05)
            for unit in self._units:
                if unit in waiting and not unit.is_alive:
                    self._start_again(unit, begun)
                else:
                    self._keep_running(unit)
                if unit.failures >= GIVE_UP_AFTER:
                    raise unit.explain(list(self._journal(unit).last))
            waiting = [unit for unit in waiting if not (unit.is_alive and unit.answers())]
            if waiting and time.monotonic() - told >= TELL_EVERY:
                told = time.monotonic()
                self.console.say(_progress(waiting, told - begun))
        self._turn(0)  # What they said before they answered comes before what we say about it.

    def run_once(self, program: Program) -> int:
        """Run a program to its end and return its exit code. Raises Stopped."""
        self._units.append(program)
        self._launch(program)
        assert program.process is not None
        while program.process.poll() is None:
            self._turn(0.05)
        code = program.process.returncode
        self._clear_away(program)
        self._units.remove(program)
        return code

    def watch(self) -> None:
        """Keep all units running until somebody asks to stop."""
        with contextlib.suppress(Stopped):
            while True:
                self._turn(self._until_next_restart())
                self.guard.check()
                for unit in self._units:
                    self._keep_running(unit)

    def ask_to_stop(self) -> None:
        self._asked.append(time.monotonic())

    @property
    def running(self) -> list[tuple[str, int]]:
        """Names and process ids."""
        return [(unit.name, unit.process.pid) for unit in self._units if unit.process is not None]

    # --- one turn of the loop -----------------------------------------------------------------------

    def _turn(self, timeout: float, *, stopping: bool = False) -> None:
        """Handle what has arrived within `timeout` seconds."""
        for key, _events in self._selector.select(timeout):
            if key.fd == self._wake:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake, _READ)
            else:
                self._read(key.fd, key.data)
        if self._asked and not stopping:
            raise Stopped

    def _read(self, descriptor: int, unit: Unit) -> None:
        try:
            data = os.read(descriptor, _READ)
        except BlockingIOError:
            return
        for line in self._journal(unit).feed(data):
            if not unit.quiet:
                self.console.line(unit.name, line)
        if not data:
            self._selector.unregister(descriptor)
            os.close(descriptor)

    def _journal(self, unit: Unit) -> Journal:
        if unit.name not in self._journals:
            self._journals[unit.name] = Journal(self._logs / f"{unit.name}.log")
        return self._journals[unit.name]

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.ask_to_stop()

    # --- starting -----------------------------------------------------------------------------------

    def _launch(self, unit: Unit) -> None:
        read, write = os.pipe()
        os.set_blocking(read, False)
        self._journal(unit).last.clear()
        unit.launched_at, unit.restart_at = time.monotonic(), None
        try:
            unit.process = unit.launch(write)
        except BaseException:
            os.close(read)
            raise
        finally:
            os.close(write)
        self._selector.register(read, selectors.EVENT_READ, unit)

    def _launch_first(self, unit: Unit, begun: float) -> None:
        try:
            self._launch(unit)
        except StartError as error:
            self._retry_or_raise(unit, error, begun)

    def _start_again(self, unit: Unit, begun: float) -> None:
        """A unit that has not answered yet is down: see whether another attempt may help."""
        if unit.process is not None:
            self._turn(0)
            lines = list(self._journal(unit).last)
            self._clear_away(unit)
            self._retry_or_raise(unit, unit.explain(lines), begun)
        elif unit.restart_at is not None and time.monotonic() >= unit.restart_at:
            self._launch_first(unit, begun)

    def _retry_or_raise(self, unit: Unit, error: StartError, begun: float) -> None:
        now = time.monotonic()
        if now - begun > RETRY_FOR or not unit.can_retry(error):
            raise error
        unit.restart_at = now + RETRY_PAUSE

    # --- while it runs ------------------------------------------------------------------------------

    def _until_next_restart(self) -> float:
        due = [unit.restart_at - time.monotonic() for unit in self._units if unit.restart_at is not None]
        return min([1.0, *(max(seconds, 0.0) for seconds in due)])

    def _keep_running(self, unit: Unit) -> None:
        now = time.monotonic()
        if unit.process is not None and unit.process.poll() is not None:
            how = _how(unit.process)
            self._turn(0)
            last = [line for line in self._journal(unit).last if line.strip()][-5:] if unit.quiet else []
            self._clear_away(unit)
            self._restart_later(unit, f"{unit.name} ended ({how})", last)
        elif unit.process is None and unit.restart_at is not None and now >= unit.restart_at:
            try:
                self._launch(unit)
            except StartError as error:
                self._restart_later(unit, f"{unit.name} does not start: {error}", [])
            else:
                assert unit.process is not None
                self.console.say(f"{unit.name} was started again (process {unit.process.pid}).")

    def _restart_later(self, unit: Unit, what: str, last: list[str]) -> None:
        pause = unit.pause(time.monotonic())
        unit.restart_at = time.monotonic() + pause
        for line in last:
            self.console.line(unit.name, line)
        self.console.say(f"{what}; starting it again in {pause:g} s.")

    def _clear_away(self, unit: Unit) -> None:
        """The leader has ended: end what it left behind, so that its successor finds its place free."""
        assert unit.process is not None
        kill_all(unit.process.pid)
        unit.ended()
        unit.process = None

    # --- stopping -----------------------------------------------------------------------------------

    def _stop_all(self) -> None:
        if self.running:
            self.console.say("Stopping.")
        while self._units:
            unit = self._units.pop()
            if unit.process is not None:
                self._stop(unit)
        self._turn(0, stopping=True)

    def _stop(self, unit: Unit) -> None:
        process = unit.process
        assert process is not None
        begun = time.monotonic()
        for number, seconds in unit.stop_steps:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(number)
            self._wait_for(process, seconds)
        kill_all(process.pid)
        process.wait()
        unit.ended()
        unit.process = None
        self.console.say(f"{unit.name} stopped after {time.monotonic() - begun:.1f} s.")

    def _wait_for(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        """Wait until a process and its session are gone, at most `seconds`, less when we are hurried."""
        begun = time.monotonic()
        while time.monotonic() - begun < (min(seconds, HURRIED) if self._hurried() else seconds):
            if process.poll() is not None and not members(process.pid):
                return
            self._turn(0.05, stopping=True)

    def _hurried(self) -> bool:
        """Say whether we were asked twice. `make` passes a signal on, so an echo does not count."""
        return len(self._asked) > 1 and self._asked[-1] - self._asked[0] > 1.0


def _progress(waiting: list[Unit], seconds: float) -> str:
    notes = "; ".join(unit.note for unit in waiting if unit.note)
    names = ", ".join(unit.name for unit in waiting)
    return f"Waiting for {names} ({seconds:.0f} s){': ' if notes else ''}{notes}"


def _how(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"
