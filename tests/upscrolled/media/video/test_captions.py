"""Alice writes captions in Arabic and English; players list them, and nothing of her file is executed or fetched."""

from __future__ import annotations

import re
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.upscrolled.media.video.clips import FFMPEG
from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.video import captions
from upscrolled.media.video.captions import Cue

_VTT = """\ufeffWEBVTT - by alice

STYLE
::cue { background: url(http://example.org/x.png) }

NOTE a comment --
of two lines

1
00:00.500 --> 00:01.000 align:start position:10% region:r1 onclick:x
<v Alice><b>Hello</b> <i>world</i></v> &amp; all

00:00:01.500 --> 00:00:01.900
سلام \u2067abc\u2069\u202e
"""
_SRT = (
    "1\r\n00:00:00,500 --> 00:00:01,000\r\n<font color=red>Hello</font>\r\nthere\r\n\r\n"
    "2\r\n00:00:01,000 --> 00:00:09,000\r\nbye"
)


def test_webvtt_keeps_words_times_and_places_and_nothing_else():
    cues = captions.read(_VTT.encode(), duration=2.0)

    assert cues == [
        Cue(500, 1000, "Hello world & all", "align:start position:10%"),
        Cue(1500, 1900, "سلام \u2067abc\u2069"),
    ]
    assert captions.write(cues) == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.000 align:start position:10%\nHello world &amp; all\n\n"
        "00:00:01.500 --> 00:00:01.900\nسلام \u2067abc\u2069\n"
    )


def test_srt_is_taken_too_and_ends_with_the_video():
    assert captions.read(_SRT.encode(), duration=2.0) == [
        Cue(500, 1000, "Hello\nthere"),
        Cue(1000, 2000, "bye"),
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "no cue"),
        (b"WEBVTT\n\njust words", "no cue"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nسلام".encode("cp1256"), r"not in UTF-8 \(byte 32\)"),
        (b"WEBVTT\n\n00:02.000 --> 00:01.000\nx", r"Line 3: the cue ends at 00:00:01.000, not after"),
        (b"WEBVTT\n\n00:61.000 --> 00:62.000\nx", r"Line 3: .* are no times"),
        (b"WEBVTT\n\n00:01.000 --> 99999:00:02.000\nx", r"Line 3: .* are no times"),
        (b"WEBVTT\n\n00:05.000 --> 00:06.000\nx", "after the video's end, 2.0 seconds"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"x" * 501, "has 501 characters; at most 500"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"<" * 9000 + b">" * 9000, "with its tags; at most 2000"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"x\n" * 5, "has 5 lines; at most 4"),
        (b"WEBVTT\n\n" + b"00:01.000 --> 00:02.000\nx\n\n" * 2001, "more than 2000 cues"),
        (b"x" * 262_145, "have 262145 bytes; at most 262144"),
    ],
)
def test_what_is_no_captions_gets_a_sentence(data, sentence):
    with pytest.raises(Refused, match=sentence) as refused:
        captions.read(data, duration=2.0)

    assert refused.value.reason == Reason.CAPTIONS


@given(st.text(alphabet="<>&;-\n ab/#x0123ltgscrip\u202e\x00\x1b"))
def test_no_text_becomes_a_tag_a_cue_or_a_control(text):
    try:
        cues = captions.read(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}".encode(), duration=2.0)
    except Refused:
        return
    written = captions.write(cues)

    assert "<" not in written
    assert written.count("-->") == len(cues)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202a-\u202e]", written)
    assert captions.read(written.encode(), duration=2.0) == cues if cues else True


@pytest.mark.parametrize(
    ("said", "tag"), [("ar", "ar"), ("AR-eg", "ar-EG"), ("zh-hant", "zh-Hant"), ("es-419", "es-419")]
)
def test_languages_are_named_in_one_way(said, tag):
    assert captions.tag(said) == tag


@pytest.mark.parametrize("said", ["", "arabic", 'ar"', "ar\n", "../x", "x", "ar-" + "x" * 90])
def test_what_is_no_language_is_refused(said):
    with pytest.raises(Refused, match="is no tag"):
        captions.tag(said)


def test_players_list_captions_of_a_video(ladder_of, tmp_path):
    folder, made = ladder_of("landscape.mp4")
    tracks = [
        captions.track(_VTT.encode(), language="ar", name='العربية "x"\n', duration=2.0),
        captions.track(_SRT.encode(), language="en", name="English", duration=2.0),
    ]

    texts = captions.files(made, tracks)

    assert sorted(texts) == [
        *("captions-ar.m3u8", "captions-ar.vtt", "captions-en.m3u8", "captions-en.vtt", "master.m3u8"),
    ]
    lines = [line for line in texts["master.m3u8"].splitlines() if "TYPE=SUBTITLES" in line]
    assert [re.search(r'NAME="([^"]*)"', line)[1] for line in lines] == ["العربية x", "English"]
    for each in made.files:
        (tmp_path / each.name).write_bytes((folder / each.name).read_bytes())
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    said = subprocess.run(
        [FFMPEG, "-hide_banner", "-extension_picky", "0", "-i", tmp_path / "master.m3u8"],
        capture_output=True,
        check=False,
    ).stderr.decode()
    assert set(re.findall(r"\((\w+)\): Subtitle: webvtt", said)) == {"ar", "en"}
    assert (folder / "master.m3u8").read_text() == captions.files(made, [])["master.m3u8"]


def test_one_language_is_taken_once(ladder_of):
    _, made = ladder_of("landscape.mp4")
    track = captions.track(_SRT.encode(), language="en", name="English", duration=2.0)

    with pytest.raises(Refused, match="two captions in the same language"):
        captions.files(made, [track, track])
    with pytest.raises(Refused, match="in 21 languages; at most 20"):
        captions.files(made, [track] * 21)
