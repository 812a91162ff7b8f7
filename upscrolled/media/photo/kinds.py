"""Which format a picture has, by its first bytes and never by a name; and whether it is something else besides."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from upscrolled.media import strangers
from upscrolled.media.refusals import Reason, Refused


@dataclass(frozen=True, slots=True)
class Format:
    """`decoder` is the only one that may read the file, by Pillow's name for it."""

    name: str
    decoder: str
    type: str
    title: str


JPEG = Format("jpeg", "JPEG", "image/jpeg", "JPEG")
PNG = Format("png", "PNG", "image/png", "PNG")
GIF = Format("gif", "GIF", "image/gif", "GIF")
WEBP = Format("webp", "WEBP", "image/webp", "WebP")
HEIC = Format("heic", "HEIF", "image/heic", "HEIC")
AVIF = Format("avif", "AVIF", "image/avif", "AVIF")
FORMATS = {each.name: each for each in (JPEG, PNG, GIF, WEBP, HEIC, AVIF)}
TAKEN = "JPEG, PNG, WebP, GIF, HEIC, AVIF"

_HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"))
_AVIF_BRANDS = frozenset((b"avif", b"avis"))

# A ZIP is read from its end: a record of 22 bytes and a comment that say where its list begins.
_ZIP_END, _ZIP_ENTRY, _ZIP_TAIL = b"PK\x05\x06", b"PK\x01\x02", 22 + 65_535
# Long words only: in millions of photos a short one stands somewhere by chance.
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|body|script|iframe|\?php)[\s>]", re.I)


def sniff(descriptor: int) -> Format:
    """Return the format of an open file. Raises Refused: empty, nothing that is taken, or two kinds at once."""
    head = os.pread(descriptor, strangers.HEAD, 0)
    if not head:
        raise Refused(Reason.EMPTY, "The file is empty (0 bytes)")
    format = _of(head)
    if format is None:
        raise Refused(Reason.NOT_MEDIA, f"This is {strangers.describe(head)}; taken are {TAKEN}")
    if (other := _besides(descriptor, head)) is not None:
        raise Refused(Reason.TWO_KINDS, f"This is a {format.title} picture and {other} at once")
    return format


def _of(head: bytes) -> Format | None:
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        ends = min(int.from_bytes(head[:4], "big"), len(head))
        main, brands = head[8:12], {head[at : at + 4] for at in (8, *range(16, ends, 4))}
        if main in _AVIF_BRANDS or (brands & _AVIF_BRANDS and not brands & _HEIC_BRANDS):
            return AVIF
        if brands & _HEIC_BRANDS:
            return HEIC
    return None


def _besides(descriptor: int, head: bytes) -> str | None:
    """Name what else the file can be read as, or None.

    What apps hang on behind a picture is left alone: phones do it, with a short video or a second picture. But what
    is a picture to us and an archive or a page to the next program was made to deceive one of the two.
    """
    size = os.fstat(descriptor).st_size
    began = max(0, size - _ZIP_TAIL)
    tail = os.pread(descriptor, _ZIP_TAIL, began)
    at = tail.rfind(_ZIP_END)
    if at >= 0 and len(tail) - at >= 22:
        length = int.from_bytes(tail[at + 12 : at + 16], "little")
        lists = began + at - length  # whatever stands before the archive: its list ends where its end begins
        if lists >= 0 and os.pread(descriptor, 4, lists) == _ZIP_ENTRY:
            return "a ZIP archive"
    if _MARKUP.search(head) or _MARKUP.search(tail):
        return "a web page"
    return None
