"""One run of ffmpeg on somebody's file: a child behind walls (cell.py), watched from here.

The file is opened here and handed over as a descriptor: its name never reaches a command line, a link is not
followed, and what is read is what was looked at.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from upscrolled.media.refusals import Broken, Cancelled, Reason, Refused
from upscrolled.media.source import opened
from upscrolled.media.video.limits import Limits

SOURCE = "file:/dev/fd/3"  # how the command names the file it reads
# The child imports what it runs, and nothing of the site: neither settings nor installed packages.
_CELL = "import sys; sys.path.append(sys.argv[1]); from upscrolled.media.video import cell; cell.main(sys.argv[2:])"
_ROOT = str(Path(__file__).parents[3])
_HEAD, _TAIL = 256 * 1024, 64 * 1024  # bytes of what ffmpeg says that are kept: of its beginning, of its end
_LOOK, _CHUNK = 0.25, 1 << 18
_LINE_MAX = 4096
_NEVER_BEGAN = (125, 127)  # cell.py's own end; the loader's, when a library is missing


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended. `peak_bytes` is the largest resident set of the child, `walls` those that stood."""

    code: int
    messages: str
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    walls: frozenset[str]


def run(
    ffmpeg: str,
    arguments: Sequence[str],
    *,
    source: Path,
    room: Path,
    limits: Limits,
    duration: float,
    on_output: Callable[[bytes], None] | None = None,
    on_time: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Ended:
    """Run ffmpeg with `arguments`, which name their input SOURCE and their outputs relative to `room`.

    `duration` is how many seconds of video there are to work on, for the limits of time. `on_output` gets what
    ffmpeg writes to pipe:1, `on_time` the seconds of output so far; what they raise ends the child.

    Raises Refused (more time or memory than is allowed), Cancelled, Broken. Any other failure of ffmpeg is told by
    `code` and `messages`. The child ends with the calling thread, which therefore waits here.
    """
    patience = limits.patience(duration)
    with opened(source) as descriptor:
        child = _Child(ffmpeg, arguments, descriptor, room, limits, patience)
        try:
            ended = child.watch(on_output, on_time, cancelled)
        finally:
            child.end()
    if ended.code in _NEVER_BEGAN:
        raise Broken(f"{ffmpeg} could not be started: {ended.messages[-500:].strip()}")
    if ended.code == -signal.SIGXCPU:
        raise _too_costly(patience)
    if ended.code == -signal.SIGKILL:
        raise Broken("ffmpeg was killed: by hand, or because the machine had no memory left")
    if "Cannot allocate memory" in ended.messages:  # ffmpeg may call what it lost so an end, and succeed
        raise Refused(
            Reason.COST, f"This takes more than {limits.memory >> 20} MB of memory to read; that is the limit"
        )
    if "pthread_create() failed" in ended.messages:
        raise Broken(
            "ffmpeg could not start its threads: the machine allows no more, or the limit of memory is too low"
        )
    if "No space left on device" in ended.messages:
        raise Broken("There is no space left for what ffmpeg writes")
    return ended


def _too_costly(patience: float) -> Refused:
    return Refused(
        Reason.COST,
        f"This takes longer than {patience:.0f} seconds to read; that is the limit for its length",
    )


class _Child:
    def __init__(
        self, ffmpeg: str, arguments: Sequence[str], source: int, room: Path, limits: Limits, patience: float
    ) -> None:
        self.patience, self.began = patience, time.monotonic()
        self.said, self.ending, self.times = bytearray(), bytearray(), bytearray()
        self.walls = frozenset[str]()
        progress, progress_there = os.pipe()
        order = {
            "source": source,
            "progress": progress_there,
            "parent": os.getpid(),
            "memory": limits.memory,
            "cpu_seconds": int(patience * limits.threads) + 1,
            "file_bytes": limits.bytes_max + (16 << 20),
            "nice": limits.nice,
        }
        command = [sys.executable, "-I", "-S", "-c", _CELL, _ROOT, json.dumps(order), os.path.abspath(ffmpeg)]
        command += ["-hide_banner", "-nostdin", "-nostats", "-y"]
        command += ["-progress", "pipe:4", "-stats_period", "0.5"]
        command += ["-filter_threads", str(limits.threads), "-filter_complex_threads", str(limits.threads)]
        try:
            self.process = subprocess.Popen(
                [*command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(source, progress_there),
                cwd=room,
                env={},
                start_new_session=True,
            )
        except OSError as error:
            os.close(progress)
            raise Broken(f"No child process could be started: {error}") from error
        finally:
            os.close(progress_there)
        self.progress = progress
        self.output, self.errors = cast(IO[bytes], self.process.stdout), cast(IO[bytes], self.process.stderr)

    def watch(
        self,
        on_output: Callable[[bytes], None] | None,
        on_time: Callable[[float], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> Ended:
        take: dict[int, Callable[[bytes], None]] = {
            self.output.fileno(): on_output or (lambda chunk: None),
            self.errors.fileno(): self._hear,
            self.progress: lambda chunk: self._note(chunk, on_time),
        }
        with selectors.DefaultSelector() as selector:
            for descriptor in take:
                selector.register(descriptor, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select(_LOOK):
                    if chunk := os.read(key.fd, _CHUNK):
                        take[key.fd](chunk)
                    else:
                        selector.unregister(key.fd)
                self._go_on(cancelled)
        while True:
            process, status, used = os.wait4(self.process.pid, os.WNOHANG)
            if process:
                break
            self._go_on(cancelled)
            time.sleep(0.005)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return Ended(
            code=self.process.returncode,
            messages=(bytes(self.said) + b"\n" * bool(self.ending) + bytes(self.ending)).decode(
                errors="replace"
            ),
            seconds=time.monotonic() - self.began,
            cpu_seconds=used.ru_utime + used.ru_stime,
            peak_bytes=used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            walls=self.walls,
        )

    def _go_on(self, cancelled: Callable[[], bool] | None) -> None:
        if cancelled is not None and cancelled():
            raise Cancelled
        if time.monotonic() - self.began > self.patience:
            raise _too_costly(self.patience)

    def _hear(self, chunk: bytes) -> None:
        room = _HEAD - len(self.said)
        self.said += chunk[: max(0, room)]
        self.ending += chunk[max(0, room) :]
        del self.ending[:-_TAIL]

    def _note(self, chunk: bytes, on_time: Callable[[float], None] | None) -> None:
        self.times += chunk
        *lines, rest = self.times.split(b"\n")
        self.times = bytearray(rest[-_LINE_MAX:])
        for line in lines:
            name, _, value = line.partition(b"=")
            if name == b"walls":
                self.walls = frozenset(value.decode().split(",")) - {""}
            elif name == b"out_time_us" and on_time is not None and value.strip().isdigit():
                on_time(int(value) / 1_000_000)

    def end(self) -> None:
        """Leave no process and no descriptor behind, however the watching ended."""
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()
        self.output.close()
        self.errors.close()
        os.close(self.progress)
