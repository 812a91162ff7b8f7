"""One owner per directory: a lock file that names who holds it."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path


class Held(Exception):
    """Somebody else holds the lock; `note` is what they wrote down."""

    def __init__(self, note: dict[str, str]) -> None:
        super().__init__("held")
        self.note = note


class Lock:
    """A lock that ends with its holder. The file stays: removing it would let two holders in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor: int | None = None

    def acquire(self, note: dict[str, str]) -> None:
        """Take the lock and write `note` into it, or raise Held with the holder's note."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            text = os.pread(descriptor, 4096, 0)
            os.close(descriptor)
            raise Held(_parse(text)) from None
        self.descriptor = descriptor
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(note).encode(), 0)

    def release(self) -> None:
        """Give the lock up. A process that inherited the descriptor keeps holding it."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


def _parse(text: bytes) -> dict[str, str]:
    try:
        note = json.loads(text)
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in note.items()} if isinstance(note, dict) else {}
