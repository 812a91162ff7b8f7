"""Where the bytes lie: one storage, Django's default, whichever it is. Names come from us, never from people."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol, cast, runtime_checkable

from django.conf import settings
from django.core.files.storage import default_storage, storages

from upscrolled.media import disk

TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "m4s": "video/mp4",
    "m4a": "audio/mp4",
    "m3u8": "application/vnd.apple.mpegurl",
    "vtt": "text/vtt; charset=utf-8",
}
# The form of every name in the public and the private area; nothing else is ever looked for.
NAME = re.compile(rf"[0-9a-f]{{2}}/[0-9a-f]{{64}}\.({'|'.join(TYPES)})\Z")
_CHUNK = 256 * 1024


class Store(Protocol):
    """What we ask of a storage beside Django's own protocol; `disk.Disk` and `bucket.Bucket` answer it."""

    def open(self, name: str, mode: str = "rb") -> IO[bytes]: ...
    def save(self, name: str, content: Any) -> str: ...
    def exists(self, name: str) -> bool: ...
    def size(self, name: str) -> int: ...
    def delete(self, name: str) -> None: ...
    def take(self, path: Path, name: str, *, media_type: str) -> None: ...
    def copy(self, source: str, target: str, *, media_type: str) -> None: ...
    def address(self, name: str, *, seconds: int, media_type: str, head: bool = False) -> str | None: ...


@runtime_checkable
class PartStore(Protocol):
    """What a storage can do besides that takes files from their owners' own hands; `bucket.Bucket` can."""

    def begin_parts(self, name: str, *, media_type: str) -> str: ...
    def part_address(self, name: str, upload: str, *, number: int, size: int, seconds: int) -> str: ...
    def parts(self, name: str, upload: str) -> dict[int, tuple[int, str]] | None: ...
    def join_parts(self, name: str, upload: str, parts: dict[int, tuple[int, str]]) -> None: ...
    def drop_parts(self, name: str, upload: str) -> None: ...


def part_store() -> PartStore | None:
    """Return the storage if it takes parts."""
    there = storages["default"]
    return there if isinstance(there, PartStore) else None


def store() -> Store:
    """Return the storage."""
    return cast(Store, default_storage)


def name_of(digest: str, suffix: str) -> str:
    """Return the name of a file that we made, which follows from its content."""
    return f"{digest[:2]}/{digest}.{suffix}"


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, as hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put(path: Path, key: str, *, media_type: str) -> None:
    """Store a file of this machine, unless it is there; it is gone from where it was."""
    if store().exists(key):
        path.unlink(missing_ok=True)
    else:
        store().take(path, key, media_type=media_type)


@contextmanager
def on_this_machine(key: str) -> Iterator[Path]:
    """Yield a path at which a stored file can be read, until the end of the block. Raises FileNotFoundError."""
    direct = _path(key)
    if direct is not None:
        yield direct
        return
    with workroom() as room:
        path = room / "file"
        with store().open(key) as stored, open(path, "xb") as here:
            shutil.copyfileobj(stored, here, _CHUNK)
        yield path


def clear_work(*, before: float) -> None:
    """Remove what killed processes of this machine left in the places for work before that moment (Unix seconds)."""
    for place in (settings.DATA_DIR / "work", Path(settings.MEDIA_ROOT) / disk.ASIDE):
        for left in place.glob("*"):
            with suppress(OSError):
                # Not when it was written: a second name of an old file is as young as the name.
                if left.stat().st_ctime < before:
                    shutil.rmtree(left) if left.is_dir() else left.unlink()


@contextmanager
def workroom() -> Iterator[Path]:
    """Yield a new directory that is gone after the block; on the same disk as the storage, if that is one."""
    below = settings.DATA_DIR / "work"
    below.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="media-", dir=below) as room:
        yield Path(room)


def _path(key: str) -> Path | None:
    try:
        path = Path(store().path(key))  # type: ignore[attr-defined]
    except NotImplementedError:
        return None
    if not path.is_file():
        raise FileNotFoundError(key)
    return path
