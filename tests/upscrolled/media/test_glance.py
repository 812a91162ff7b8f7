"""What is seen of a picture before it is there."""

from __future__ import annotations

import blurhash_rs
import pytest
from PIL import Image, ImageColor

from upscrolled.media.glance import glance


@pytest.mark.parametrize(
    ("colours", "dominant"),
    [
        ([("red", 3)], "#ff0000"),
        ([("white", 5), ("blue", 4)], "#0000ff"),
        ([("white", 5), ("blue", 1)], "#ffffff"),
        ([("#101010", 2), ("#e0e0e0", 1)], "#101010"),
    ],
)
def test_the_colour_is_the_commonest_one_and_rather_no_grey(colours, dominant):
    total = sum(parts for _, parts in colours)
    picture, at = Image.new("RGB", (60, 60 * total // total)), 0
    for colour, parts in colours:
        down = round(60 * parts / total)
        picture.paste(colour, (0, at, 60, at + down))
        at += down

    seen = ImageColor.getrgb(glance(picture).colour)

    assert seen == pytest.approx(ImageColor.getrgb(dominant), abs=3)


def test_the_blur_has_the_colours_of_the_picture_where_they_are():
    picture = Image.new("RGB", (300, 200), "navy")
    picture.paste("gold", (150, 0, 300, 200))

    blur = blurhash_rs.blurhash_decode(glance(picture).blurhash, 30, 20)

    left, right = blur.getpixel((2, 10)), blur.getpixel((27, 10))
    assert left[2] > left[0]
    assert right[0] > right[2]


def test_what_is_transparent_counts_as_white():
    assert glance(Image.new("RGBA", (10, 10), (255, 0, 0, 0))).colour == "#ffffff"
    assert glance(Image.new("LA", (10, 10), (0, 0))).colour == "#ffffff"


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16", "RGB"])
def test_every_mode_of_picture_is_seen(mode):
    assert len(glance(Image.new(mode, (20, 30))).blurhash) == 28


def test_tall_pictures_are_described_tall():
    assert glance(Image.new("RGB", (20, 30), "red")).blurhash[0] == "T"
    assert glance(Image.new("RGB", (30, 20), "red")).blurhash[0] == "L"
