"""A small process that ends what its owner started, should the owner vanish without doing so.

Run as a file (`python -I -S guard.py`), it reads one line per change from its owner's pipe: `+ pid signal
seconds` when a process starts, `- pid` when it has ended. When the pipe closes it signals whatever is
left, waits, and kills the rest with everything in their sessions: granian's and Celery's own children do
not notice that their parent is gone. `PR_SET_PDEATHSIG` (launch.py) is the second net, for the case that
the guard is killed too.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

_PROC = Path("/proc/self/stat")


class Guard:
    """The owner's end: tell the guard what runs; `close` it when all has ended."""

    def __init__(self, *, keep_open: int | None = None, remove: Path | None = None) -> None:
        """Start the guard. It holds `keep_open` (a lock) and removes `remove` (a directory) at its end."""
        self._keep_open, self._remove = keep_open, remove
        self._watched: dict[int, str] = {}
        self._process = self._spawn()

    @property
    def pid(self) -> int:
        return self._process.pid

    def watch(self, pid: int, *, end_signal: signal.Signals, limit: float) -> None:
        """Have a session leader ended if we vanish: by `end_signal`, after `limit` seconds by SIGKILL."""
        self._watched[pid] = f"+ {pid} {int(end_signal)} {limit}\n"
        self._tell(self._watched[pid])

    def forget(self, pid: int) -> None:
        """The process has ended, with its children."""
        if self._watched.pop(pid, None):
            self._tell(f"- {pid}\n")

    def check(self) -> None:
        """Start the guard again if somebody ended it."""
        if self._process.poll() is not None:
            self._process = self._spawn()
            for line in self._watched.values():
                self._tell(line)

    def close(self) -> None:
        """Let the guard end whatever is still watched, and wait for it."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process.wait()

    def _spawn(self) -> subprocess.Popen[bytes]:
        keep = () if self._keep_open is None else (self._keep_open,)
        remove = () if self._remove is None else (str(self._remove),)
        return subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, *remove],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=keep,
            start_new_session=True,
            cwd="/",
        )

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # It was ended; `check` will bring it back.
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()


def members(leader: int) -> list[int]:
    """Return the living processes of a session or process group led by `leader` (zombies do not count)."""
    if not _PROC.exists():
        try:
            os.killpg(leader, 0)
        except ProcessLookupError:
            return []
        except PermissionError:
            pass
        return [leader]
    found = []
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            text = Path(f"/proc/{entry.name}/stat").read_text()
        except OSError:
            continue
        state, _parent, group, session = text.rpartition(")")[2].split()[:4]
        if leader in (int(entry.name), int(group), int(session)) and state not in "ZX":
            found.append(int(entry.name))
    return found


def kill_all(leader: int) -> None:
    """Kill a session leader and every process of its session or group at once."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    for pid in members(leader):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    watched: dict[int, tuple[int, float]] = {}
    for line in sys.stdin:
        verb, pid, *rest = line.split()
        if verb == "+":
            watched[int(pid)] = (int(rest[0]), float(rest[1]))
        else:
            watched.pop(int(pid), None)
    _end(watched)
    for directory in sys.argv[1:]:
        shutil.rmtree(directory, ignore_errors=True)


def _end(watched: dict[int, tuple[int, float]]) -> None:
    for pid, (end_signal, _limit) in watched.items():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, end_signal)
    begun = time.monotonic()
    while watched:
        for pid, (_signal, limit) in list(watched.items()):
            late = time.monotonic() - begun > limit
            if late or not members(pid):
                kill_all(pid)
                del watched[pid]
        time.sleep(0.1)


if __name__ == "__main__":
    _main()
