"""What the child does: reads somebody's picture with one decoder, and draws ours from its pixels.

Whatever a decoder trips over, the file is what is wrong. Nothing here opens a file: descriptors are handed over.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pillow_heif
from PIL import Image, ImageFile, UnidentifiedImageError

from PIL import AvifImagePlugin, GifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin  # isort: skip
from PIL import ImageColor, ImageOps, ImagePalette, TiffImagePlugin, WebPImagePlugin  # isort: skip

from upscrolled.media import pixels
from upscrolled.media.photo import png
from upscrolled.media.photo.kinds import Format
from upscrolled.media.photo.limits import Limits
from upscrolled.media.refusals import Reason, Refused

# Imported before the doors are shut, because Pillow does so only when it comes to need them.
LOADED = (
    *(AvifImagePlugin, GifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin),
    *(ImageColor, ImageOps, ImagePalette, TiffImagePlugin),
)
_LARGE, _SMALL, _CLEAR = 88, 80, 85  # qualities: of the picture, of the preview, of what is transparent
_SAMPLE, _COLOURS = (
    256,
    8,
)  # pixels a side that are counted; a photo has another colour in every eighth, or more
_PROFILE_MAX = 16 << 20  # bytes of a profile, or of a text, in a PNG
_CUT_OFF = "The picture ends before its content does; it was not sent whole"
_CUT = ("truncated", "Truncated", "unexpected end", "Unexpected end")


def prepare() -> None:
    """Load what reading and drawing need, so that they need no file afterwards."""
    Image.preinit()
    Image.MAX_IMAGE_PIXELS = None  # the limits are ours, with sentences of ours
    PngImagePlugin.MAX_TEXT_CHUNK = _PROFILE_MAX  # Pillow's own is less than some printers' profiles have
    pillow_heif.register_heif_opener(thumbnails=False)
    pillow_heif.options.DEPTH_IMAGES = pillow_heif.options.AUX_IMAGES = False
    for name in ("latin-1", "ascii", "utf-16"):
        "".encode(name)
    warnings.simplefilter("ignore")


def look(source: int, format: Format, limits: Limits) -> dict[str, Any]:
    """Return what the picture says of itself, within the limits: `Facts` without what the parent knows."""
    with _opened(source, format, limits) as picture:
        return {
            **_upright_size(picture),
            "turned": pixels.orientation(picture),
            "moves": format.decoder in ("GIF", "WEBP") and bool(getattr(picture, "is_animated", False)),
        }


def make(
    source: int, format: Format, limits: Limits, *, into: tuple[int, int, int], side: int
) -> dict[str, Any]:
    """Draw the picture and its preview into two files, and what is looked at and hashed, as raw RGB, into a third.

    Decoded once; everything is drawn from the next larger one. `side` is the longer one of the third.
    """
    with _opened(source, format, limits) as picture:
        turned = pixels.orientation(picture)
        profile = picture.info.get("icc_profile")
        target = limits.large(*picture.size)
        if format.decoder == "JPEG":
            picture.draft(None, target)  # a much larger one is decoded at half or less of its size
        picture.load()
        _require_rows(source, picture)
        drawn = pixels.continuous(picture)
        if drawn.size != target:
            drawn = drawn.resize(target, Image.Resampling.LANCZOS, reducing_gap=3.0)
    drawn = pixels.srgb(pixels.upright(drawn, turned), profile)
    kind, content = _encoded(drawn, format, limits)
    less = drawn.resize(limits.small(*drawn.size), Image.Resampling.LANCZOS, reducing_gap=3.0)
    less_kind, less_content = _lossy(less, _SMALL)
    likened = _within(pixels.on_white(less), side)
    for where, what in zip(into, (content, less_content, likened.tobytes()), strict=True):
        _write(where, what)
    return {
        "large": {"suffix": kind, "size": drawn.size},
        "small": {"suffix": less_kind, "size": less.size},
        "seen": likened.size,
    }


def _require_rows(source: int, picture: Image.Image) -> None:
    """Refuse a PNG whose last rows never came. They would be empty, so only one that ends so is counted."""
    last = picture.crop((0, picture.height - 1, *picture.size))
    if picture.format == "PNG" and last.getbbox(alpha_only=False) is None:
        with open(source, "rb", closefd=False) as file:
            if not png.is_whole(file):
                raise Refused(Reason.TRUNCATED, _CUT_OFF)


def _within(picture: Image.Image, side: int) -> Image.Image:
    scale = min(1.0, side / max(picture.size))
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return picture.resize(size, Image.Resampling.BOX)


@contextmanager
def _opened(source: int, format: Format, limits: Limits) -> Iterator[ImageFile.ImageFile]:
    pillow_heif.options.DECODE_THREADS = AvifImagePlugin.DEFAULT_MAX_THREADS = limits.threads
    try:
        with open(source, "rb", closefd=False) as file, Image.open(file, formats=[format.decoder]) as picture:
            _refuse_size(*picture.size, limits)
            yield picture
    except (Refused, MemoryError):
        raise
    except UnidentifiedImageError:
        raise Refused(
            Reason.UNREADABLE,
            f"The file is damaged: it begins as a {format.title} picture and cannot be read as one",
        ) from None
    except Exception as error:
        if isinstance(error, EOFError) or any(each in str(error) for each in _CUT):
            raise Refused(Reason.TRUNCATED, _CUT_OFF) from None
        raise Refused(
            Reason.UNREADABLE, f"The {format.title} picture is damaged and cannot be read"
        ) from None


def _refuse_size(across: int, down: int, limits: Limits) -> None:
    if across * down > limits.pixels_max:
        raise Refused(
            Reason.PIXELS,
            f"The picture has {across} x {down} = {across * down} pixels; at most {limits.pixels_max}",
        )
    if max(across, down) > limits.side_max:
        raise Refused(
            Reason.LONG, f"The picture is {across} x {down} pixels; each side has at most {limits.side_max}"
        )


def _upright_size(picture: Image.Image) -> dict[str, int]:
    across, down = picture.size
    if pixels.lies(pixels.orientation(picture)):
        across, down = down, across
    return {"width": across, "height": down}


def _encoded(drawn: Image.Image, format: Format, limits: Limits) -> tuple[str, bytes]:
    """JPEG for photos; without loss for graphics, whose edges JPEG frays; WebP for photos with transparency."""
    if format.decoder != "JPEG" and _is_graphic(drawn):
        content = _bytes(drawn, "PNG")
        if len(content) <= limits.bytes_max:
            return "png", content
    return _lossy(drawn, _LARGE)


def _is_graphic(drawn: Image.Image) -> bool:
    """Say whether few colours make up the picture, as of screenshots and drawings."""
    size = min(_SAMPLE, drawn.width), min(_SAMPLE, drawn.height)
    few = drawn.resize(size, Image.Resampling.NEAREST)
    return few.getcolors(max(256, few.width * few.height // _COLOURS)) is not None


def _lossy(drawn: Image.Image, quality: int) -> tuple[str, bytes]:
    if drawn.mode == "RGBA":
        return "webp", _bytes(drawn, "WEBP", quality=_CLEAR, method=4)
    # Progressive: on a bad network the whole of it is seen at once, and sharpens.
    return "jpg", _bytes(drawn, "JPEG", quality=quality, optimize=True, progressive=True)


def _bytes(drawn: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    drawn.save(out, kind, **how)
    return out.getvalue()


def _write(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
