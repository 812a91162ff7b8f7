"""What a file really is. ffmpeg reads it behind walls, once: packets are counted, a frame and the sound decoded.

From a file only three things are believed: its first bytes (which demuxer may read it), its packets, and what the
decoder made of the first frame. A header's claims are heard only where they refuse.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Literal

from upscrolled.media import boxes
from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.source import opened
from upscrolled.media.video import kinds, sandbox
from upscrolled.media.video.facts import Facts, Picture, Sound
from upscrolled.media.video.kinds import Container
from upscrolled.media.video.limits import Limits
from upscrolled.media.video.packets import Packets, Track
from upscrolled.media.video.sandbox import Ended

Want = Literal["video", "audio", "animation"]

_CLAIM = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d\.\d+)", re.M)
_COPIED = re.compile(r"^  Stream #0:\d+(?:\(\w+\))?: (Video|Audio): (.+)$", re.M)
_DECODED = re.compile(
    r"^  Stream #1:\d+(?:\(\w+\))?: Video: .*?, (\d+)x(\d+)(?: \[SAR (\d+):(\d+) DAR [\d:]+\])?", re.M
)
_TURNED = re.compile(r"^ +(?:displaymatrix|Display Matrix): rotation of (-?\d+(?:\.\d+)?) degrees", re.M)
_NAMED = re.compile(r"^(\w+)(?: \(([^()/]+)\))?")
_PIXELS = re.compile(r", (yuv\w+|gray\w*|gbr\w+|rgb\w*|bgr\w*|pal8|nv\w+|p0\w+|argb|abgr)(?:\(([^)]*)\))?")
_SIZE = re.compile(r"(?:Picture size|size) (\d+)x(\d+)")
_BROKEN_OFF = ("File ended prematurely", "partial file")  # of Matroska, of the others
# As two speakers play it, which is how it is made: five of a cinema add up to more than they are one by one.
_LOUDNESS = "aformat=channel_layouts=mono|stereo,ebur128=dualmono=true:framelog=quiet"
_LOUD = re.compile(r"^    I: +(-?\d+(?:\.\d+)?) LUFS", re.M)
_HDR = ("smpte2084", "arib-std-b67")
_NO_COLOUR = ("tv", "pc", "progressive", "top first", "bottom first", "unknown", "gbr")


def look(path: Path, *, limits: Limits, ffmpeg: str, want: Want | None = None) -> Facts:
    """Return what the file is. Raises Refused with limit and actual value; `want` also refuses other kinds."""
    with opened(path) as descriptor:
        size = path.stat().st_size
        container = kinds.sniff(descriptor)
        outline = boxes.outline(descriptor) if container.demuxer == "mov" else boxes.Outline()
    if size > limits.bytes_max:
        raise Refused(Reason.BYTES, f"The file has {size} bytes; at most {limits.bytes_max}")
    if want == "animation" and not container.moves:
        raise Refused(Reason.NOT_MEDIA, f"This is no animation (GIF or WebP) but {container.name}")
    if want == "video" and container.only_sound:
        raise Refused(Reason.NO_VIDEO, f"The file has no video, only sound ({container.name})")
    packets = Packets(limits)
    ended = _read(path, container, packets, limits, ffmpeg)
    if outline.locked:
        raise Refused(Reason.ENCRYPTED, "The file is encrypted; only files without copy protection are taken")
    claims = [each for each in (_claim(ended.messages), outline.seconds) if each is not None]
    claimed = max(claims, default=None)
    facts = _facts(container, size, claimed, packets, ended.messages) if ended.code == 0 else None
    _refuse_stated(claimed, packets, ended.messages, limits)
    if outline.missing:
        raise Refused(
            Reason.TRUNCATED, f"The file has {size} of the {size + outline.missing} bytes that it announces"
        )
    if facts is None or any(each in ended.messages for each in _BROKEN_OFF):
        raise _unreadable(ended)
    _refuse_found(facts, limits, want)
    return facts


def reading(demuxer: str, limits: Limits) -> list[str]:
    """Return ffmpeg's options that open SOURCE with this demuxer and nothing else."""
    return [
        *("-threads", str(limits.threads), "-max_streams", str(limits.streams_max)),
        # A frame in the middle may be larger than the first one: decoding it needs this memory, and no more.
        *("-max_pixels", str(limits.pixels_max * 2)),
        *("-protocol_whitelist", "file,pipe", "-format_whitelist", demuxer),
        *("-codec_whitelist", kinds.DECODERS),
        *("-probesize", "5000000", "-analyzeduration", "5000000", "-f", demuxer, "-i", sandbox.SOURCE),
    ]


