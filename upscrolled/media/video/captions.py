"""Captions that people write: WebVTT or SRT read strictly, written anew, listed in the master playlist. Pure.

What comes out was never in the file as such: times are numbers, text is text, and of the settings only those of
a list. Styles, regions, comments and tags are left out.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.video import playlists
from upscrolled.media.video.shapes import Made

BYTES_MAX, CUES_MAX, CUE_TEXT_MAX, CUE_LINES_MAX, TRACKS_MAX = 256 * 1024, 2_000, 500, 4, 20

_TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)[.,](\d{3})"
_TIMING = re.compile(rf"^\s*{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t]+(.*))?$")
_TAG = re.compile(r"<[^<>]*>")
_SETTINGS = re.compile(
    r"^(?:align:(?:start|center|end|left|right)|vertical:(?:rl|lr)|line:-?\d{1,3}%?|(?:position|size):\d{1,3}%)$"
)
_LANGUAGE = re.compile(r"^([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|\d{3}))?\Z")
# Marks of direction that Arabic and Hebrew need among Latin words; those that turn the order around are not.
_DIRECTION = frozenset("\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines shown from one moment to another, in milliseconds."""

    begins: int
    ends: int
    text: str
    settings: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """Captions in one language; `name` is what players show for it."""

    language: str
    name: str
    cues: tuple[Cue, ...]

    @property
    def file(self) -> str:
        return f"captions-{self.language}.vtt"

    @property
    def playlist(self) -> str:
        return f"captions-{self.language}.m3u8"


def track(data: bytes, *, language: str, name: str, duration: float) -> Track:
    """Read somebody's file for a video of so many seconds. Raises Refused with the line, the limit and the value."""
    return Track(tag(language), name, tuple(read(data, duration=duration)))


def tag(language: str) -> str:
    """Return a language tag as BCP 47 writes it: "ar", "zh-Hant", "pt-BR". Raises Refused."""
    found = _LANGUAGE.match(language)
    if found is None:
        raise _refused(f'The language "{_shown(language)}" is no tag such as "ar" or "pt-BR"')
    first, script, region = found.groups()
    return "-".join(
        [first.lower(), *([script.title()] if script else []), *([region.upper()] if region else [])]
    )


def read(data: bytes, *, duration: float) -> list[Cue]:
    """Return the cues by their beginning. Those after the video's end are cut or left out. Raises Refused."""
    if len(data) > BYTES_MAX:
        raise _refused(f"The captions have {len(data)} bytes; at most {BYTES_MAX}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(f"The captions are not in UTF-8 (byte {error.start})") from None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cues = list(_cues(lines))
    if not cues:
        raise _refused("The captions have no cue: neither WebVTT nor SRT, or empty")
    if len(cues) > CUES_MAX:
        raise _refused(f"The captions have {len(cues)} cues; at most {CUES_MAX}")
    last = round(duration * 1000)
    kept = [Cue(cue.begins, min(cue.ends, last), cue.text, cue.settings) for cue in cues if cue.begins < last]
    if not kept:
        raise _refused(f"All captions begin after the video's end, {duration:.1f} seconds")
    return sorted((cue for cue in kept if cue.text), key=lambda cue: (cue.begins, cue.ends))


def write(cues: Sequence[Cue]) -> str:
    """Write WebVTT."""
    blocks = ["WEBVTT"]
    for cue in cues:
        settings = f" {cue.settings}" if cue.settings else ""
        blocks.append(
            f"{_clock(cue.begins)} --> {_clock(cue.ends)}{settings}\n{html.escape(cue.text, quote=False)}"
        )
    return "\n\n".join(blocks) + "\n"


def files(made: Made, tracks: Sequence[Track]) -> dict[str, str]:
    """Return the texts of all files that change when a video's captions do: theirs, and the playlists.

    Raises Refused for too many, and for two in one language.
    """
    if len(tracks) > TRACKS_MAX:
        raise _refused(f"The video has captions in {len(tracks)} languages; at most {TRACKS_MAX}")
    if len({each.language for each in tracks}) != len(tracks):
        raise _refused("There are two captions in the same language; one of each is taken")
    return {each.file: write(each.cues) for each in tracks} | playlists_of(made, tracks)


def playlists_of(made: Made, tracks: Sequence[Track]) -> dict[str, str]:
    """Return the playlists that change with a video's captions, or with the video: theirs, and the master playlist.

    Captions of a few minutes are one segment: that is one request, and cues are never torn at a border.
    """
    seconds = made.meta.original.duration
    texts = {each.playlist: playlists.one_segment(each.file, seconds) for each in tracks}
    listed = [playlists.Captions(each.language, each.name, each.playlist) for each in tracks]
    if made.master is not None:
        texts[made.master] = playlists.master(made.renditions, sound=made.sound_bits > 0, captions=listed)
    return texts


def _cues(lines: list[str]) -> list[Cue]:
    """A cue is a line of times and the lines below it up to an empty one; whatever else there is says nothing."""
    cues: list[Cue] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if line.startswith(("NOTE", "STYLE", "REGION")) and "-->" not in line:
            while number < len(lines) and lines[number].strip():
                number += 1
            continue
        if "-->" not in line:
            continue
        first = number
        begins, ends, settings = _timing(line, first)
        while number < len(lines) and lines[number].strip() and "-->" not in lines[number]:
            number += 1
        cues.append(Cue(begins, ends, _text(lines[first:number], first), settings))
        if len(cues) > CUES_MAX:
            raise _refused(f"The captions have more than {CUES_MAX} cues; that is the limit")
    return cues


def _timing(line: str, number: int) -> tuple[int, int, str]:
    found = _TIMING.match(line)
    if found is None:
        raise _refused(f'Line {number}: "{_shown(line)}" are no times such as 00:01.000 --> 00:02.500')
    *times, settings = found.groups()
    begins, ends = (
        ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(rest)
        for hours, minutes, seconds, rest in (times[:4], times[4:])
    )
    if ends <= begins:
        raise _refused(
            f"Line {number}: the cue ends at {_clock(ends)}, not after it begins at {_clock(begins)}"
        )
    return begins, ends, " ".join(each for each in (settings or "").split() if _SETTINGS.match(each))


def _text(lines: Sequence[str], number: int) -> str:
    if len(lines) > CUE_LINES_MAX:
        raise _refused(f"Line {number}: the cue has {len(lines)} lines; at most {CUE_LINES_MAX}")
    text = "\n".join(lines)
    if len(text) > 4 * CUE_TEXT_MAX:
        raise _refused(
            f"Line {number}: the cue has {len(text)} characters with its tags; at most {4 * CUE_TEXT_MAX}"
        )
    # Twice: what is left of <<i>b> is a tag again. Entities come last, so that what they spell stays text.
    while (plain := _TAG.sub("", text)) != text:
        text = plain
    text = "".join(each for each in html.unescape(text) if _is_text(each))
    text = "\n".join(stripped for line in text.split("\n") if (stripped := line.strip()))
    if len(text) > CUE_TEXT_MAX:
        raise _refused(f"Line {number}: the cue has {len(text)} characters; at most {CUE_TEXT_MAX}")
    return unicodedata.normalize("NFC", text)


def _is_text(character: str) -> bool:
    return character == "\n" or character in _DIRECTION or unicodedata.category(character)[0] != "C"


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{rest:03d}"


def _shown(text: str) -> str:
    return "".join(each for each in text[:40] if each.isprintable())


def _refused(sentence: str) -> Refused:
    return Refused(Reason.CAPTIONS, sentence)
