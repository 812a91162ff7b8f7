"""Voice notes play on every phone, and say nothing but what was spoken."""

from __future__ import annotations

import pytest

from tests.upscrolled.media.video.clips import FFMPEG, frames_of, loudness
from tests.upscrolled.media.video.conftest import LIMITS
from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.video import sound


@pytest.mark.parametrize("name", ["note.m4a", "note.mp3", "note.ogg", "note.wav", "note.flac", "note.amr"])
def test_a_voice_note_becomes_aac(clips, look, tmp_path, name):
    made = sound.make(clips[name], tmp_path / "made", look(name), limits=LIMITS, ffmpeg=FFMPEG)

    heard = look(tmp_path / "made" / made.main, want="audio")
    assert (heard.container, heard.sound.codec, heard.picture) == ("m4a", "aac", None)
    assert heard.duration == pytest.approx(2.0, abs=0.1)
    assert frames_of(tmp_path / "made" / made.main, "a") > 80
    assert loudness(tmp_path / "made" / made.main) == pytest.approx(-16, abs=1)
    assert b"secret" not in (tmp_path / "made" / made.main).read_bytes()
    assert made.meta.audio_channels == "mono"
    assert made.meta.original.width is None


def test_a_video_without_sound_is_no_voice_note(clips, look, tmp_path):
    with pytest.raises(Refused, match="has no sound") as refused:
        sound.make(clips["quiet.mp4"], tmp_path / "made", look("quiet.mp4"), limits=LIMITS, ffmpeg=FFMPEG)

    assert refused.value.reason == Reason.NO_AUDIO
