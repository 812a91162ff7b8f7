"""What is seen of a picture before it is there: a blur of it, and its colour. Pure; the caller opened the picture."""

from __future__ import annotations

from dataclasses import dataclass

from blurhash_rs import blurhash_encode
from PIL import Image

_SIDE = 64  # the hash keeps a dozen waves: more pixels would change nothing but the time it takes
_BITS = 3  # of each channel, for telling colours apart
_GREY = 24  # least difference of channels that is a colour to the eye


@dataclass(frozen=True, slots=True)
class Glance:
    """`blurhash` as apps decode it, `colour` as "#rrggbb"."""

    blurhash: str
    colour: str


def glance(picture: Image.Image) -> Glance:
    """Look at a picture; what is transparent counts as white."""
    small = _opaque(picture)
    wide = small.width >= small.height
    return Glance(blurhash_encode(small, *((4, 3) if wide else (3, 4))), _dominant(small))


def _opaque(picture: Image.Image) -> Image.Image:
    small = picture.copy()
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX, reducing_gap=None)
    if small.mode in ("RGBA", "LA", "PA", "P"):
        small = small.convert("RGBA")
        ground = Image.new("RGBA", small.size, "white")
        ground.alpha_composite(small)
        small = ground
    return small.convert("RGB")


def _dominant(picture: Image.Image) -> str:
    """The mean of the commonest bucket of colours; one that is a colour counts twice as much as a grey."""
    buckets: dict[tuple[int, int, int], list[int]] = {}
    data = picture.tobytes()
    for place in range(0, len(data), 3):
        red, green, blue = data[place : place + 3]
        bucket = buckets.setdefault((red >> 8 - _BITS, green >> 8 - _BITS, blue >> 8 - _BITS), [0, 0, 0, 0])
        weight = 2 if max(red, green, blue) - min(red, green, blue) > _GREY else 1
        bucket[0] += weight
        bucket[1] += red * weight
        bucket[2] += green * weight
        bucket[3] += blue * weight
    count, *sums = max(buckets.values(), key=lambda bucket: bucket[0])
    return "#" + "".join(f"{total // count:02x}" for total in sums)
