"""What a picture really is: its first bytes say which decoder may read it, its header is read behind walls."""

from __future__ import annotations

import os
from pathlib import Path

from upscrolled.media import boxes, source
from upscrolled.media.photo import kinds, workshop
from upscrolled.media.photo.facts import Facts
from upscrolled.media.photo.kinds import Format
from upscrolled.media.photo.limits import Limits
from upscrolled.media.photo.shapes import Looked
from upscrolled.media.refusals import Reason, Refused


def look(path: Path, *, limits: Limits) -> Facts:
    """Return what the file is. Raises Refused with limit and actual value; Broken.

    The picture itself is decoded by `renditions.make`, which may find it damaged still.
    """
    with source.opened(path) as descriptor:
        size = os.fstat(descriptor).st_size
        format = kinds.sniff(descriptor)
        if size > limits.bytes_max:
            raise Refused(Reason.BYTES, f"The file has {size} bytes; at most {limits.bytes_max}")
        announced = _announced(descriptor, format, size)
        if announced > size:
            raise Refused(Reason.TRUNCATED, f"The file has {size} of the {announced} bytes that it announces")
        said = workshop.do("look", format, [descriptor], limits, Looked).made
        return Facts(
            format=format.name,
            type=format.type,
            bytes=size,
            sha256=source.sha256_of(descriptor),
            width=said.width,
            height=said.height,
            turned=said.turned,
            moves=said.moves,
        )


def _announced(descriptor: int, format: Format, size: int) -> int:
    if format in (kinds.HEIC, kinds.AVIF):
        return size + boxes.outline(descriptor).missing
    if format == kinds.WEBP:
        return 8 + int.from_bytes(os.pread(descriptor, 4, 4), "little")
    return size
