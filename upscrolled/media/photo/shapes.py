"""What a child says of a picture, and what is made of it: values that can be stored as JSON."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from upscrolled.media import likeness
from upscrolled.media.shapes import File, Size

# A child that read a hostile file may say anything: what it says is held to these.
_Side = Annotated[int, msgspec.Meta(ge=1, le=65_535)]
_Seen = Annotated[int, msgspec.Meta(ge=1, le=likeness.SIDE)]


class Looked(msgspec.Struct, frozen=True):
    """The header of a picture; see `Facts`."""

    width: _Side
    height: _Side
    turned: Annotated[int, msgspec.Meta(ge=1, le=8)]
    moves: bool


class Drawn(msgspec.Struct, frozen=True):
    """A file that was written."""

    suffix: Literal["jpg", "png", "webp"]
    size: tuple[_Side, _Side]


class Drawings(msgspec.Struct, frozen=True):
    """All that were; `seen` is the size of the raw pixels."""

    large: Drawn
    small: Drawn
    seen: tuple[_Seen, _Seen]


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """MediaAttachment's `meta` of an image (Mastodon API 4.5)."""

    original: Size
    small: Size


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A directory of files, complete. `main` is the picture, `preview` the small one.

    `colour` is "#rrggbb"; `pdq` are 64 hex digits, `quality` is that hash's, 0..100. `seconds` are of the child's
    processor time, `peak_bytes` the most memory that it had.
    """

    files: list[File]
    main: str
    preview: str
    meta: Meta
    blurhash: str
    colour: str
    pdq: str
    quality: int
    seconds: float = 0.0
    peak_bytes: int = 0
