"""HLS playlists (RFC 8216): what ffmpeg wrote is read, the master playlist is ours.

Each quality is one file of fragments that players ask for by byte ranges: a video of three minutes is a handful
of files to store, sign and delete, and not three hundred.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from upscrolled.media.video.shapes import Rendition

MASTER, SOUND = "master.m3u8", "sound"
_SEGMENT = re.compile(r"#EXTINF:([\d.]+),[^\n]*\n#EXT-X-BYTERANGE:(\d+)@(\d+)\n([^\n#]+)")
_HEAD = 16 * 1024


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a file: seconds, its length in bytes and where it begins."""

    seconds: float
    bytes: int
    at: int
    file: str

    @property
    def bits(self) -> int:
        return round(self.bytes * 8 / self.seconds) if self.seconds > 0 else 0


@dataclass(frozen=True, slots=True)
class Captions:
    """A subtitle rendition as players list it: BCP 47 tag, the name to show, the playlist's name."""

    language: str
    name: str
    playlist: str


def segments(text: str) -> list[Segment]:
    """Read a media playlist of byte ranges."""
    return [
        Segment(float(seconds), int(size), int(at), file)
        for seconds, size, at, file in _SEGMENT.findall(text)
    ]


def bandwidths(parts: Sequence[Segment]) -> tuple[int, int]:
    """Return the peak and the average in bits a second; a last segment of a moment is no peak."""
    seconds = sum(part.seconds for part in parts)
    average = round(sum(part.bytes for part in parts) * 8 / seconds) if seconds > 0 else 0
    return max([average, *(part.bits for part in parts if part.seconds >= 1.0)]), average


def avc_codec(path: Path) -> str:
    """Return RFC 6381's name of an H.264 track, from the decoder's configuration at the file's beginning."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    at = head.find(b"avcC") + 4
    return f"avc1.{head[at + 1 : at + 4].hex()}" if at > 3 else "avc1.64001f"


def master(renditions: Sequence[Rendition], *, sound: bool, captions: Sequence[Captions] = ()) -> str:
    """Write the master playlist: the largest rendition first, one sound for all, captions off until chosen.

    Called again when captions come or go; nothing else changes with them.
    """
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    groups = ""
    if sound:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,'
            f'URI="{SOUND}.m3u8"'
        )
        groups += ',AUDIO="sound"'
    for each in captions:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="{_quoted(each.name)}",DEFAULT=NO,AUTOSELECT=YES,'
            f'FORCED=NO,LANGUAGE="{each.language}",URI="{each.playlist}"'
        )
    if captions:
        groups += ',SUBTITLES="captions"'
    for one in renditions:
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={one.peak},AVERAGE-BANDWIDTH={one.average},"
            f'CODECS="{one.codecs}",RESOLUTION={one.width}x{one.height},FRAME-RATE={float(Fraction(one.rate)):.3f}{groups}'
        )
        lines.append(f"{one.name}.m3u8")
    return "\n".join(lines) + "\n"


def one_segment(file: str, seconds: float) -> str:
    """Write the playlist of a rendition that is one file."""
    lines = [
        *("#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{max(1, round(seconds + 0.5))}"),
        *(
            "#EXT-X-MEDIA-SEQUENCE:0",
            "#EXT-X-PLAYLIST-TYPE:VOD",
            f"#EXTINF:{seconds:.6f},",
            file,
            "#EXT-X-ENDLIST",
        ),
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A quoted string holds neither quotes nor line breaks (RFC 8216 §4.2)."""
    return "".join(each for each in text if each.isprintable() and each != '"')
