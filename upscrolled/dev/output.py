"""What the children say: prefixed by name on the console, and kept in files of bounded size."""

from __future__ import annotations

import contextlib
import os
import sys
from collections import deque
from pathlib import Path
from typing import TextIO

FILE_LIMIT = 5 * 1024 * 1024
_COLOURS = ("36", "32", "35", "33", "34", "96", "92")
_LAST_WORDS = 50


class Console:
    """Lines for the person at the terminal, each with the name of who says it."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._colour = self._stream.isatty() and "NO_COLOR" not in os.environ
        self._names: list[str] = []

    def line(self, name: str, text: str) -> None:
        """Write one line of a child."""
        if name not in self._names:
            self._names.append(name)
        prefix = f"{name:<9} | "
        if self._colour:
            colour = _COLOURS[self._names.index(name) % len(_COLOURS)]
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        self.say(prefix + text)

    def say(self, text: str) -> None:
        """Write a line of our own. A terminal that has gone away is no reason to stop serving."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text + "\n")
            self._stream.flush()


class Journal:
    """One child's output: a file that starts over at a size (keeping one predecessor), and the last lines."""

    def __init__(self, path: Path, *, limit: int = FILE_LIMIT) -> None:
        self.last: deque[str] = deque(maxlen=_LAST_WORDS)
        self._path, self._limit, self._rest = path, limit, b""
        self._file: int | None = None

    def feed(self, data: bytes) -> list[str]:
        """Keep what the child wrote and return the lines it completed; no data is the end of the last."""
        self._keep(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        if not data and self._rest:
            lines, self._rest = [self._rest], b""
        if len(self._rest) > 64 * 1024:  # A child that never ends its line must not fill our memory.
            lines, self._rest = [*lines, self._rest], b""
        texts = [line.decode(errors="replace").rstrip("\r") for line in lines]
        self.last.extend(texts)
        return texts

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _keep(self, data: bytes) -> None:
        # A full disk or a removed directory must not end the supervisor: the console still has the line.
        with contextlib.suppress(OSError):
            if self._file is None:
                self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.write(self._file, data)
            if os.fstat(self._file).st_size > self._limit:
                self.close()
                self._path.replace(self._path.with_name(self._path.name + ".1"))
