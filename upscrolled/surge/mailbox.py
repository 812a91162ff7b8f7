"""Mails of the trial: with EMAIL_URL=console: they stand in the worker's log, and people find their link there."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import BinaryIO

LOOK_EVERY = 0.25
_LINE = re.compile(rb"^To: (?P<to>\S+@\S+)|https?://[^/\s]+(?P<link>/\S*/confirm-email/\S+)", re.MULTILINE)


class Mailbox:
    """Follows the file in which mails are printed, also when it starts over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = self._open(at_end=True)
        self._rest = b""
        self._to = ""
        self._links: dict[str, str] = {}
        self._awaited: dict[str, asyncio.Future[str]] = {}

    async def link(self, address: str, *, seconds: float) -> str | None:
        """Wait for the link that was sent to an address; return its path, None if none came in time."""
        if address in self._links:
            return self._links.pop(address)
        future = self._awaited[address] = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(future, seconds)
        except TimeoutError:
            return None
        finally:
            self._awaited.pop(address, None)

    async def follow(self) -> None:
        """Hand out mails as they come, for ever."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY)

    def look(self) -> None:
        """Read what has come since the last look."""
        data = b"" if self._file is None else self._file.read()
        if not data and self._has_started_over():
            self.close()
            self._file = self._open(at_end=False)
            data = b"" if self._file is None else self._file.read()
        whole, newline, self._rest = (self._rest + data).rpartition(b"\n")
        for found in _LINE.finditer(whole + newline):
            if found["to"]:
                self._to = found["to"].decode().lower()
            elif self._to:
                self._hand_out(self._to, found["link"].decode())

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _hand_out(self, address: str, link: str) -> None:
        future = self._awaited.get(address)
        if future is not None and not future.done():
            future.set_result(link)
        else:
            self._links[address] = link

    def _open(self, *, at_end: bool) -> BinaryIO | None:
        try:
            file = open(self._path, "rb")  # noqa: SIM115  # it stays open
        except FileNotFoundError:  # nothing was said yet, or we look between two files
            return None
        if at_end:
            file.seek(0, os.SEEK_END)
        return file

    def _has_started_over(self) -> bool:
        if self._file is None:
            return True
        try:
            return os.stat(self._path).st_ino != os.fstat(self._file.fileno()).st_ino
        except FileNotFoundError:
            return False
