"""What alice's phone, browser and recorder send is seen for what it is."""

from __future__ import annotations

import pytest

from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.video import probe
from upscrolled.media.video.limits import Limits


@pytest.mark.parametrize(
    ("name", "container", "size", "rate"),
    [
        ("landscape.mp4", "mp4", (1280, 720), "30/1"),
        ("phone.mp4", "mp4", (360, 640), "30/1"),
        ("portrait.mp4", "mp4", (406, 720), "30/1"),
        ("tiny.mp4", "mp4", (16, 16), "30/1"),
        ("odd.webm", "webm", (321, 181), "30/1"),
        ("sixty.mp4", "mp4", (320, 180), "60/1"),
        ("film.mkv", "mkv", (320, 180), "24000/1001"),
        ("wide_pixels.mp4", "mp4", (640, 180), "30/1"),
        ("call.3gp", "3gp", (176, 144), "15/1"),
    ],
)
def test_a_video_is_seen_as_a_viewer_sees_it(look, name, container, size, rate):
    facts = look(name, want="video")

    assert facts.container == container
    assert (facts.picture.width, facts.picture.height) == size
    assert facts.picture.rate == rate
    assert facts.duration == pytest.approx(2.0, abs=0.06)


def test_a_video_from_a_browser_that_claims_no_duration_is_measured(look):
    facts = look("streamed.webm")

    assert facts.claimed is None
    assert facts.duration == pytest.approx(2.0, abs=0.05)


def test_sound_and_its_absence_are_told_apart(look):
    assert look("quiet.mp4").sound is None
    stereo = look("surround.mp4").sound
    assert (stereo.codec, stereo.channels, stereo.sample_rate) == ("aac", "5.1", 48000)


def test_how_loud_it_is_was_measured(look):
    assert look("loud.mp4").sound.loudness - look("soft.mp4").sound.loudness > 20
    assert look("silence.mp4").sound.loudness == -70


def test_a_recording_of_a_screen_varies_and_a_film_does_not(look):
    assert look("varying.mp4").picture.varies
    assert not look("film.mkv").picture.varies
    assert not look("landscape.mp4").picture.varies


def test_a_first_frame_that_waits_for_the_sound_makes_a_video_no_slower(look):
    assert look("fragments.mp4").picture.rate == "30/1"


_SAID = """
Output #0, framecrc, to 'pipe:1':
  Stream #0:0: Audio: aac (LC) (mp4a / 0x6134706D), 48000 Hz, mono, fltp, 80 kb/s (default)
[Parsed_ebur128_1 @ 0x1] Summary:

  Integrated loudness:
    I:         -21.5 LUFS
    Threshold: -31.5 LUFS

  Loudness range:
    LRA high:  -21.0 LUFSOutput #1, null, to 'pipe:':
  Stream #1:0: Video: wrapped_avframe, yuv420p(progressive), 320x180 [SAR 1:1 DAR 16:9], q=2-31, 30 fps
"""


def test_a_sound_that_ends_before_the_picture_begins_is_heard():
    """ffmpeg may have measured a short one before it speaks of its second output, and ends no line then."""
    copied, decoded, loudness = probe.parts(_SAID)

    assert loudness == -21.5
    assert "Audio: aac" in copied
    assert decoded.lstrip().startswith(", to 'pipe:'")
    assert probe.parts("Output #1, null\n    I:  -5.0 LUFS") is None


def test_high_dynamic_range_is_recognised(look):
    picture = look("hdr.mov").picture

    assert (picture.hdr, picture.pixel_format) == ("smpte2084", "yuv420p10le")
    assert look("landscape.mp4").picture.hdr == ""


def test_key_frames_are_measured(look):
    assert look("landscape.mp4").picture.key_seconds == pytest.approx(1.0)
    assert look("rare_keys.mp4").picture.key_seconds == pytest.approx(7.0, abs=0.1)
    assert look("landscape.mp4").picture.closed
    assert not look("landscape.mp4").picture.cut
    assert not look("open.mp4").picture.closed


_NOTES = [f"note.{kind}" for kind in ("m4a", "mp3", "ogg", "wav", "flac", "amr", "webm", "3gp")]


@pytest.mark.parametrize("name", _NOTES)
def test_voice_notes_of_every_recorder_are_sound(look, name):
    facts = look(name, want="audio")

    assert facts.picture is None
    assert facts.container == name.partition(".")[2]
    assert facts.duration == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    ("limits", "reason", "sentence"),
    [
        ({"bytes_max": 1000}, Reason.BYTES, r"has \d{4,} bytes; at most 1000"),
        ({"seconds_max": 1.0}, Reason.DURATION, r"lasts 2\.0 seconds; at most 1"),
        ({"pixels_max": 100_000}, Reason.PIXELS, r"1280 x 720 = 921600 pixels; at most 100000"),
        ({"frame_rate_max": 20}, Reason.FRAME_RATE, r"has 30 frames a second; at most 20"),
        ({"side_min": 800}, Reason.SIDE, r"is 1280 x 720 pixels; each side has at least 800"),
        ({"packets_max": 50}, Reason.FRAMES, r"more than 50 packets"),
    ],
)
def test_a_refusal_names_the_limit_and_the_actual_value(look, limits, reason, sentence):
    with pytest.raises(Refused, match=sentence) as refused:
        look("landscape.mp4", limits=Limits(**limits))

    assert refused.value.reason == reason


def test_a_voice_note_is_no_video_and_a_silent_video_no_sound(look):
    with pytest.raises(Refused, match="no video, only sound") as no_video:
        look("note.mp3", want="video")
    with pytest.raises(Refused, match="has no sound") as no_audio:
        look("quiet.mp4", want="audio")

    assert (no_video.value.reason, no_audio.value.reason) == (Reason.NO_VIDEO, Reason.NO_AUDIO)


def test_what_a_title_says_is_not_believed(look, clips, tmp_path):
    from tests.upscrolled.media.video.clips import ffmpeg

    liar = tmp_path / "liar.mkv"
    lie = "x\nOutput #0, framecrc, to 'pipe:':\n  Stream #0:0: Video: h264, yuv420p, 7680x4320, 30 fps"
    ffmpeg("-i", clips["quiet.mp4"], "-c", "copy", "-metadata", f"title={lie}", "-metadata", f"{lie}=x", liar)

    picture = look(liar).picture

    assert (picture.width, picture.height, picture.profile) == (320, 180, "Constrained Baseline")
