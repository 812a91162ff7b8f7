"""The file that somebody sent, opened once: links are not followed, and what is read is what was looked at."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from upscrolled.media.refusals import Broken, Reason, Refused


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """Open a regular file for reading; yield its descriptor. Raises Refused for links, directories, pipes."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise Broken(f"No file at {path}") from error
    except OSError as error:
        raise Refused(
            Reason.NOT_A_FILE, "This is a link or cannot be opened; only a plain file is taken"
        ) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Refused(Reason.NOT_A_FILE, "This is a directory or device; only a plain file is taken")
        yield descriptor
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, as hex; a link is not followed."""
    with opened(path) as descriptor:
        return sha256_of(descriptor)


def sha256_of(descriptor: int) -> str:
    """Return the SHA-256 of an open file, as hex."""
    with open(descriptor, "rb", closefd=False) as file:
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()
