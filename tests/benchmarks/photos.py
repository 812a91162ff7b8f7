"""What a photo of 12 million pixels costs, beside a bare run of Pillow that does the same.

Both sides read a picture as phones make them (upright by its tag, a profile, noise), turn it, write it and a small one,
blur and hash it. Ours adds the look, the walls, a child for each, and the directory that is complete or absent; the
start of the process that children are forked from is counted too, once for each block of pictures as in a worker
that just began.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pdqhash
import pillow_heif
from PIL import Image, ImageCms, ImageOps

from tests.benchmarks.cost import BOUND, Cost, Figure, say
from tests.upscrolled.media.photo.pictures import exif, photo
from upscrolled.media.glance import glance
from upscrolled.media.photo import probe, renditions, workshop
from upscrolled.media.photo.limits import Limits

LIMITS = Limits()
_SIZE, _AT_ONCE = (4000, 3000), 24


def report(room: Path, runs: int) -> list[Figure]:
    """Measure, say it, and return what a photo of each format costs, and the memory of a child at its peak."""
    pillow_heif.register_heif_opener(thumbnails=False, decode_threads=LIMITS.threads)
    figures = []
    for suffix in ("jpg", "heic"):
        path = _picture(room / f"photo.{suffix}")
        ours, bare, peaks = Cost(), Cost(), [0]
        for run in range(runs):
            bare.of(lambda path=path: [_bare(path) for _ in range(_AT_ONCE)] and None)
            ours.of(lambda path=path, run=run, peaks=peaks: _ours(path, room / f"{path.name}-{run}", peaks))
        figure = Figure(
            f"a photo of 12 million pixels, {suffix.upper()}",
            ours.typical / _AT_ONCE,
            bare.typical / _AT_ONCE,
            max(peaks),
        )
        figures.append(figure)
        size = f"{_SIZE[0]}x{_SIZE[1]}, {path.stat().st_size / 1e6:.1f} MB"
        say(f"Photo: {suffix.upper()}, {size}. Medians of {runs} runs of {_AT_ONCE}, CPU seconds.")
        say(f"  ours                {figure.ours:7.3f} per photo")
        say(f"  bare Pillow         {figure.bare:7.3f} per photo")
        say(f"  ours to bare        {figure.ratio:7.3f} (at most {BOUND})")
        say(f"  child's peak        {figure.peak >> 20:7d} MB")
    return figures


def _picture(path: Path) -> Path:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = photo(*_SIZE)
    if path.suffix == ".heic":
        pillow_heif.from_pillow(picture).save(path, quality=60, exif=exif())
    else:
        picture.save(path, quality=92, exif=exif(6), icc_profile=profile)
    return path


def _ours(path: Path, into: Path, peaks: list[int]) -> None:
    for number in range(_AT_ONCE):
        facts = probe.look(path, limits=LIMITS)
        made = renditions.make(path, into / str(number), facts, limits=LIMITS)
        peaks.append(made.peak_bytes)
    workshop.close()  # a process is counted when it has ended


def _bare(path: Path) -> None:
    hashlib.sha256(path.read_bytes()).hexdigest()
    with Image.open(path) as picture:
        picture.draft(None, _SIZE)
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.save(io.BytesIO(), "JPEG", quality=88, optimize=True, progressive=True)
    upright.thumbnail((640, 640), reducing_gap=3.0)
    upright.save(io.BytesIO(), "JPEG", quality=80, optimize=True, progressive=True)
    glance(upright)
    upright.thumbnail((512, 512), Image.Resampling.BOX)
    pdqhash.compute(np.asarray(upright))
