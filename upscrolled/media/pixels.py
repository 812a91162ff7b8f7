"""From what a decoder made of a file to plain pixels: continuous, upright, in the colours of sRGB. Pure.

Used by children that read strangers' files, and by nobody else: the caller's limits of memory and time hold here.
"""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

from PIL import Image, ImageCms

_ORIENTATION = 0x0112  # TIFF 6.0
_LYING = (5, 6, 7, 8)  # its values that swap width and height
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # of profiles that a picture can have
_STEPS = (0, 51, 102, 153, 204, 255)
_SAME = 2  # levels that two colours may differ by and look the same


def orientation(picture: Image.Image) -> int:
    """Return how the picture is to be turned, 1..8; a damaged tag says nothing."""
    try:
        found = picture.getexif().get(_ORIENTATION, 1)
    except Exception:  # whatever a damaged directory of tags trips over
        return 1
    return found if found in _TURNS else 1


def lies(orientation: int) -> bool:
    """Say whether turning swaps width and height."""
    return orientation in _LYING


def continuous(picture: Image.Image) -> Image.Image:
    """Return pixels that can be averaged: no palette, no sixteen bits."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in ("RGB", "RGBA", "CMYK", "L") and "transparency" not in picture.info:
        return picture
    clear = picture.mode in ("LA", "PA", "La", "RGBa") or "transparency" in picture.info
    return picture.convert("RGBA" if clear else "RGB")


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    """Turn it as the tag of its file said, which then is gone with all other tags."""
    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def srgb(picture: Image.Image, profile: Any) -> Image.Image:
    """Return pixels of sRGB and nothing but pixels, with transparency only where there is some."""
    if profile:
        # A damaged profile: colours a little off are better than no picture.
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            picture = _converted(picture, profile)
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] == 255:
        picture = picture.convert("RGB")
    if picture.mode not in ("RGB", "RGBA"):
        picture = picture.convert("RGB")
    picture.info = {}  # what encoders would write again: comments, profiles, resolutions
    return picture


def on_white(picture: Image.Image) -> Image.Image:
    """Return the picture as it looks on paper."""
    if picture.mode == "RGB":
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _converted(picture: Image.Image, data: bytes) -> Image.Image:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
    space = _SPACES.get(profile.profile.xcolor_space)
    if (picture.mode, space) == ("RGBA", "RGB"):
        there = out = "RGBA"
    elif space is not None and (picture.mode == space or (picture.mode, space) == ("L", "RGB")):
        there, out = space, "RGB"
    else:  # the profile belongs to something else
        return picture
    transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), there, out)
    if there == "RGB" and _changes_nothing(transform):
        return picture
    changed = ImageCms.applyTransform(picture.convert(there), transform)
    assert changed is not None
    return changed


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Say whether this is sRGB by another name, as of most cameras: tried on some colours, since names say little."""
    colours = bytes(
        level for red in _STEPS for green in _STEPS for blue in _STEPS for level in (red, green, blue)
    )
    few = Image.frombytes("RGB", (len(colours) // 3, 1), colours)
    changed = ImageCms.applyTransform(few, transform)
    assert changed is not None
    return all(abs(one - other) <= _SAME for one, other in zip(colours, changed.tobytes(), strict=True))
