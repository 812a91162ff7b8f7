"""The parent's side: one child process for each picture, few at a time, ended when it takes too long."""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import msgspec

from upscrolled.core.errors import Unavailable
from upscrolled.pictures.kinds import PIXELS_MAX, Kind, Refused, sniff

log = logging.getLogger(__name__)

AT_ONCE = 2  # children of one web process: each may take the memory that reencode.py allows
SECONDS, PATIENCE = 15.0, 10.0
_CHILD = Path(__file__).with_name("reencode.py")
_ROOT = str(Path(__file__).parents[2])
_places = threading.BoundedSemaphore(AT_ONCE)


class Busy(Unavailable):
    """So many pictures are being read that one more would wait too long."""

    safe = "Many pictures are being sent just now. Try again in a few seconds."
    retry_after = 5


class _Answer(msgspec.Struct):
    refused: str = ""
    files: list[tuple[str, int]] = []
    size: tuple[int, int] = (0, 0)
    blurhash: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """(suffix, content) of the files that were made, the main one first; `size` and `blurhash` are of the last."""

    files: list[tuple[str, bytes]]
    size: tuple[int, int]
    blurhash: str


def make(kind: Kind, data: bytes) -> list[tuple[str, bytes]]:
    """Make this place's picture from what somebody sent: (suffix, content) of its files, the main one first.

    A GIF that moves gives two, itself and its first frame. Raises Refused with limit and actual value, Busy.
    """
    return draw(kind, data).files


def draw(kind: Kind, data: bytes) -> Drawn:
    """Make this place's picture as `make` does, and say what it measures and how it looks from afar."""
    format_name = sniff(kind, data)
    if not _places.acquire(timeout=PATIENCE):
        raise Busy
    try:
        answer, content = _run(kind, format_name, data)
        return Drawn(_read(kind, answer, content), answer.size, answer.blurhash)
    finally:
        _places.release()


def _run(kind: Kind, format_name: str, data: bytes) -> tuple[_Answer, bytes]:
    # An animation of another kind is taken for its first frame: only GIFs move everywhere that apps run.
    moves = kind.frame if kind.moves and format_name == "GIF" else 0
    order = {
        "format": format_name,
        "width": kind.width,
        "height": kind.height,
        "frame": moves,
        "whole": kind.whole,
        "pixels_max": PIXELS_MAX,
    }
    command = [sys.executable, "-I", str(_CHILD), msgspec.json.encode(order).decode(), _ROOT]
    # A file and not a pipe for the answer: the kernel then limits its size, and our memory holds no more of it.
    with tempfile.TemporaryFile() as answer:
        try:
            ended = subprocess.run(
                command,
                input=data,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                env={"OMP_NUM_THREADS": "1"},
                cwd="/",
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _refused(kind, f"takes longer than {SECONDS:.0f} seconds to read") from None
        answer.seek(0)
        head, content = answer.readline(), answer.read()
    try:
        return msgspec.json.decode(head, type=_Answer), content
    except msgspec.DecodeError:
        log.info("A picture ended its process with %s.", ended.returncode)
        raise _refused(kind, "cannot be read within the limits of time and memory") from None


def _read(kind: Kind, answer: _Answer, content: bytes) -> list[tuple[str, bytes]]:
    if answer.refused:
        raise _refused(kind, answer.refused)
    files, position = [], 0
    for suffix, size in answer.files:
        files.append((suffix, content[position : position + size]))
        position += size
    if position != len(content) or not files:
        raise _refused(kind, "cannot be read within the limits of time and memory")
    return files


def _refused(kind: Kind, why: str) -> Refused:
    return Refused(f"Validation failed: {kind.name.capitalize()} {why}")