def _read(path: Path, container: Container, packets: Packets, limits: Limits, ffmpeg: str) -> Ended:
    plain = ["-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1"]
    tracks = ["-map", "0:V:0?", "-map", "0:a:0?"]
    arguments = [
        *reading(container.demuxer, limits),
        *(*tracks, "-c", "copy", *plain, "-f", "framecrc", "pipe:1"),
        # One frame of the picture, and all of the sound: how loud it is has to be known before it is turned.
        *(*tracks, "-vf", "trim=end_frame=1", "-af", _LOUDNESS, *plain, "-f", "null", "-"),
    ]
    with tempfile.TemporaryDirectory(prefix="probe-") as room:
        return sandbox.run(
            ffmpeg, arguments, source=path, room=Path(room), limits=limits, duration=0, on_output=packets.feed
        )


def _refuse_stated(claimed: float | None, packets: Packets, messages: str, limits: Limits) -> None:
    """Refuse what the file says of itself, whether or not it could be read."""
    if "max_streams" in messages or "maximum number of streams" in messages:
        raise Refused(
            Reason.STREAMS, f"The file has more than {limits.streams_max} streams; that is the limit"
        )
    lasts = max(claimed or 0.0, *(max(track.seconds) for track in packets.tracks.values()), 0.0)
    if lasts > limits.seconds_max + 0.5:
        raise Refused(
            Reason.DURATION, f"The file lasts {lasts:.1f} seconds; at most {limits.seconds_max:.0f}"
        )
    sizes = [(track.width, track.height) for track in packets.tracks.values()]
    if "max pixel count" in messages or "is invalid" in messages:
        sizes += [(int(across), int(down)) for across, down in _SIZE.findall(messages)]
    for across, down in sizes:
        if across * down > limits.pixels_max:
            raise _too_many_pixels(across, down, limits)


def _too_many_pixels(across: int, down: int, limits: Limits) -> Refused:
    return Refused(
        Reason.PIXELS,
        f"The picture has {across} x {down} = {across * down} pixels; at most {limits.pixels_max}",
    )


def _unreadable(ended: Ended) -> Refused:
    if any(each in ended.messages for each in _BROKEN_OFF):
        return Refused(Reason.TRUNCATED, "The file ends before its content does; it was not sent whole")
    if "moov atom not found" in ended.messages:
        return Refused(Reason.TRUNCATED, "The file has no index (moov); it was not sent whole or is damaged")
    return Refused(Reason.UNREADABLE, "The file is damaged, or of a kind that cannot be read")


def parts(messages: str) -> tuple[str, str, float] | None:
    """Return what ffmpeg says of the streams that it copied, of those that it decoded, and the loudness in LUFS.

    None if it came to neither. What the file's own texts say stands before: no name or comment in it can pretend to
    be a stream. A sound of a moment is measured before the other output is begun, and its last line has no end.
    """
    _, mark, told = messages.rpartition("\nOutput #0, framecrc")
    copied, _, decoded = told.partition("Output #1, null")
    loud = _LOUD.findall(told)
    return (copied, decoded, float(loud[-1]) if loud else -70.0) if mark else None


def _claim(messages: str) -> float | None:
    found = _CLAIM.search(messages)
    return None if found is None else int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])


def _facts(
    container: Container, size: int, claimed: float | None, packets: Packets, messages: str
) -> Facts | None:
    told = parts(messages)
    moving, sounding = packets.of("video"), packets.of("audio")
    if told is None or (moving is None and sounding is None):
        return None
    copied, decoded, loudness = told
    described = {kind: text for kind, text in reversed(_COPIED.findall(copied))}
    spans = [track.seconds for track in (moving, sounding) if track is not None]
    duration = max(ends for _, ends in spans) - max(0.0, min(starts for starts, _ in spans))
    picture = None
    if moving is not None:
        shown = _DECODED.search(decoded)
        if shown is None:
            return None
        picture = _picture(moving, described.get("Video", ""), copied, shown)
    return Facts(
        container=container.name,
        demuxer=container.demuxer,
        moves=container.moves,
        bytes=size,
        duration=duration,
        claimed=claimed,
        picture=picture,
        sound=None if sounding is None else _sound(sounding, described.get("Audio", ""), loudness),
        bits=round(size * 8 / duration) if duration > 0 else 0,
    )


