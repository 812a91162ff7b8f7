"""From a photo that was looked at to a directory that is served: the picture, a small one, its blur, its hashes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image

from upscrolled.media import aside, likeness, shapes, source
from upscrolled.media.glance import glance
from upscrolled.media.photo import kinds, workshop
from upscrolled.media.photo.facts import Facts
from upscrolled.media.photo.limits import Limits
from upscrolled.media.photo.shapes import Drawings, Drawn, Made, Meta
from upscrolled.media.refusals import Broken

PHOTO, PREVIEW = "photo", "preview"  # their suffixes follow from what they show


def make(path: Path, into: Path, facts: Facts, *, limits: Limits) -> Made:
    """Make both pictures in the directory `into`, which is complete afterwards, or absent if this raises.

    If it is there already, nothing is done again. Of a picture that moves it is the first frame. Raises Refused,
    Broken.
    """

    def fill(room: Path) -> Made:
        with (
            source.opened(path) as descriptor,
            open(room / PHOTO, "xb") as large,
            open(room / PREVIEW, "xb") as small,
            tempfile.TemporaryFile(dir=room) as seen,
        ):
            files = [descriptor, large.fileno(), small.fileno(), seen.fileno()]
            done = workshop.do(
                "make", kinds.FORMATS[facts.format], files, limits, Drawings, side=likeness.SIDE
            )
            drawn = done.made
            likened = _likened(seen, *drawn.seen)
        blur, (pdq, quality) = glance(likened), likeness.pdq(np.asarray(likened))
        return Made(
            main=_named(room / PHOTO, drawn.large),
            preview=_named(room / PREVIEW, drawn.small),
            files=aside.files(room),
            meta=Meta(original=shapes.size(*drawn.large.size), small=shapes.size(*drawn.small.size)),
            blurhash=blur.blurhash,
            colour=blur.colour,
            pdq=pdq,
            quality=quality,
            seconds=done.seconds,
            peak_bytes=done.peak_bytes,
        )

    return aside.once(into, fill, Made)


def _likened(seen: IO[bytes], across: int, down: int) -> Image.Image:
    """Nothing is decoded here: the file has as many bytes as the pixels that it is, or there is no picture."""
    raw = os.pread(seen.fileno(), across * down * 3, 0)
    if len(raw) != across * down * 3:
        raise Broken(f"The child left {len(raw)} bytes of {across} x {down} pixels")
    return Image.frombytes("RGB", (across, down), raw)


def _named(file: Path, drawn: Drawn) -> str:
    there = file.with_suffix(f".{drawn.suffix}")
    file.rename(there)
    return there.name
