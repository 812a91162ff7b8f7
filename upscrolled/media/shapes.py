"""What is said of every kind of media that was made. Values that can be stored as JSON."""

from __future__ import annotations

import msgspec


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the directory that is to be served, under this name and type."""

    name: str
    type: str
    bytes: int


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """Width and height as MediaAttachment's `meta` has them (Mastodon API 4.5): "640x480" and their ratio too."""

    width: int
    height: int
    size: str
    aspect: float


def size(width: int, height: int) -> Size:
    """Say how large a picture is."""
    return Size(width=width, height=height, size=f"{width}x{height}", aspect=round(width / height, 6))
