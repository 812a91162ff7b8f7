"""Files that mean harm, made here: each is a name and its bytes."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO

from tests.upscrolled.media.video.clips import Clips


def box(kind: bytes, *content: bytes) -> bytes:
    """Return a box of ISO/IEC 14496-12."""
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def element(number: str, content: bytes) -> bytes:
    """Return an EBML element with a length of eight bytes."""
    return bytes.fromhex(number) + struct.pack(">Q", len(content) | 1 << 56) + content


def playlists(port: int, canary: str) -> dict[str, bytes]:
    """Texts that name other files and servers, whatever they are called."""
    there, local = f"http://127.0.0.1:{port}/x.ts", f"file://{canary}"
    return {
        "playlist.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{there}\n#EXTINF:1,\n{local}\n".encode(),
        "bom.m3u8.mp4": f"\ufeff#EXTM3U\n#EXTINF:1,\n{local}\n".encode(),
        "concat.mp4": f"ffconcat version 1.0\nfile '{canary}'\nfile '{there}'\n".encode(),
        "bare_concat.mp4": f"file '{canary}'\nduration 1\n".encode(),
        "stream.sdp.mp4": f"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video {port} RTP/AVP 96\n".encode(),
        "dash.mp4": f'<?xml version="1.0"?><MPD><BaseURL>{there}</BaseURL></MPD>'.encode(),
        "smil.mp4": f'<smil><body><video src="{there}"/></body></smil>'.encode(),
        "captions.mp4": f"WEBVTT\n\n00:00.000 --> 00:01.000\n{local}\n".encode(),
        "svg.mp4": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{there}"/></svg>'.encode(),
        "words.mp4": b"hello, I am no video\n" * 50,
    }


def references(good: bytes, port: int, canary: str) -> dict[str, bytes]:
    """MP4 files whose media are said to be elsewhere: in a file, at a server."""
    url = box(b"url ", b"\0\0\0\1")  # "in this file"
    assert good.count(url) == 1
    made = {}
    for name, place in (
        ("server", f"http://127.0.0.1:{port}/media"),
        ("file", f"file://{canary}"),
        ("path", canary),
    ):
        for kind in (b"url ", b"alis", b"urn "):
            there = box(kind, b"\0\0\0\0", place.encode() + b"\0")
            made[f"{name}_{kind.decode().strip()}.mp4"] = _grown(good, url, there)
    reference = box(
        b"rmra", box(b"rmda", box(b"rdrf", b"\0\0\0\0url ", struct.pack(">I", 64), canary.encode() + b"\0"))
    )
    made["reference_movie.mov"] = box(b"ftyp", b"qt  \0\0\0\0qt  ") + box(b"moov", reference)
    return made


def _grown(data: bytes, old: bytes, new: bytes) -> bytes:
    """Exchange a box and lengthen those around it. The index is at the end: nothing it points at moves."""
    at = data.index(old)
    changed = bytearray(data[:at] + new + data[at + len(old) :])
    for around in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        start = data.rindex(around, 0, at) - 4
        (size,) = struct.unpack_from(">I", data, start)
        struct.pack_into(">I", changed, start, size + len(new) - len(old))
    return bytes(changed)


def lies(clips: Clips) -> dict[str, bytes]:
    """Headers that claim what is not there."""
    quiet, film = clips["quiet.mp4"].read_bytes(), clips["film.mkv"].read_bytes()
    return {
        "ten_hours.mp4": _lasting(quiet, seconds=36_000),
        "slow.mp4": _slow(quiet, seconds=600),
        "ten_hours.mkv": _claiming(film, 36_000_000.0),
        "huge.mov": _sized(clips["stills.mov"].read_bytes(), b"\xff\xc0\x00\x11\x08", b"\xff" * 4),
        "huge.webm": _sized(clips["odd.webm"].read_bytes(), b"\x9d\x01\x2a", b"\xff\x3f" * 2),
        "many_streams.mkv": _many_streams(4000),
    } | shapeless(clips)


def shapeless(clips: Clips) -> dict[str, bytes]:
    """Headers that lead nowhere."""
    quiet = clips["quiet.mp4"].read_bytes()
    return {
        "nothing.mp4": quiet[:32],
        "box_beyond.mp4": struct.pack(">I4s", 0xFFFFFFF0, b"ftyp") + quiet[8:],
        "box_of_one.mp4": struct.pack(">I4sQ", 1, b"ftyp", 1 << 62) + quiet[16:],
        "nested.mp4": box(b"ftyp", b"isom\0\0\0\0isom") + _nested(200),
        "no_packets.mkv": _matroska(36_000_000.0, b""),
        "endless.mkv": _matroska(1.0, b"\x1f\x43\xb6\x75" + b"\x01" + b"\xff" * 7),
    }


def nonsense(clips: Clips) -> dict[str, bytes]:
    """Numbers that are none, around frames that can be read."""
    film = clips["film.mkv"].read_bytes()
    return {
        "nan.mkv": _claiming(film, float("nan")),
        "infinite.mkv": _claiming(film, float("inf")),
        "negative.mkv": _claiming(film, -1e300),
        "nan_rate.mkv": _with_rate(film, float("nan")),
        "infinite_rate.mkv": _with_rate(film, float("inf")),
        "no_time.mp4": _slow(clips["quiet.mp4"].read_bytes(), seconds=0),
    }


def _lasting(data: bytes, *, seconds: int) -> bytes:
    """In every header that tells a duration."""
    changed = bytearray(data)
    for kind, scale, there in (
        (b"mvhd", 1000, 20),
        (b"tkhd", 1000, 24),
        (b"mdhd", 15360, 20),
        (b"elst", 1000, 12),
    ):
        struct.pack_into(">I", changed, data.index(kind) + there, seconds * scale)
    return bytes(changed)


def _slow(data: bytes, *, seconds: int) -> bytes:
    """Each frame lasts so long."""
    changed = bytearray(data)
    struct.pack_into(">I", changed, data.index(b"stts") + 16, seconds * 15360)
    return bytes(changed)


def _claiming(data: bytes, milliseconds: float) -> bytes:
    changed = bytearray(data)
    struct.pack_into(">d", changed, data.index(b"\x44\x89\x88") + 3, milliseconds)
    return bytes(changed)


def _with_rate(data: bytes, rate: float) -> bytes:
    """Say of the picture's track how many frames it has a second (FrameRate, in TrackEntry's Video)."""
    return _grown_within(
        data, ("18538067", "1654AE6B", "AE", "E0"), element("2383E3", struct.pack(">d", rate))
    )


def _grown_within(data: bytes, way: tuple[str, ...], more: bytes) -> bytes:
    """Put an element into the first one that this way leads to, and lengthen all that hold it."""
    if not way:
        return data + more
    at = 0
    while True:
        length = at + 9 - data[at].bit_length()
        width = 9 - data[length].bit_length()
        begins = length + width
        ends = begins + int.from_bytes(data[length:begins], "big") - (1 << 7 * width)
        if data[at:length] == bytes.fromhex(way[0]):
            within = _grown_within(data[begins:ends], way[1:], more)
            return data[:at] + element(way[0], within) + data[ends:]
        at = ends


def _sized(data: bytes, before: bytes, size: bytes) -> bytes:
    """Write another size into the frames themselves."""
    parts = data.split(before)
    assert len(parts) > 1
    return parts[0] + b"".join(before + size + part[len(size) :] for part in parts[1:])


def _nested(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = box(b"moov", inner)
    return inner


def _matroska(milliseconds: float, more: bytes) -> bytes:
    info = element("2AD7B1", b"\x0f\x42\x40") + element("4489", struct.pack(">d", milliseconds))
    video = element("E0", element("B0", b"\x01\x40") + element("BA", b"\xf0"))
    track = element(
        "AE",
        element("D7", b"\1")
        + element("73C5", b"\1")
        + element("83", b"\1")
        + element("86", b"V_VP8")
        + video,
    )
    segment = element("1549A966", info) + element("1654AE6B", track) + more
    return element("1A45DFA3", element("4282", b"webm")) + element("18538067", segment)


def _many_streams(count: int) -> bytes:
    video = element("E0", element("B0", b"\x10") + element("BA", b"\x10"))
    tracks = b"".join(
        element(
            "AE",
            element("D7", struct.pack(">H", number)) + element("73C5", struct.pack(">H", number))
            + element("83", b"\1") + element("86", b"V_VP8") + video,
        )
        for number in range(1, count + 1)
    )  # fmt: skip
    info = element("2AD7B1", b"\x0f\x42\x40")
    segment = element("1549A966", info) + element("1654AE6B", tracks)
    return element("1A45DFA3", element("4282", b"matroska")) + element("18538067", segment)


def strangers() -> dict[str, bytes]:
    """Kinds of files that are not taken, under names that are."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("bomb.mp4", bytes(20_000_000))
    return {
        "empty.mp4": b"",
        "bomb.mp4": archive.getvalue(),
        "picture.mp4": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(200) + b"\xff\xd9",
        "heic.mp4": box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", bytes(100)),
        "avif.mp4": box(b"ftyp", b"avif\0\0\0\0mif1avif") + box(b"meta", bytes(100)),
        "script.mp4": b"#!/bin/sh\nexit 0\n",
        "noise.mp4": bytes(range(1, 255)) * 40,
        "zeroes.mp4": bytes(100_000),
        "one_byte.mp4": b"\0",
    }


def polyglots(clips: Clips) -> dict[str, bytes]:
    """Two kinds in one file: the first bytes decide."""
    quiet = clips["quiet.mp4"].read_bytes()
    return {
        "jpeg_then_mp4.mp4": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(100) + b"\xff\xd9" + quiet,
        "zip_then_mp4.mp4": b"PK\x03\x04" + quiet,
        "gif_then_mp4.gif": b"GIF89a" + quiet,
    }


def cut(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield a file that ended after each tenth."""
    for tenth in range(1, 10):
        yield tenth, data[: len(data) * tenth // 10]
