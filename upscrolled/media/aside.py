"""A directory that is complete or absent: made under another name beside it, then renamed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from upscrolled.media.refusals import Broken
from upscrolled.media.shapes import File

_ACCOUNT = "made.json"  # what the directory holds; its presence says that nothing is missing
_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/mp4",
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}


class Made(Protocol):
    """What was made: a msgspec.Struct that lists the files of its directory, and can be read again from JSON."""

    @property
    def files(self) -> list[File]: ...


M = TypeVar("M", bound=Made)


def once(into: Path, make: Callable[[Path], M], kind: type[M]) -> M:
    """Let `make` fill a fresh directory, and show it as `into`; return what was made.

    If `into` is complete already, nothing is done again. Halves of earlier runs that died are removed; one that
    still runs is left alone, and whoever is ready first is kept.
    """
    if (before := read(into, kind)) is not None:
        return before
    into.parent.mkdir(parents=True, exist_ok=True)
    _clear(into)
    with _room(into) as room:
        made = make(room)
        (room / _ACCOUNT).write_bytes(msgspec.json.encode(made))
        try:
            room.rename(into)
        except OSError as error:
            if (other := read(into, kind)) is not None:
                return other
            raise Broken(f"{into} could not be put in its place: {error}") from error
    return made


def read(into: Path, kind: type[M]) -> M | None:
    """Return what a complete directory holds, or None."""
    try:
        made = msgspec.json.decode((into / _ACCOUNT).read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None
    return made if all((into / file.name).is_file() for file in made.files) else None


def files(room: Path) -> list[File]:
    """List what is served of a directory, by name."""
    return [
        File(name=path.name, type=_TYPES[path.suffix], bytes=path.stat().st_size)
        for path in sorted(room.iterdir())
        if path.suffix in _TYPES
    ]


@contextmanager
def _room(into: Path) -> Iterator[Path]:
    room = Path(tempfile.mkdtemp(prefix=_prefix(into), dir=into.parent))
    descriptor = os.open(room, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(
            descriptor, fcntl.LOCK_EX
        )  # the kernel lets go of it when this process ends, however it ends
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)
        os.close(descriptor)


def _clear(into: Path) -> None:
    for half in into.parent.glob(f"{_prefix(into)}*"):
        with suppress(OSError):
            descriptor = os.open(half, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(half, ignore_errors=True)
            finally:
                os.close(descriptor)
    if into.exists():  # without its account: not ours, or damaged
        shutil.rmtree(into)


def _prefix(into: Path) -> str:
    return f".{into.name}.half-"
