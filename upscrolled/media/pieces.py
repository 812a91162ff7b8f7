"""A file that grows by pieces, as they come in over days and from one process or another: a plain file on the disk.

Its length is how much has arrived, and nothing else says so. A piece is written under a lock, and only where the
file ends at that moment: of two requests that send the same part, one that was thought dead included, each goes on
where it may and none writes over the other. What was written is there whatever becomes of the process.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings

PIECE = 256 * 1024  # bytes that are in memory of one upload
ALGORITHMS = ("sha1", "sha256", "md5")
_MODE = 0o600

Read = Callable[[int], bytes]


class Moved(Exception):
    """The file does not end where the piece was to go; `length` is where it does."""

    def __init__(self, length: int) -> None:
        self.length = length
        super().__init__(f"the file has {length} bytes")


class Full(Exception):
    """The disk has no room for it."""


class Unlike(Exception):
    """What came has another checksum than was said; nothing of it was kept."""


def path_of(upload_id: int) -> Path:
    """Return where an upload lies, or will."""
    return _folder() / str(upload_id)


def length(upload_id: int) -> int:
    """Return how many bytes have arrived."""
    try:
        return path_of(upload_id).stat().st_size
    except FileNotFoundError:
        return 0


def append(upload_id: int, read: Read, *, at: int, most: int) -> int:
    """Write what `read` gives, from `at` on, at most so many bytes; return how long the file is then.

    `read` gives pieces and an empty one at the end; whatever it raises, what it gave before stays written. Raises
    Moved, Full.
    """
    with _opened(upload_id) as file:
        position, ends = at, at + most
        while position < ends and (piece := read(min(PIECE, ends - position))):
            with _alone(file):
                found = os.fstat(file).st_size
                if found != position:
                    raise Moved(found)
                _write(file, piece, position)
            position += len(piece)
        if position == at and (found := os.fstat(file).st_size) != at:
            raise Moved(found)
        return position


def append_checked(upload_id: int, read: Read, *, at: int, most: int, algorithm: str, digest: bytes) -> int:
    """Append it if its checksum is the one that was said: it waits aside until all of it is there. Raises Unlike."""
    found, count = hashlib.new(algorithm, usedforsecurity=False), 0
    with tempfile.TemporaryFile(dir=_folder()) as aside:
        while count < most and (piece := read(min(PIECE, most - count))):
            found.update(piece)
            try:
                aside.write(piece)
            except OSError as error:
                raise _trouble(error) from error
            count += len(piece)
        if found.digest() != digest:
            raise Unlike
        aside.seek(0)
        return append(upload_id, aside.read, at=at, most=count)


@contextmanager
def whole(upload_id: int) -> Iterator[Path | None]:
    """Yield the file for as long as nobody else has it so; None if it is gone, because somebody has moved it away."""
    path = path_of(upload_id)
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        yield None
        return
    try:
        with _alone(file):
            yield path if path.exists() else None
    finally:
        os.close(file)


def head(upload_id: int, size: int) -> bytes:
    """Return the first bytes of what has arrived."""
    with open(path_of(upload_id), "rb") as file:
        return file.read(size)


def remove(upload_id: int) -> None:
    """Remove what has arrived, if anything has."""
    path_of(upload_id).unlink(missing_ok=True)


def left(*, before: datetime) -> list[int]:
    """Return the uploads whose file was last written before then."""
    names = (each for each in os.scandir(_folder()) if each.name.isdigit())
    return [int(each.name) for each in names if each.stat().st_mtime < before.timestamp()]


def room() -> int:
    """Return how many bytes the disk has left."""
    return shutil.disk_usage(_folder()).free


def _folder() -> Path:
    folder: Path = settings.DATA_DIR / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _opened(upload_id: int) -> Iterator[int]:
    try:
        file = os.open(path_of(upload_id), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _MODE)
    except OSError as error:
        raise _trouble(error) from error
    try:
        yield file
    finally:
        os.close(file)


@contextmanager
def _alone(file: int) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _write(file: int, piece: bytes, at: int) -> None:
    rest = memoryview(piece)
    while rest:
        try:
            written = os.pwrite(file, rest, at)
        except OSError as error:
            raise _trouble(error) from error
        rest, at = rest[written:], at + written


def _trouble(error: OSError) -> Exception:
    return Full() if error.errno in (errno.ENOSPC, errno.EDQUOT) else error
