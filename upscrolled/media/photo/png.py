"""Whether a PNG holds all the rows that its header announces, which its decoder does not say: it leaves them black."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of each type of colour
# The seven passes of an interlaced one: first column and row, steps between them (PNG, second edition, §8.2).
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_PIECE = 1 << 20


def is_whole(file: BinaryIO) -> bool:
    """Unpack and count; nothing is kept."""
    file.seek(8)
    expected = count = 0
    unpacking = zlib.decompressobj()
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IHDR":
            expected = _expected(file.read(length))
        elif kind == b"IDAT":
            rest = file.read(length)
            while rest and not unpacking.eof and count < expected:
                count += len(unpacking.decompress(rest, _PIECE))
                rest = unpacking.unconsumed_tail
        else:
            file.seek(length, 1)
        file.seek(4, 1)
    return count >= expected


def _expected(header: bytes) -> int:
    """Bytes of all rows, each of which begins with the number of its filter."""
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header[:13])
    bits = depth * _CHANNELS.get(colour, 1)
    total = 0
    for left, top, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + -(-columns * bits // 8))
    return total
