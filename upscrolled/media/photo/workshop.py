"""Where pictures are read: a process for each place at the bench, kept warm, that forks a child for each picture.

A worker that takes one picture at a time has one such process; one with threads has as many as were ever at work at
once. They end with the worker, however it ends. One whose child crashed is replaced: the next file meets other
addresses, so that a crash teaches nothing.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from upscrolled.media.photo.kinds import Format
from upscrolled.media.photo.limits import Limits
from upscrolled.media.refusals import Broken, Reason, Refused

_CELL = "import sys; sys.path.append(sys.argv[1]); from upscrolled.media.photo import cell; cell.main(int(sys.argv[2]))"
_ROOT = str(Path(__file__).parents[3])
# One heap and not one for each thread: address space is what is limited. And large pages: every child is given its
# memory anew, and in small ones that costs a tenth of what reading a photo does.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
_LINE_MAX = 256 * 1024
_BEGINS = 60.0  # seconds that a process may take to begin, on a machine with much to do
_PATIENCE = 10.0  # seconds beyond those that the process itself allows its child
_PICTURES_MAX = 500  # that one process reads, in children of the same layout
_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE, signal.SIGSYS)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What a child answered, and what it took. `peak_bytes` is its largest resident set, `walls` those that stood."""

    made: T
    seconds: float
    peak_bytes: int
    walls: frozenset[str]


def do(
    task: str, format: Format, descriptors: Sequence[int], limits: Limits, answer: type[T], **more: int
) -> Done[T]:
    """Let a child do a task of drawing.py: it gets the file to read, and those to write, as open descriptors.

    Raises Refused, also for more time or memory than is allowed, and Broken.
    """
    order = {"task": task, "format": format.name, "limits": asdict(limits), **more}
    process = _take()
    try:
        ended = process.ask(order, descriptors, limits.seconds + _PATIENCE)
    except (
        BaseException
    ):  # a time limit of the task's, the end of the worker: nobody knows what the child does now
        process.end()
        raise
    if ended["code"] == 0 and process.asked < _PICTURES_MAX:
        _give_back(process)
    else:
        process.end()
    said = _said(ended, format, limits)
    try:
        made = msgspec.convert(said["made"], answer)
    except msgspec.ValidationError as error:
        raise Broken(f"The child that read a {format.title} picture said what cannot be: {error}") from error
    scale = 1 if sys.platform == "darwin" else 1024
    return Done(made, ended["seconds"], ended["peak"] * scale, process.walls | frozenset(said["walls"]))


def close() -> None:
    """End the processes that wait."""
    while _idle:
        _idle.pop().end()


def _said(ended: dict[str, Any], format: Format, limits: Limits) -> dict[str, Any]:
    code = -ended["code"]
    if ended["late"] or code == signal.SIGXCPU:
        limit = (
            f"{limits.seconds:.0f} seconds"
            if ended["late"]
            else f"{limits.cpu_seconds} seconds of processor time"
        )
        raise Refused(Reason.COST, f"This takes longer than {limit} to read; that is the limit")
    if code in _CRASHES:
        raise Refused(
            Reason.UNREADABLE, f"The {format.title} picture is damaged: reading it came to a sudden end"
        )
    try:
        said: dict[str, Any] = json.loads(ended["answer"])
    except ValueError:
        said = {"broken": f"the child ended with {ended['code']} and no answer"}
    if "refused" in said:
        reason, sentence = said["refused"]
        raise Refused(Reason(reason), sentence)
    if "made" not in said:
        raise Broken(f"A {format.title} picture could not be read: {said.get('broken')}")
    return said


class _Process:
    def __init__(self) -> None:
        self.control, there = socket.socketpair()
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-c", _CELL, _ROOT, str(there.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(there.fileno(),),
                cwd="/",
                env=_ENVIRONMENT,
                start_new_session=True,
            )
        except OSError as error:
            self.control.close()
            raise Broken(f"No child process could be started: {error}") from error
        finally:
            there.close()
        self.asked = 0
        try:
            self.walls = frozenset(self._line(_BEGINS)["walls"])
        except BaseException:
            self.end()
            raise

    def ask(self, order: dict[str, Any], descriptors: Sequence[int], patience: float) -> dict[str, Any]:
        """Hand over an order; return how its child ended."""
        self.asked += 1
        try:
            socket.send_fds(self.control, [json.dumps(order).encode() + b"\n"], list(descriptors))
        except OSError as error:
            raise Broken(f"The process that reads pictures is gone: {error}") from error
        return self._line(patience)

    def _line(self, patience: float) -> dict[str, Any]:
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self.control], [], [], patience)
            part = self.control.recv(_LINE_MAX) if ready else b""
            if not part:
                raise Broken(
                    "The process that reads pictures ended" if ready else "No answer from it in time"
                )
            line += part
        found: dict[str, Any] = json.loads(line)
        return found

    def usable(self) -> bool:
        """Say whether it still waits; one that was killed meanwhile is not the next picture's trouble."""
        return self.process.poll() is None

    def end(self) -> None:
        """End it, and the child that it may have: closing the socket does that; killing is for one that hangs."""
        self.control.close()
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def forget(self) -> None:
        """Let go of it in a process that was forked from its owner, without ending it."""
        self.control.close()
        self.process.returncode = 0


_idle: list[_Process] = []
_lock = threading.Lock()


def _take() -> _Process:
    while True:
        with _lock:
            process = _idle.pop() if _idle else None
        if process is None:
            return _Process()
        if process.usable():
            return process
        process.end()


def _give_back(process: _Process) -> None:
    with _lock:
        _idle.append(process)


def _forget() -> None:
    """In a fork: the processes belong to the parent, whose end they would miss if this one held their sockets."""
    global _lock
    _lock = threading.Lock()
    while _idle:
        _idle.pop().forget()


os.register_at_fork(after_in_child=_forget)
atexit.register(close)
