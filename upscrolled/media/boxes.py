"""The outermost boxes of an MP4 file (ISO/IEC 14496-12), which ffmpeg does not tell about.

Three things are read here and nothing else: whether the file holds all that its boxes announce, how long its header
says it lasts, and whether it is locked. ffmpeg goes by the tracks, where other players believe the header; and it reads
locked tracks as if they were open.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_BOXES_MAX = 10_000
_NEEDED = (b"ftyp", b"moov", b"moof", b"mdat")
_INDEX_MAX = 4 << 20
_LOCKED = (b"encv", b"enca", b"drmi", b"drms")  # kinds of samples, instead of avc1 and the like
_UNKNOWN = (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Outline:
    """`missing` bytes are announced and not there; `seconds` is the header's claim, if it makes one."""

    missing: int = 0
    seconds: float | None = None
    locked: bool = False


def outline(descriptor: int) -> Outline:
    """Walk an open file's boxes."""
    size = os.fstat(descriptor).st_size
    missing, seconds, locked = 0, None, False
    for kind, begins, end in _walk(descriptor, 0, size):
        if kind in _NEEDED:  # what apps hang on behind has sizes of its own kinds
            missing = max(missing, end - size)
        if kind == b"moov":
            index = os.pread(descriptor, min(end - begins, _INDEX_MAX), begins)
            locked = b"sinf" in index and b"schm" in index and any(each in index for each in _LOCKED)
            for inner, place, _ in _walk(descriptor, begins, min(end, size)):
                if inner == b"mvhd":
                    seconds = _duration(os.pread(descriptor, 32, place))
                break  # the header comes first
    return Outline(missing=missing, seconds=seconds, locked=locked)


def _walk(descriptor: int, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, where the content begins and where the box ends, which may be beyond `end`."""
    for _ in range(_BOXES_MAX):
        head = os.pread(descriptor, 16, at)
        if at >= end or len(head) < 8:
            return
        size, kind, begins = int.from_bytes(head[:4], "big"), head[4:8], at + 8
        if size == 1 and len(head) == 16:
            size, begins = int.from_bytes(head[8:], "big"), at + 16
        if size == 0:
            size = end - at  # up to the end of the file
        if size < begins - at:
            return
        yield kind, begins, at + size
        at += size


def _duration(header: bytes) -> float | None:
    if len(header) < 32:
        return None
    scale, lasts = (
        struct.unpack_from(">IQ", header, 20) if header[0] == 1 else struct.unpack_from(">II", header, 12)
    )
    return None if lasts in _UNKNOWN or not scale else lasts / scale
