"""The storage that is a directory: a file is there whole or not at all, and moves without being copied."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

_MODE = 0o644
ASIDE = ".aside"  # where files are written first; what a killed process left there is cleared (`store.clear_work`)


class Disk(FileSystemStorage):
    """A directory (MEDIA_ROOT): files are written aside, flushed, then renamed."""

    def _save(self, name: str, content: Any) -> str:
        def write(aside: Path) -> None:
            with open(aside, "xb") as file:
                for chunk in content.chunks():
                    file.write(chunk)

        self._put(name, write)
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return the name itself: it says what is in the file, so the same name is the same file."""
        return name

    def take(self, path: Path, name: str, *, media_type: str) -> None:
        """Store a file of this machine under a name; it is moved away if it lies on the same disk."""

        def move(aside: Path) -> None:
            try:
                os.link(path, aside, follow_symlinks=False)
            except OSError:  # another disk, or one that knows no links
                shutil.copyfile(path, aside, follow_symlinks=False)

        self._put(name, move)
        path.unlink(missing_ok=True)

    def copy(self, source: str, target: str, *, media_type: str) -> None:
        """Have a file under a second name; on most disks it is the same file twice, and costs nothing."""

        def again(aside: Path) -> None:
            try:
                os.link(self.path(source), aside)
            except FileNotFoundError:
                raise
            except OSError:
                shutil.copyfile(self.path(source), aside)

        self._put(target, again)

    def address(self, name: str, *, seconds: int, media_type: str, head: bool = False) -> str | None:
        """Return None: nobody but us serves this directory."""
        return None

    def _put(self, name: str, fill: Callable[[Path], None]) -> None:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(self.path(f"{ASIDE}/{secrets.token_hex(16)}"))
        aside.parent.mkdir(exist_ok=True)
        try:
            fill(aside)
            _flush(aside)
            aside.chmod(_MODE)
            aside.replace(target)
            _flush(target.parent)
        finally:
            aside.unlink(missing_ok=True)  # a rename onto the same file leaves both names

    def delete(self, name: str) -> None:
        """Remove a file if it is there."""
        with suppress(FileNotFoundError):
            super().delete(name)


def _flush(path: Path) -> None:
    """Wait until the disk has the file, or a directory's names: what is acknowledged then survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
