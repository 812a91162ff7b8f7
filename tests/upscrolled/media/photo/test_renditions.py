"""What is made of photos."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageColor, ImageStat

from tests.upscrolled.media.photo.pictures import CORNERS, SECRET, distance, exif, photo, seen
from upscrolled.media import likeness
from upscrolled.media.glance import glance
from upscrolled.media.photo import probe, renditions
from upscrolled.media.photo.limits import Limits
from upscrolled.media.refusals import Refused


def _colours(picture: Image.Image) -> list[tuple[int, ...]]:
    """Of the four corners, as one reads."""
    picture = picture.convert("RGB")
    across, down = picture.size
    return [
        picture.getpixel((x, y)) for y in (down // 4, down * 3 // 4) for x in (across // 4, across * 3 // 4)
    ]


def _difference(one: Image.Image, other: Image.Image) -> float:
    """Mean of all levels' distances."""
    return float(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).mean())


@pytest.mark.parametrize(
    ("name", "main", "preview"),
    [
        ("photo.jpg", "photo.jpg", "preview.jpg"),
        ("photo.png", "photo.jpg", "preview.jpg"),
        ("photo.webp", "photo.jpg", "preview.jpg"),
        ("photo.heic", "photo.jpg", "preview.jpg"),
        ("photo.avif", "photo.jpg", "preview.jpg"),
        ("opaque.png", "photo.jpg", "preview.jpg"),
        ("gray.jpg", "photo.jpg", "preview.jpg"),
        ("print.jpg", "photo.jpg", "preview.jpg"),
        ("drawing.png", "photo.png", "preview.jpg"),
        ("drawing.webp", "photo.png", "preview.jpg"),
        ("drawing.gif", "photo.png", "preview.jpg"),
        ("sign.png", "photo.png", "preview.webp"),
        ("sign.gif", "photo.png", "preview.webp"),
        ("glass.png", "photo.webp", "preview.webp"),
        ("glass.webp", "photo.webp", "preview.webp"),
        ("glass.heic", "photo.webp", "preview.webp"),
    ],
)
def test_photos_become_jpeg_and_what_jpeg_would_spoil_does_not(made_of, pictures, name, main, preview):
    into, made = made_of(name)

    assert (made.main, made.preview) == (main, preview)
    assert [file.name for file in made.files] == sorted([main, preview])
    for file in made.files:
        assert (into / file.name).stat().st_size == file.bytes
        with Image.open(into / file.name) as picture:
            assert Image.MIME[picture.format] == file.type
    large, small = seen(into / main), seen(into / preview)
    assert large.size == (made.meta.original.width, made.meta.original.height) == seen_size(pictures[name])
    assert small.size == (made.meta.small.width, made.meta.small.height)
    assert made.meta.original.size == f"{large.width}x{large.height}"
    assert made.meta.original.aspect == pytest.approx(large.width / large.height, abs=1e-5)


def seen_size(path) -> tuple[int, int]:
    facts = probe.look(path, limits=Limits())
    return facts.width, facts.height


@pytest.mark.parametrize(
    "name", ["photo.jpg", "photo.png", "photo.webp", "photo.heic", "photo.avif", "large_profile.png"]
)
def test_a_photo_looks_as_it_did(made_of, name):
    into, made = made_of(name)

    assert _difference(seen(into / made.main), photo()) < 6


@pytest.mark.parametrize("name", ["drawing.png", "drawing.webp", "sign.png"])
def test_a_graphic_is_kept_to_the_last_pixel(made_of, pictures, name):
    into, made = made_of(name)

    assert seen(into / made.main).tobytes() == seen(pictures[name]).tobytes()


@pytest.mark.parametrize(
    "name",
    [
        *(f"turned{turn}.jpg" for turn in range(1, 9)),
        "turned6.png",
        "turned6.webp",
        "turned6.heic",
        "turned6.avif",
    ],
)
def test_every_picture_stands_upright(made_of, name):
    into, made = made_of(name)

    for file in (made.main, made.preview):
        picture = seen(into / file)
        assert picture.size == (240, 160)
        for colour, name_of_it in zip(_colours(picture), CORNERS, strict=True):
            assert colour == pytest.approx(ImageColor.getrgb(name_of_it), abs=12)


@pytest.mark.parametrize(
    "name",
    [
        "phone.jpg",
        "photo.png",
        "photo.webp",
        "photo.heic",
        "photo.avif",
        "photo.gif",
        "glass.png",
        "drawing.png",
    ],
)
def test_nothing_is_left_of_where_when_and_by_what(made_of, pictures, name):
    into, made = made_of(name)

    if name != "drawing.png" and "glass" not in name:
        assert SECRET.encode() in pictures[name].read_bytes()
    for file in made.files:
        data = (into / file.name).read_bytes()
        for trace in (
            SECRET.encode(),
            SECRET[:7].encode(),
            b"Exif",
            b"EXIF",
            b"eXIf",
            b"xmpmeta",
            b"XMP ",
        ):
            assert trace not in data
        for trace in (b"ICC_PROFILE", b"iCCP", b"ICCP", b"tEXt", b"iTXt", b"pHYs", b"Photoshop"):
            assert trace not in data
        with Image.open(into / file.name) as picture:
            assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive",
                                         "progression", "loop", "background", "timestamp", "duration"}  # fmt: skip
            assert len(picture.getexif()) == 0


def test_the_tests_own_tags_are_such_as_phones_write():
    tags = Image.Exif()
    tags.load(exif(6))

    assert tags[0x0112] == 6
    assert tags.get_ifd(0x8825)[2] == (31.0, 46.0, pytest.approx(36.1))


