"""Files that mean harm: each gets a clear sentence, soon, and nothing but itself was read."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.upscrolled.media.video import hostile
from tests.upscrolled.media.video.clips import FFMPEG, ffmpeg, frames_of
from upscrolled.media import source
from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.video import probe, renditions, sandbox
from upscrolled.media.video.limits import Limits

SECONDS, MEMORY = 50.0, 300 << 20  # less than any file may take, on whatever machine
CANARY = b"the canary sings"


@pytest.fixture
def canary(tmp_path: Path, clips) -> str:
    """A video that would be read gladly, if a file could name it; with a word that would be found."""
    path = tmp_path / "canary.mp4"
    path.write_bytes(clips["quiet.mp4"].read_bytes() + hostile.box(b"free", CANARY))
    return str(path)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        yield server
        with pytest.raises(TimeoutError):
            server.accept()


def _refuse(path: Path) -> Refused:
    began = time.monotonic()
    with pytest.raises(Refused) as refused:
        probe.look(path, limits=Limits(), ffmpeg=FFMPEG, want="video")
    assert time.monotonic() - began < SECONDS
    assert refused.value.sentence[0].isupper()
    assert len(refused.value.sentence) < 250
    assert str(path.parent) not in refused.value.sentence
    return refused.value


def _write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_playlists_of_every_kind_are_refused_unread(tmp_path, canary, listener):
    reasons = {}
    for name, data in hostile.playlists(listener.getsockname()[1], canary).items():
        reasons[name] = _refuse(_write(tmp_path, name, data)).reason

    texts = {"captions.mp4", "svg.mp4", "words.mp4"}
    assert {name for name, reason in reasons.items() if reason == Reason.NOT_MEDIA} == texts
    assert {name for name, reason in reasons.items() if reason == Reason.PLAYLIST} == set(reasons) - texts


def test_media_said_to_be_elsewhere_are_not_fetched(tmp_path, clips, canary, listener):
    for name, data in hostile.references(
        clips["quiet.mp4"].read_bytes(), listener.getsockname()[1], canary
    ).items():
        path = _write(tmp_path, name, data)
        with suppress(Refused):
            facts = probe.look(path, limits=Limits(), ffmpeg=FFMPEG)
            renditions.make(path, tmp_path / f"{name}.made", facts, limits=Limits(), ffmpeg=FFMPEG)
        for made in tmp_path.glob("*.made/*"):
            assert CANARY not in made.read_bytes()


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [
        ("ten_hours.mp4", Reason.DURATION, "lasts 36000.0 seconds; at most 180"),
        ("slow.mp4", Reason.DURATION, " seconds; at most 180"),
        ("ten_hours.mkv", Reason.DURATION, "lasts 36000.0 seconds; at most 180"),
        ("huge.mov", Reason.PIXELS, "65535 x 65535 = 4294836225 pixels; at most 8294400"),
        ("huge.webm", Reason.PIXELS, "16383 x 16383 = 268402689 pixels; at most 8294400"),
        ("many_streams.mkv", Reason.STREAMS, "more than 32 streams"),
    ],
)
def test_lying_headers_are_refused_with_what_they_claim(tmp_path, clips, name, reason, words):
    refused = _refuse(_write(tmp_path, name, hostile.lies(clips)[name]))

    assert refused.reason == reason
    assert words in refused.sentence


def test_headers_that_lead_nowhere_are_refused(tmp_path, clips):
    for name, data in hostile.shapeless(clips).items():
        assert _refuse(_write(tmp_path, name, data)).reason in (Reason.UNREADABLE, Reason.TRUNCATED)


def test_numbers_that_are_none_are_not_believed(tmp_path, clips):
    for name, data in hostile.nonsense(clips).items():
        path = _write(tmp_path, name, data)
        facts = probe.look(path, limits=Limits(), ffmpeg=FFMPEG, want="video")
        assert facts.duration == pytest.approx(2.0, abs=0.1)
        assert facts.picture.fps == pytest.approx(30 if name == "no_time.mp4" else 23.98, abs=1)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("empty.mp4", Reason.EMPTY),
        ("bomb.mp4", Reason.NOT_MEDIA),
        ("picture.mp4", Reason.NOT_MEDIA),
        ("heic.mp4", Reason.NOT_MEDIA),
        ("avif.mp4", Reason.NOT_MEDIA),
        ("script.mp4", Reason.NOT_MEDIA),
        ("noise.mp4", Reason.NOT_MEDIA),
        ("zeroes.mp4", Reason.NOT_MEDIA),
        ("one_byte.mp4", Reason.NOT_MEDIA),
    ],
)
def test_strangers_under_good_names_are_refused(tmp_path, name, reason):
    assert _refuse(_write(tmp_path, name, hostile.strangers()[name])).reason == reason


@pytest.mark.parametrize("name", ["jpeg_then_mp4.mp4", "zip_then_mp4.mp4", "gif_then_mp4.gif"])
def test_two_kinds_in_one_file_are_the_first_kind_or_nothing(tmp_path, clips, name):
    assert _refuse(_write(tmp_path, name, hostile.polyglots(clips)[name])).reason in (
        Reason.NOT_MEDIA,
        Reason.UNREADABLE,
        Reason.PIXELS,
    )


@pytest.mark.parametrize("name", ["quiet.mp4", "faststart.mp4", "odd.webm", "film.mkv", "hdr.mov"])
def test_uploads_that_broke_off_are_refused(tmp_path, clips, name):
    if name == "faststart.mp4":
        whole = tmp_path / name
        ffmpeg("-i", clips["landscape.mp4"], "-c", "copy", "-movflags", "+faststart", whole)
    else:
        whole = clips[name]

    for tenth, data in hostile.cut(whole.read_bytes()):
        refused = _refuse(_write(tmp_path, f"{tenth}.mp4", data))
        assert refused.reason in (Reason.TRUNCATED, Reason.UNREADABLE), (tenth, refused.sentence)


def test_names_are_never_read(tmp_path, clips):
    folder = tmp_path / "a b"
    folder.mkdir()
    for number, name in enumerate(
        ("-i", "-version", "\u202e4pm.exe", "%d.mp4", "a:b|c.mp4", "x\n.mp4", "'\"; $(id)")
    ):
        path = _write(folder, name, clips["tiny.mp4"].read_bytes())
        facts = probe.look(path, limits=Limits(), ffmpeg=FFMPEG, want="video")
        assert facts.picture.width == 16
        if number < 3:
            made = renditions.make(path, folder / f"{name}.made", facts, limits=Limits(), ffmpeg=FFMPEG)
            assert frames_of(folder / f"{name}.made" / made.main) == 60


def test_links_are_not_followed(tmp_path, canary):
    link = tmp_path / "upload.mp4"
    link.symlink_to(canary)

    assert _refuse(link).reason == Reason.NOT_A_FILE
    with pytest.raises(Refused):
        source.sha256(link)


def test_sound_called_a_video_is_refused(clips):
    assert _refuse(clips["sound_only.mp4"]).reason == Reason.NO_VIDEO
    assert _refuse(clips["note.mp3"]).reason == Reason.NO_VIDEO


def test_an_encrypted_video_is_refused(tmp_path, clips):
    path = tmp_path / "locked.mp4"
    key = "76a6c65c5ea762046bd749a2e632ccbb"
    ffmpeg(
        *("-i", clips["quiet.mp4"], "-c", "copy", "-encryption_scheme", "cenc-aes-ctr"),
        *("-encryption_key", key, "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8", path),
    )

    assert _refuse(path).reason == Reason.ENCRYPTED


def test_two_frames_ten_hours_apart_last_ten_hours(tmp_path):
    path = tmp_path / "patient.mkv"
    ffmpeg(
        *(
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=64x64:r=1:d=2",
            "-vf",
            "setpts=N*36000/TB",
            "-fps_mode",
            "passthrough",
        ),
        *("-c:v", "libvpx", "-deadline", "realtime", "-live", "1", path),
    )

    assert _refuse(path).reason == Reason.DURATION


def test_a_thousand_frames_a_second_are_refused(tmp_path):
    path = tmp_path / "fast.mp4"
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=64x64:r=1000:d=1", "-c:v", "libx264", "-preset", "ultrafast", path
    )

    refused = _refuse(path)

    assert refused.reason == Reason.FRAME_RATE
    assert "1000 frames a second; at most 120" in refused.sentence


def test_noise_in_the_middle_of_a_video_does_no_harm(tmp_path, clips):
    data = bytearray(clips["landscape.mp4"].read_bytes())
    middle = len(data) // 3
    data[middle : middle + 60_000] = bytes((7 * each) % 251 for each in range(60_000))
    path = _write(tmp_path, "noisy.mp4", bytes(data))

    facts = probe.look(path, limits=Limits(), ffmpeg=FFMPEG)
    made = renditions.make(path, tmp_path / "made", facts, limits=Limits(), ffmpeg=FFMPEG)

    assert frames_of(tmp_path / "made" / made.main) == pytest.approx(60, abs=2)


def test_reading_a_hostile_file_takes_little_memory(tmp_path, clips, monkeypatch):
    peaks = []
    run = sandbox.run

    def watched(*order: object, **more: object) -> sandbox.Ended:
        ended = run(*order, **more)
        peaks.append(ended.peak_bytes)
        return ended

    monkeypatch.setattr(sandbox, "run", watched)
    for name, data in hostile.lies(clips).items():
        _refuse(_write(tmp_path, name, data))

    # A process begins with its parent's peak (getrusage(2), execve keeps it): a large test process sets a floor.
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024
    assert len(peaks) >= 8
    assert max(peaks) < max(MEMORY, ours + 1)
