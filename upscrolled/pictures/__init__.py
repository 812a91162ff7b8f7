"""Small pictures, of profiles and linked pages: what is taken, how a child process makes it anew, where it lies."""

from upscrolled.pictures.kinds import (
    AVATAR,
    BYTES_MAX,
    CARD,
    HEADER,
    KINDS,
    PIXELS_MAX,
    THUMBNAIL,
    TYPES,
    Kind,
    Refused,
    sniff,
)
from upscrolled.pictures.process import AT_ONCE, Drawn, draw, make

__all__ = [
    "AT_ONCE",
    "AVATAR",
    "BYTES_MAX",
    "CARD",
    "HEADER",
    "KINDS",
    "PIXELS_MAX",
    "THUMBNAIL",
    "TYPES",
    "Drawn",
    "Kind",
    "Refused",
    "draw",
    "make",
    "sniff",
]