@pytest.mark.parametrize("name", ["swapped.jpg", "swapped.png"])
def test_colours_of_another_kind_are_turned_into_srgb(made_of, name):
    into, made = made_of(name)

    swapped = ("lime", "red", "blue", "yellow")
    for colour, there in zip(_colours(seen(into / made.main)), swapped, strict=True):
        assert colour == pytest.approx(ImageColor.getrgb(there), abs=16)


@pytest.mark.parametrize("name", ["phone.jpg", "gray_profile.jpg", "no_profile.jpg"])
def test_a_profile_that_says_nothing_changes_nothing(made_of, pictures, name):
    into, made = made_of(name)

    before = seen(pictures[name])
    if name == "phone.jpg":
        before = before.transpose(Image.Transpose.ROTATE_270)
    assert _difference(seen(into / made.main), before) < 2


def test_gray_and_printers_colours_and_sixteen_bits_are_seen_as_they_were(made_of, pictures):
    for name, bound in (("gray.jpg", 2), ("gray.png", 2), ("print.jpg", 6)):
        into, made = made_of(name)
        was = seen(pictures[name]).convert("RGB")
        assert _difference(seen(into / made.main), was) < bound
    into, made = made_of("gray16.png")
    picture = seen(into / made.main).convert("L")
    assert [picture.getpixel((x, 100)) for x in (1, 150, 298)] == pytest.approx([0, 128, 254], abs=4)


def test_what_was_clear_stays_clear(made_of):
    for name in ("sign.png", "sign.gif", "glass.png", "glass.webp"):
        into, made = made_of(name)
        for file in (made.main, made.preview):
            clear = seen(into / file).convert("RGBA").getchannel("A")
            assert clear.getextrema()[0] < 8
            assert clear.getextrema()[1] > 247


def test_large_pictures_are_made_smaller_and_long_ones_stay_legible(made_of):
    limits = Limits(side_out=200, side_short=40, pixels_out=200 * 150, pixels_small=80 * 60)

    _, made = made_of("photo.jpg", limits)
    assert (made.meta.original.size, made.meta.small.size) == ("200x133", "85x56")
    _, made = made_of("strip.jpg", limits)
    assert made.meta.original.size == "39x775"


@pytest.mark.parametrize("name", ["photo.jpg", "photo.png", "photo.heic"])
def test_a_picture_drawn_smaller_looks_the_same(made_of, name):
    into, made = made_of(name, Limits(side_out=160, side_short=1))

    small = photo().resize((160, 107), Image.Resampling.LANCZOS)
    assert _difference(seen(into / made.main), small) < 5


def test_the_blur_and_the_colour_are_of_the_picture(made_of, pictures):
    _, made = made_of("photo.png")
    expected = glance(photo())

    assert made.colour == pytest.approx(expected.colour) or _close(made.colour, expected.colour)
    assert made.blurhash[:2] == expected.blurhash[:2]
    _, sign = made_of("sign.png")
    assert sign.colour == glance(seen(pictures["sign.png"])).colour  # what is clear counts as white


def _close(one: str, other: str) -> bool:
    return all(abs(a - b) <= 8 for a, b in zip(ImageColor.getrgb(one), ImageColor.getrgb(other), strict=True))


def test_a_photo_is_found_again_in_every_format_and_size(made_of):
    bits, quality = likeness.pdq(np.asarray(photo()))
    hashes = {
        name: made_of(name)[1] for name in ("photo.jpg", "photo.png", "photo.heic", "photo.avif", "photo.gif")
    }
    hashes["small"] = made_of("photo.jpg", Limits(side_out=240, side_short=1))[1]

    assert quality > 50
    for made in hashes.values():
        assert distance(made.pdq, bits) <= 31
        assert made.quality > 50
    _, other = made_of("drawing.png")
    assert distance(other.pdq, bits) > 60


def test_a_picture_of_one_pixel_is_a_picture(made_of):
    into, made = made_of("dot.png")

    assert made.meta.original.size == made.meta.small.size == "1x1"
    assert made.colour == pytest.approx("#ff0000") or _close(made.colour, "#ff0000")
    assert made.quality == 0
    assert seen(into / made.main).size == (1, 1)


@pytest.mark.parametrize("name", ["moving.gif", "moving.webp", "moving.png"])
def test_of_what_moves_the_first_frame_is_drawn(made_of, name):
    into, made = made_of(name)

    mean = ImageStat.Stat(seen(into / made.main).convert("RGB")).mean
    assert mean == pytest.approx(ImageColor.getrgb("maroon"), abs=4)


def test_what_is_complete_is_not_made_again(pictures, tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(pictures["photo.jpg"].read_bytes())
    facts = probe.look(path, limits=Limits())
    first = renditions.make(path, tmp_path / "made", facts, limits=Limits())
    path.unlink()

    assert renditions.make(path, tmp_path / "made", facts, limits=Limits()) == first


def test_a_refused_picture_leaves_nothing(pictures, tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(pictures["photo.png"].read_bytes()[:-3000])
    facts = probe.look(path, limits=Limits())

    with pytest.raises(Refused, match="not sent whole"):
        renditions.make(path, tmp_path / "made", facts, limits=Limits())

    assert [each.name for each in tmp_path.iterdir()] == ["upload"]


def test_what_it_cost_is_told(made_of):
    _, made = made_of("photo.heic")

    assert 0 < made.seconds < 20
    assert 10 << 20 < made.peak_bytes < 500 << 20
