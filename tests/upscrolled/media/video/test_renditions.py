"""What bob's phone gets of alice's video: every quality plays, and nothing else of her file is in it."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

import msgspec
import pytest
from PIL import Image, ImageStat

from tests.upscrolled.media.video.clips import FFMPEG, ffmpeg, frames_of, loudness, pixels
from tests.upscrolled.media.video.conftest import LIMITS
from upscrolled.media.refusals import Broken, Cancelled, Problem
from upscrolled.media.video import playlists, probe, renditions

_EVERY = [
    *(
        "landscape.mp4",
        "phone.mp4",
        "portrait.mp4",
        "quiet.mp4",
        "tiny.mp4",
        "odd.webm",
        "sixty.mp4",
        "film.mkv",
    ),
    *("varying.mp4", "hdr.mov", "surround.mp4", "wide_pixels.mp4", "call.3gp", "streamed.webm"),
]


@pytest.mark.parametrize("name", _EVERY)
def test_every_quality_plays_to_its_end(ladder_of, look, name):
    folder, made = ladder_of(name)
    facts = look(name)

    expected = facts.duration * Fraction(made.renditions[0].rate)
    for each in made.renditions:
        assert frames_of(folder / f"{each.name}.m3u8") == pytest.approx(expected, abs=2)
    assert frames_of(folder / made.main) == pytest.approx(expected, abs=2)
    assert made.meta.duration == pytest.approx(facts.duration, abs=2 / 30 + 0.03)
    assert (made.sound_bits > 0) == (facts.sound is not None)
    for each in made.files:
        assert (folder / each.name).stat().st_size == each.bytes > 0


@pytest.mark.parametrize("name", _EVERY)
def test_the_files_are_what_the_playlists_and_the_meta_say(ladder_of, look, name):
    folder, made = ladder_of(name)
    source = look(name).picture

    main = look(folder / made.main)
    assert (main.picture.codec, main.picture.profile, main.picture.pixel_format) == (
        "h264",
        "High",
        "yuv420p",
    )
    assert (main.picture.width, main.picture.height) == (made.meta.width, made.meta.height)
    assert main.picture.rate == made.meta.original.frame_rate
    assert main.picture.fps <= 30
    for each in made.renditions:
        assert each.width <= source.width
        assert each.height <= source.height
        assert each.width % 2 == each.height % 2 == 0
        assert each.width / each.height == pytest.approx(source.width / source.height, rel=0.02)
        assert look(folder / f"{each.name}.m4s").picture.width == each.width


def test_segments_cover_each_file_and_begin_together_at_key_frames(ladder_of):
    folder, made = ladder_of("landscape.mp4")

    begins = []
    for name in [*(each.name for each in made.renditions), playlists.SOUND]:
        parts = playlists.segments((folder / f"{name}.m3u8").read_text())
        assert {part.file for part in parts} == {f"{name}.m4s"}
        assert parts[-1].at + parts[-1].bytes == (folder / f"{name}.m4s").stat().st_size
        assert all(one.at + one.bytes == two.at for one, two in pairwise(parts))
        begins.append([part.seconds for part in parts])
    assert begins[0] == begins[1] == begins[2]


def test_the_master_playlist_lists_every_quality_with_one_sound(ladder_of):
    folder, made = ladder_of("landscape.mp4")
    text = (folder / "master.m3u8").read_text()

    assert re.findall(r"RESOLUTION=(\d+x\d+)", text) == ["1280x720", "852x480", "640x360"]
    assert text.count("TYPE=AUDIO") == 1
    assert set(re.findall(r'CODECS="([^"]+)"', text)) <= {
        f"avc1.6400{level},mp4a.40.2" for level in ("0d", "15", "16", "1e", "1f")
    }
    for name in re.findall(r'^(\w+\.m3u8)$|URI="([^"]+)"', text, re.M):
        assert (folder / "".join(name)).is_file()
    for each in made.renditions:
        assert each.peak >= each.average > 0


def test_picture_and_sound_begin_together(ladder_of):
    folder, _ = ladder_of("landscape.mp4")

    said = ffmpeg(
        "-i", folder / "master.m3u8", "-map", "0:v:0", "-map", "0:a:0", "-t", "1", "-f", "null", "-"
    )
    assert float(re.search(r"start: (-?[\d.]+)", said)[1]) == pytest.approx(0, abs=0.03)
    assert (
        ffmpeg("-v", "error", "-xerror", "-i", folder / "master.m3u8", "-map", "0", "-f", "null", "-") == ""
    )


def test_where_and_when_and_with_what_is_gone(ladder_of, clips):
    secrets = (b"+21.4225", b"21.42", b"2024", b"Pear", b"At the well", b"whispered")
    source = clips["phone.mp4"].read_bytes()
    assert [each for each in secrets if each not in source] == []

    folder, made = ladder_of("phone.mp4")

    for each in made.files:
        content = (folder / each.name).read_bytes()
        assert [one for one in (*secrets, b"Lavf", b"Lavc", b"x264", b"Exif") if one in content] == []
    said = ffmpeg("-i", folder / made.main, "-f", "null", "-")
    assert "Chapter" not in said
    assert "Subtitle" not in said
    assert "Data:" not in said


def test_a_video_held_upright_stands_upright(ladder_of, clips):
    folder, made = ladder_of("phone.mp4")

    across, down, raw = pixels(folder / made.main)
    theirs = pixels(clips["phone.mp4"])
    assert (across, down) == theirs[:2] == (360, 640)
    ours_small = Image.frombytes("RGB", (across, down), raw).resize((18, 32))
    theirs_small = Image.frombytes("RGB", (across, down), theirs[2]).resize((18, 32))
    apart = [abs(one - two) for one, two in zip(ours_small.tobytes(), theirs_small.tobytes(), strict=True)]
    assert sum(apart) / len(apart) < 8


def test_a_silent_video_has_no_sound_and_a_silent_track_stays_silent(ladder_of):
    folder, made = ladder_of("quiet.mp4")
    assert made.sound_bits == 0
    assert made.meta.audio_encode is None
    assert "AUDIO" not in (folder / "master.m3u8").read_text()

    folder, made = ladder_of("silence.mp4")
    assert loudness(folder / made.main) <= -69


def test_loud_and_soft_recordings_are_equally_loud(ladder_of, clips):
    assert loudness(clips["loud.mp4"]) - loudness(clips["soft.mp4"]) > 20

    made = [ladder_of(name) for name in ("loud.mp4", "soft.mp4", "surround.mp4")]
    heard = [loudness(folder / one.main) for folder, one in made]

    assert heard == pytest.approx([-16, -16, -16], abs=1)


def test_high_dynamic_range_becomes_colours_of_every_screen(ladder_of):
    folder, made = ladder_of("hdr.mov")

    said = ffmpeg("-i", folder / made.main, "-f", "null", "-")
    assert "yuv420p(tv, bt709" in said
    with Image.open(folder / made.poster) as poster:
        assert 40 < ImageStat.Stat(poster.convert("L")).mean[0] < 215


def test_the_poster_is_a_moment_with_something_to_see(ladder_of):
    folder, made = ladder_of("black_first.mp4")

    with Image.open(folder / made.poster) as poster:
        assert poster.size == (320, 180)
        assert ImageStat.Stat(poster.convert("L")).stddev[0] > 30
    assert [frame.quality < 10 for frame in made.frames] == [True, True, False]
    assert made.blurhash.startswith("L")
    assert re.fullmatch(r"#[0-9a-f]{6}", made.colour)


def test_what_was_cut_off_is_in_nothing_that_is_made(ladder_of):
    folder, made = ladder_of("trimmed.mp4")

    assert made.meta.duration == pytest.approx(1.3, abs=0.05)
    assert frames_of(folder / made.main) == pytest.approx(39, abs=1)


def test_where_the_picture_ends_before_the_sound_a_still_is_found(clips, look, tmp_path):
    name = "longer_sound.mp4"

    made = renditions.remux(
        clips[name], tmp_path / "soon", look(name), limits=LIMITS, ffmpeg=FFMPEG, poster_at=1.0
    )

    with Image.open(tmp_path / "soon" / made.poster) as poster:
        assert poster.size == (320, 180)


def test_the_preview_is_small(ladder_of):
    folder, made = ladder_of("landscape.mp4")

    with Image.open(folder / made.preview) as preview:
        assert preview.size == (made.meta.small.width, made.meta.small.height) == (640, 360)


def test_the_meta_has_the_names_that_apps_read(ladder_of):
    _, made = ladder_of("landscape.mp4")

    meta = msgspec.to_builtins(made.meta)
    assert meta["original"]["frame_rate"] == "30/1"
    assert {key: meta[key] for key in ("length", "fps", "size", "width", "height", "aspect")} == {
        "length": meta["length"],
        "fps": 30,
        "size": "1280x720",
        "width": 1280,
        "height": 720,
        "aspect": 1.777778,
    }
    assert meta["length"].startswith("0:00:02.0")
    assert (meta["audio_bitrate"], meta["audio_channels"]) == ("48000 Hz", "mono")
    assert meta["small"] == {"width": 640, "height": 360, "size": "640x360", "aspect": 1.777778}


def test_a_second_run_does_nothing_and_gives_the_same(clips, look, tmp_path):
    into = tmp_path / "made"
    order = {"limits": LIMITS, "ffmpeg": FFMPEG}
    first = renditions.make(clips["tiny.mp4"], into, look("tiny.mp4"), **order)
    before = {path.name: path.stat().st_mtime_ns for path in into.iterdir()}

    second = renditions.make(clips["tiny.mp4"], into, look("tiny.mp4"), **order)

    assert second == first
    assert {path.name: path.stat().st_mtime_ns for path in into.iterdir()} == before


def test_halves_of_a_run_that_died_are_made_anew(clips, look, tmp_path):
    into = tmp_path / "made"
    order = {"limits": LIMITS, "ffmpeg": FFMPEG}
    for half in (into, tmp_path / ".made.half-dead"):
        half.mkdir()
        (half / "360.m4s").write_bytes(b"half")

    made = renditions.make(clips["tiny.mp4"], into, look("tiny.mp4"), **order)

    assert [path.name for path in tmp_path.iterdir()] == ["made"]
    assert {each.name for each in made.files} == {path.name for path in into.iterdir()} - {"made.json"}
    assert "360.m4s" not in {each.name for each in made.files}


def test_progress_is_told_in_order_and_ends_at_a_hundred(clips, look, tmp_path):
    told: list[int] = []
    renditions.make(
        clips["sixty.mp4"],
        tmp_path / "made",
        look("sixty.mp4"),
        limits=LIMITS,
        ffmpeg=FFMPEG,
        on_percent=told.append,
    )

    assert told == sorted(set(told))
    assert told[-1] == 100
    assert len(told) > 1


@pytest.mark.parametrize("failure", [Cancelled, Broken])
def test_what_is_cancelled_leaves_nothing(clips, look, tmp_path, failure: type[Problem]):
    def stop() -> bool:
        if failure is Broken:
            raise Broken("The worker was told to end")
        return True

    with pytest.raises(failure):
        renditions.make(
            clips["landscape.mp4"],
            tmp_path / "made",
            look("landscape.mp4"),
            limits=LIMITS,
            ffmpeg=FFMPEG,
            cancelled=stop,
        )

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["landscape.mp4", "phone.mp4", "film.mkv", "quiet.mp4"])
def test_a_conforming_upload_plays_at_once(clips, look, tmp_path, name):
    facts = look(name)
    assert renditions.conforms(facts, LIMITS) is None

    made = renditions.remux(clips[name], tmp_path / "soon", facts, limits=LIMITS, ffmpeg=FFMPEG)

    assert made.copied
    assert made.seconds < 1.0
    folder = tmp_path / "soon"
    for playable in ("copy.m3u8", "fallback.mp4"):
        assert frames_of(folder / playable) == facts.picture.frames
        assert pixels(folder / playable)[:2] == (facts.picture.width, facts.picture.height)
    for each in made.files:
        content = (folder / each.name).read_bytes()
        assert [
            one for one in (b"21.42", b"2024", b"Pear", b"At the well", b"whispered") if one in content
        ] == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("hdr.mov", "hevc"),
        ("odd.webm", "vp8"),
        ("open.mp4", "key frames that need earlier ones"),
        ("rare_keys.mp4", "key frames 7.0 seconds apart"),
        ("surround.mp4", "sound in 5.1"),
        ("trimmed.mp4", "frames that were cut off"),
        ("sound_only.mp4", "no video"),
        ("moves.gif", "container gif"),
    ],
)
def test_what_players_cannot_read_waits_for_the_ladder(clips, look, tmp_path, name, why):
    facts = look(name)

    assert renditions.conforms(facts, LIMITS).startswith(why)
    assert renditions.remux(clips[name], tmp_path / "soon", facts, limits=LIMITS, ffmpeg=FFMPEG) is None
    assert not (tmp_path / "soon").exists()


def test_percents_are_told_once_each():
    told: list[int] = []
    tell = probe.report(10.0, told.append)

    for seconds in (0.0, 0.01, 5.0, 4.0, 10.0, 11.0):
        tell(seconds)

    assert told == [0, 50, 99]
