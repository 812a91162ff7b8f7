"""Which small pictures there are, of profiles and of linked pages, and what may be sent for them."""

from __future__ import annotations

from dataclasses import dataclass

from upscrolled.core.errors import Invalid

BYTES_MAX = 8 * 1024 * 1024
PIXELS_MAX = 33_177_600  # 7680 x 4320: decoded, about 130 MB
# What may be sent, by content: the first bytes, the name that Pillow has for it, the media type.
_JPEG, _PNG, _GIF, _WEBP = (b"\xff\xd8\xff",), (b"\x89PNG\r\n\x1a\n",), (b"GIF87a", b"GIF89a"), (b"RIFF",)
_BEGINNINGS = {"JPEG": _JPEG, "PNG": _PNG, "GIF": _GIF, "WEBP": _WEBP}
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}


class Refused(Invalid):
    """The file is no picture that is taken here; the sentence names the limit and the actual value."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A place for a picture: what is sent is cut to its shape around the middle, and made smaller if it is larger.

    `whole`: nothing is cut off, and the shape is a limit for width and height. `moves` keeps a GIF's frames, at
    most `frame` pixels wide and high: it weighs as much as all of them together.
    """

    name: str
    folder: str
    width: int
    height: int
    moves: bool
    frame: int = 200
    whole: bool = False


AVATAR = Kind("avatar", "avatars", 400, 400, moves=True)
HEADER = Kind("header", "headers", 1500, 500, moves=False)
CARD = Kind("card", "cards", 800, 800, moves=False, whole=True)
# Stands for a sound or a video where whoever sent it chose a picture; stored with them (`operations/attachments.py`).
THUMBNAIL = Kind("thumbnail", "thumbnails", 640, 640, moves=False, whole=True)
KINDS = {kind.name: kind for kind in (AVATAR, HEADER, CARD)}


def sniff(kind: Kind, data: bytes) -> str:
    """Return Pillow's name of the format, by the content and never by a name. Raises Refused."""
    label = kind.name.capitalize()
    if not data:
        raise Refused(f"Validation failed: {label} is empty (0 bytes)")
    if len(data) > BYTES_MAX:
        raise Refused(f"Validation failed: {label} has {len(data)} bytes; at most {BYTES_MAX}")
    for name, beginnings in _BEGINNINGS.items():
        if data.startswith(beginnings) and (name != "WEBP" or data[8:12] == b"WEBP"):
            return name
    raise Refused(f"Validation failed: {label} must be a JPEG, PNG, WebP or GIF picture; it is none of them")
