"""Pictures that tests make: small, each made once a run. And ways to look at results."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageDraw

SECRET = "31.7767 35.2345 by Pear"  # what nobody is to learn from a picture
_XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:li>{SECRET}</rdf:li></x:xmpmeta>'.encode()
CORNERS = ("red", "lime", "blue", "yellow")  # from the upper left, as one reads


def photo(width: int = 480, height: int = 320, seed: int = 7) -> Image.Image:
    """Light that falls off, shapes, and noise as cameras have it."""
    noise = np.random.default_rng(seed)
    down, across = np.mgrid[0:height, 0:width]
    waves = np.stack(
        [
            120 + 90 * np.sin(across / width * turns + down / height * (3 + seed % 5)) + down / height * 40
            for turns in (3, 5, 8)
        ],
        axis=-1,
    )
    pixels = np.clip(waves + noise.normal(0, 6, waves.shape), 0, 255).astype(np.uint8)
    picture = Image.fromarray(pixels)
    ImageDraw.Draw(picture).ellipse((width // 5, height // 4, width // 2, height // 4 * 3), fill="#c07030")
    return picture


def corners(width: int = 240, height: int = 160) -> Image.Image:
    """Four colours that tell which side is up."""
    picture = Image.new("RGB", (width, height))
    for place, colour in enumerate(CORNERS):
        left, top = place % 2 * width // 2, place // 2 * height // 2
        picture.paste(colour, (left, top, left + width // 2, top + height // 2))
    return picture


def exif(orientation: int = 1) -> bytes:
    """Tags of a phone: where, by what, and which side is up."""
    tags = Image.Exif()
    tags[0x010F] = SECRET
    tags[0x0112] = orientation
    tags.get_ifd(0x8825).update({1: "N", 2: (31.0, 46.0, 36.1), 3: "E", 4: (35.0, 14.0, 4.2)})
    return tags.tobytes()


def lying(orientation: int) -> Image.Image:
    """The corners as a camera stores them whose tag says `orientation`."""
    turns = Image.Transpose
    back = {
        2: turns.FLIP_LEFT_RIGHT,
        3: turns.ROTATE_180,
        4: turns.FLIP_TOP_BOTTOM,
        5: turns.TRANSPOSE,
        6: turns.ROTATE_90,
        7: turns.TRANSVERSE,
        8: turns.ROTATE_270,
    }.get(orientation)
    return corners() if back is None else corners().transpose(back)


def profile(order: str = "rgb", kind: bytes = b"RGB ") -> bytes:
    """An ICC profile of sRGB's primaries, given to the channels in this order: another one shows at once."""

    def number(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    def tag(kind: bytes, content: bytes) -> bytes:
        body = kind + bytes(4) + content
        return body + bytes(-len(body) % 4)

    xyz = {"r": (0.4361, 0.2225, 0.0139), "g": (0.3851, 0.7169, 0.0971), "b": (0.1431, 0.0606, 0.7139)}
    curve = tag(b"curv", struct.pack(">IH", 1, round(2.2 * 256)) + bytes(2))
    tags = {
        b"desc": tag(b"desc", struct.pack(">I", 5) + b"test\0" + bytes(78)),
        b"cprt": tag(b"text", b"none\0"),
        b"wtpt": tag(b"XYZ ", b"".join(map(number, (0.9642, 1.0, 0.8249)))),
    }
    for name, primary in zip((b"r", b"g", b"b"), order, strict=True):
        tags[name + b"XYZ"] = tag(b"XYZ ", b"".join(map(number, xyz[primary])))
        tags[name + b"TRC"] = curve
    if kind == b"GRAY":
        tags = {key: value for key, value in tags.items() if key in (b"desc", b"cprt", b"wtpt")} | {
            b"kTRC": curve
        }
    at, table, data = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", at + len(data), len(content))
        data += content
    head = struct.pack(">I4sI4s4s4s", at + len(data), bytes(4), 0x02400000, b"mntr", kind, b"XYZ ")
    head += struct.pack(">6H4s", 2024, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    head += b"".join(map(number, (0.9642, 1.0, 0.8249)))
    return head.ljust(128, b"\0") + table + data


def srgb() -> bytes:
    """The profile that most cameras write."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _drawing() -> Image.Image:
    picture = Image.new("RGB", (400, 300), "white")
    for line in range(12):
        ImageDraw.Draw(picture).text(
            (10, 10 + 22 * line), "Few colours, sharp edges, much to read.", fill="black"
        )
    return picture


def _glass() -> Image.Image:
    picture = photo().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return picture


def _sign() -> Image.Image:
    picture = Image.new("RGBA", (300, 200))
    ImageDraw.Draw(picture).rectangle((50, 50, 250, 150), fill="navy")
    return picture


def _frames() -> list[Image.Image]:
    return [Image.new("RGB", (160, 120), colour) for colour in ("maroon", "teal", "olive")]


def _heic(picture: Image.Image, to: Path, **more: object) -> None:
    pillow_heif.from_pillow(picture).save(to, quality=80, **more)


def _gray16(to: Path) -> None:
    across = np.linspace(0, 65535, 300).astype(np.uint16)
    Image.fromarray(np.tile(across, (200, 1))).save(to)


MAKERS: dict[str, Callable[[Path], object]] = {
    "photo.jpg": lambda to: photo().save(to, quality=90),
    "phone.jpg": lambda to: lying(6).save(to, exif=exif(6), comment=SECRET.encode(), xmp=_XMP, icc_profile=srgb()),
    "photo.png": lambda to: photo().save(to, exif=exif()),
    "photo.webp": lambda to: photo().save(to, exif=exif(), xmp=_XMP, quality=90),
    "photo.heic": lambda to: _heic(photo(), to, exif=exif(), xmp=_XMP),
    "photo.avif": lambda to: photo().save(to, exif=exif(), xmp=_XMP),
    "photo.gif": lambda to: photo().quantize(256).save(to, comment=SECRET.encode()),
    "strip.jpg": lambda to: photo(120, 2400).save(to, quality=90),
    "dot.png": lambda to: Image.new("RGB", (1, 1), "red").save(to),
    "drawing.png": lambda to: _drawing().save(to),
    "drawing.webp": lambda to: _drawing().save(to, lossless=True),
    "drawing.gif": lambda to: _drawing().save(to),
    "glass.png": lambda to: _glass().save(to),
    "glass.webp": lambda to: _glass().save(to),
    "glass.heic": lambda to: _heic(_glass(), to),
    "sign.png": lambda to: _sign().save(to),
    "sign.gif": lambda to: _sign().save(to),
    "opaque.png": lambda to: photo().convert("RGBA").save(to),
    "gray.jpg": lambda to: photo().convert("L").save(to, quality=90),
    "gray.png": lambda to: photo().convert("LA").save(to),
    "gray16.png": _gray16,
    "print.jpg": lambda to: photo().convert("CMYK").save(to, quality=90),
    "swapped.jpg": lambda to: corners().save(to, icc_profile=profile("grb"), quality=95),
    "swapped.png": lambda to: corners().save(to, icc_profile=profile("grb")),
    "gray_profile.jpg": lambda to: photo().save(to, icc_profile=profile(kind=b"GRAY")),
    "large_profile.png": lambda to: photo().save(to, icc_profile=srgb() + bytes(3 << 20)),
    "no_profile.jpg": lambda to: photo().save(to, icc_profile=b"no profile at all" * 20),
    "moving.gif": lambda to: _frames()[0].save(to, save_all=True, append_images=_frames()[1:], duration=80),
    "moving.webp": lambda to: _frames()[0].save(to, save_all=True, append_images=_frames()[1:], duration=80),
    "moving.png": lambda to: _frames()[0].save(to, save_all=True, append_images=_frames()[1:]),
}  # fmt: skip
for _turn in range(1, 9):
    MAKERS[f"turned{_turn}.jpg"] = lambda to, turn=_turn: lying(turn).save(to, exif=exif(turn), quality=95)
for _name in ("png", "webp", "avif"):
    MAKERS[f"turned6.{_name}"] = lambda to: lying(6).save(to, exif=exif(6))
MAKERS["turned6.heic"] = lambda to: _heic(lying(6), to, exif=exif(6))


class Pictures:
    """pictures["phone.jpg"]: its path; made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> Path:
        path = self._folder / name
        if not path.exists():
            MAKERS[name](path)
        return path


def seen(path: Path) -> Image.Image:
    """Open one of our own files."""
    with Image.open(path) as picture:
        picture.load()
    return picture


def distance(one: str, other: str) -> int:
    """Return how many bits of two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
