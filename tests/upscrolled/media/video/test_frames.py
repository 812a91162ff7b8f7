"""The same video is found again, whatever was done to it on the way."""

from __future__ import annotations

import hashlib

import pytest

from tests.upscrolled.media.video.clips import FFMPEG, ffmpeg
from tests.upscrolled.media.video.conftest import LIMITS
from upscrolled.media import source
from upscrolled.media.refusals import Refused
from upscrolled.media.video import frames
from upscrolled.media.video.frames import Shape, Watcher


def _apart(one: str, two: str) -> int:
    return (int(one, 16) ^ int(two, 16)).bit_count()


def _watch(path, facts):
    return frames.watch(path, facts, limits=LIMITS, ffmpeg=FFMPEG)


def test_one_frame_of_each_second_is_hashed(clips, look):
    seen = _watch(clips["soft.mp4"], look("soft.mp4"))

    assert [frame.second for frame in seen] == [0, 1, 2, 3]
    assert all(len(frame.pdq) == 64 and frame.quality > 50 for frame in seen)
    assert len({frame.pdq for frame in seen}) == 4


def test_the_ladder_sees_the_same_frames_as_a_run_of_its_own(clips, look, ladder_of):
    _, made = ladder_of("landscape.mp4")

    alone = _watch(clips["landscape.mp4"], look("landscape.mp4"))

    assert [frame.second for frame in alone] == [frame.second for frame in made.frames]
    assert all(_apart(one.pdq, two.pdq) <= 31 for one, two in zip(alone, made.frames, strict=True))


def test_a_copy_of_a_copy_is_near_and_another_video_is_far(clips, look, tmp_path):
    copy = tmp_path / "copy.webm"
    ffmpeg("-i", clips["fractal.mp4"], "-an", "-vf", "scale=480:270", "-c:v", "libvpx", "-b:v", "400k", copy)

    theirs, ours = _watch(copy, look(copy)), _watch(clips["fractal.mp4"], look("fractal.mp4"))
    other = _watch(clips["portrait.mp4"], look("portrait.mp4"))

    assert all(_apart(one.pdq, two.pdq) <= 31 for one, two in zip(ours, theirs, strict=True))
    assert all(_apart(one.pdq, two.pdq) > 60 for one, two in zip(ours, other, strict=True))


def test_a_black_frame_says_that_its_hash_is_worth_nothing():
    watcher = Watcher(Shape(64, 64))

    watcher.feed(bytes(64 * 64 * 3))

    assert watcher.frames[0].quality == 0
    assert watcher.best == 0


def test_frames_may_come_in_any_pieces():
    raw = bytes(range(256)) * 48 * 3
    whole, torn = Watcher(Shape(64, 64)), Watcher(Shape(64, 64))

    whole.feed(raw)
    for begin in range(0, len(raw), 1000):
        torn.feed(raw[begin : begin + 1000])

    assert len(whole.frames) == 3
    assert torn.frames == whole.frames


def test_a_voice_note_has_no_frames(clips, look):
    with pytest.raises(Refused, match="no video"):
        _watch(clips["note.mp3"], look("note.mp3"))


def test_a_file_is_named_by_its_content(clips):
    assert source.sha256(clips["tiny.mp4"]) == hashlib.sha256(clips["tiny.mp4"].read_bytes()).hexdigest()
