"""What a picture really is. Values only; they can be stored as JSON."""

from __future__ import annotations

import msgspec


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Width and height are as it is seen: turned as its tag says.

    `moves` says that it has more than one frame (GIF, WebP): `video.gifv` makes a video of it, and
    `renditions.make` a still of its first frame. `turned` is EXIF's orientation, 1..8; 1 is upright.
    """

    format: str  # "jpeg", "png", "webp", "gif", "heic", "avif"
    type: str  # media type
    bytes: int
    sha256: str  # of the file as it was sent
    width: int
    height: int
    turned: int
    moves: bool