def _picture(track: Track, described: str, copied: str, shown: re.Match[str]) -> Picture:
    name, pixels, turned = _NAMED.match(described), _PIXELS.search(described), _TURNED.search(copied)
    across, down = int(shown[1]), int(shown[2])
    if shown[3] and int(shown[3]) and int(shown[4]):
        across = max(1, round(across * Fraction(int(shown[3]), int(shown[4]))))
    rate, varies = track.rate()
    starts, ends = track.seconds
    colours = pixels[2] or "" if pixels else ""
    matrix, transfer = _colours(colours)
    return Picture(
        codec=track.codec,
        profile=name[2] or "" if name else "",
        pixel_format=pixels[1] if pixels else "",
        width=across,
        height=down,
        turned=round(float(turned[1])) if turned else 0,
        frames=track.count,
        rate=f"{rate.numerator}/{rate.denominator}",
        varies=varies,
        matrix=matrix,
        hdr=transfer if transfer in _HDR else "",
        interlaced="top" in colours or "bottom" in colours,
        key_seconds=track.longest_key_gap,
        closed=track.closed,
        bits=round(track.size * 8 / (ends - starts)) if ends > starts else 0,
        cut=track.hidden > 0,
    )


def _colours(told: str) -> tuple[str, str]:
    """Of "tv, bt2020nc/bt2020/smpte2084, progressive", the first and the last; one name stands for all three."""
    for part in told.split(", "):
        names = part.split("/")
        if part not in _NO_COLOUR and not part.startswith(("top", "bottom")):
            return ("" if names[0] == "unknown" else names[0]), names[-1]
    return "", ""


def _sound(track: Track, described: str, loudness: float) -> Sound:
    name = _NAMED.match(described)
    starts, ends = track.seconds
    return Sound(
        codec=track.codec,
        profile=name[2] or "" if name else "",
        channels=track.channels,
        sample_rate=track.sample_rate,
        bits=round(track.size * 8 / (ends - starts)) if ends > starts else 0,
        loudness=loudness,
        described=described.partition(",")[0],
    )


def _refuse_found(facts: Facts, limits: Limits, want: Want | None) -> None:
    if want == "video" and facts.picture is None:
        raise Refused(Reason.NO_VIDEO, f"The file has no video, only sound ({facts.container})")
    if want == "audio" and facts.sound is None:
        raise Refused(Reason.NO_AUDIO, f"The file has no sound ({facts.container})")
    if facts.claimed is not None and facts.duration < 0.8 * facts.claimed - 0.5 and not facts.moves:
        raise Refused(
            Reason.TRUNCATED,
            f"The file ends after {facts.duration:.1f} of the {facts.claimed:.1f} seconds that it claims",
        )
    if facts.picture is not None:
        _refuse_picture(facts, facts.picture, limits)


def _refuse_picture(facts: Facts, picture: Picture, limits: Limits) -> None:
    across, down = picture.width, picture.height
    if across * down > limits.pixels_max:
        raise _too_many_pixels(across, down, limits)
    if min(across, down) < limits.side_min:
        raise Refused(
            Reason.SIDE, f"The picture is {across} x {down} pixels; each side has at least {limits.side_min}"
        )
    rate = picture.frames / facts.duration if facts.duration > 0 else picture.frames
    if rate > limits.frame_rate_max * 1.01 and picture.frames > 2:
        raise Refused(
            Reason.FRAME_RATE, f"The video has {rate:.0f} frames a second; at most {limits.frame_rate_max}"
        )
    if facts.moves and picture.frames > limits.animation_frames_max:
        raise Refused(
            Reason.FRAMES, f"The animation has {picture.frames} frames; at most {limits.animation_frames_max}"
        )
    if facts.moves and picture.frames * across * down > limits.animation_pixels_max:
        raise Refused(
            Reason.PIXELS,
            f"The animation has {picture.frames * across * down} pixels in all its frames; "
            f"at most {limits.animation_pixels_max}",
        )


def report(duration: float, on_percent: Callable[[int], None] | None) -> Callable[[float], None] | None:
    """Turn seconds of output into whole percents, each told once, in order; 100 is left to the end of the work."""
    if on_percent is None:
        return None
    told = -1

    def tell(seconds: float) -> None:
        nonlocal told
        percent = min(99, int(100 * seconds / duration)) if duration > 0 else 0
        if percent > told:
            told = percent
            on_percent(percent)

    return tell
