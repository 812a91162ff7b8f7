"""What a picture is, by its content."""

from __future__ import annotations

import hashlib
import shutil

import pytest

from upscrolled.media.photo import probe
from upscrolled.media.photo.limits import Limits
from upscrolled.media.refusals import Broken, Reason, Refused

LIMITS = Limits()


@pytest.mark.parametrize(
    ("name", "type", "moves"),
    [
        ("photo.jpg", "image/jpeg", False),
        ("photo.png", "image/png", False),
        ("photo.webp", "image/webp", False),
        ("photo.heic", "image/heic", False),
        ("photo.avif", "image/avif", False),
        ("photo.gif", "image/gif", False),
        ("moving.gif", "image/gif", True),
        ("moving.webp", "image/webp", True),
        ("moving.png", "image/png", False),
    ],
)
def test_every_format_is_known_by_its_content(pictures, tmp_path, name, type, moves):
    path = tmp_path / "upload.dat"
    shutil.copy(pictures[name], path)

    facts = probe.look(path, limits=LIMITS)

    assert (facts.type, facts.moves) == (type, moves)
    assert (facts.width, facts.height) == ((160, 120) if "moving" in name else (480, 320))
    assert facts.bytes == path.stat().st_size
    assert facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "avif"])
def test_the_size_is_that_of_the_picture_as_it_is_seen(pictures, suffix):
    facts = probe.look(pictures[f"turned6.{suffix}"], limits=LIMITS)

    assert (facts.width, facts.height, facts.turned) == (240, 160, 6)


@pytest.mark.parametrize(
    ("limits", "reason", "sentence"),
    [
        (
            Limits(pixels_max=150_000),
            Reason.PIXELS,
            "The picture has 480 x 320 = 153600 pixels; at most 150000",
        ),
        (Limits(side_max=400), Reason.LONG, "The picture is 480 x 320 pixels; each side has at most 400"),
    ],
)
@pytest.mark.parametrize(
    "name", ["photo.jpg", "photo.png", "photo.webp", "photo.gif", "photo.heic", "photo.avif"]
)
def test_limits_are_told_with_what_the_picture_has(pictures, name, limits, reason, sentence):
    with pytest.raises(Refused) as refused:
        probe.look(pictures[name], limits=limits)

    assert (refused.value.reason, refused.value.sentence) == (reason, sentence)


def test_a_file_of_too_many_bytes_is_refused_before_it_is_read(pictures):
    size = pictures["photo.jpg"].stat().st_size

    with pytest.raises(Refused) as refused:
        probe.look(pictures["photo.jpg"], limits=Limits(bytes_max=size - 1))

    assert refused.value.reason == Reason.BYTES
    assert refused.value.sentence == f"The file has {size} bytes; at most {size - 1}"
    assert probe.look(pictures["photo.jpg"], limits=Limits(bytes_max=size)).bytes == size


def test_a_file_that_is_not_there_is_nobodys_fault_who_sent_it(tmp_path):
    with pytest.raises(Broken):
        probe.look(tmp_path / "gone.jpg", limits=LIMITS)
