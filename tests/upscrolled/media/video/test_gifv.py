"""A picture that moves plays everywhere as a silent video."""

from __future__ import annotations

import struct

import pytest
from PIL import Image

from tests.upscrolled.media.video.clips import FFMPEG, frames_of, pixels
from tests.upscrolled.media.video.conftest import LIMITS
from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.video import gifv
from upscrolled.media.video.limits import Limits


@pytest.mark.parametrize("name", ["moves.gif", "moves.webp"])
def test_an_animation_becomes_a_video(clips, look, tmp_path, name):
    facts = look(name, want="animation")

    made = gifv.make(clips[name], tmp_path / "made", facts, limits=LIMITS, ffmpeg=FFMPEG)

    folder = tmp_path / "made"
    assert frames_of(folder / made.main) == pytest.approx(20, abs=1)
    main = look(folder / made.main)
    assert (main.picture.codec, main.picture.pixel_format, main.sound) == ("h264", "yuv420p", None)
    assert (main.picture.width, main.picture.height) == (made.meta.width, made.meta.height) == (160, 120)
    assert main.duration == pytest.approx(2.0, abs=0.1)
    assert made.master is None
    assert len(made.frames) == 2
    assert {each.name for each in made.files} == {"moving.mp4", "poster.jpg", "preview.jpg"}


def test_a_picture_of_one_frame_is_a_photo(clips, look, tmp_path):
    with pytest.raises(Refused, match="has one frame; an animation has at least 2") as refused:
        gifv.make(clips["still.gif"], tmp_path / "made", look("still.gif"), limits=LIMITS, ffmpeg=FFMPEG)

    assert refused.value.reason == Reason.STILL


def test_what_is_transparent_shows_white(look, tmp_path):
    frames = [Image.new("P", (64, 64), 1) for _ in range(2)]
    for number, frame in enumerate(frames):
        frame.putpalette([255, 0, 0, 0, 0, 0])
        frame.paste(0, (0, 0, 8 + number, 8))
    path = tmp_path / "clear.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:], transparency=1, disposal=2, duration=500)

    made = gifv.make(path, tmp_path / "made", look(path), limits=LIMITS, ffmpeg=FFMPEG)

    across, down, raw = pixels(tmp_path / "made" / made.main)
    assert min(raw[-30:]) > 240
    assert (across, down) == (64, 64)


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"animation_frames_max": 10}, "has 20 frames; at most 10"),
        ({"animation_pixels_max": 100_000}, "has 384000 pixels in all its frames; at most 100000"),
        ({"pixels_max": 1_000}, "160 x 120 = 19200 pixels; at most 1000"),
    ],
)
def test_animations_have_limits_of_their_own(look, limits, sentence):
    with pytest.raises(Refused, match=sentence):
        look("moves.gif", limits=Limits(**limits))


def test_a_video_is_no_animation(look):
    with pytest.raises(Refused, match="no animation"):
        look("quiet.mp4", want="animation")


def test_a_small_file_of_huge_frames_is_refused_soon(clips, look, tmp_path):
    data = clips["moves.gif"].read_bytes()
    path = tmp_path / "bomb.gif"
    path.write_bytes(data[:6] + struct.pack("<HH", 60_000, 60_000) + data[10:])

    with pytest.raises(Refused, match=r"60000 x 60000 = 3600000000 pixels; at most 8294400"):
        look(path)
