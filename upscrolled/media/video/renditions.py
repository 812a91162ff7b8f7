"""From a video that was looked at to a directory that is served: HLS, an MP4 file, stills, hashes.

`make` encodes all qualities in one run of ffmpeg that decodes once; `remux` copies what players can read as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from upscrolled.media import aside
from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.video import ladder, playlists, poster, probe, sandbox, shapes
from upscrolled.media.video.facts import Facts, Picture
from upscrolled.media.video.frames import Shape, Watcher
from upscrolled.media.video.ladder import Step
from upscrolled.media.video.limits import Limits
from upscrolled.media.video.poster import Stills
from upscrolled.media.video.sandbox import Ended
from upscrolled.media.video.shapes import Frame, Made, Rendition

FALLBACK = "fallback.mp4"
_AAC = "mp4a.40.2"
_COPIED = "copy"
_LOST = 0.8  # of the video must have come out; less, and it is damaged

Percent = Callable[[int], None] | None
Cancel = Callable[[], bool] | None


def make(
    source: Path,
    into: Path,
    facts: Facts,
    *,
    limits: Limits,
    ffmpeg: str,
    on_percent: Percent = None,
    cancelled: Cancel = None,
) -> Made:
    """Make the whole ladder in the directory `into`, which is complete afterwards, or absent if this raises.

    If it is there already, nothing is done again. Raises Refused, Cancelled, Broken.
    """
    picture = _picture(facts)

    def fill(room: Path) -> Made:
        rate = ladder.even_rate(picture, limits)
        made = ladder.steps(picture, rate)
        shape = Shape.of(made[0].width, made[0].height)
        watcher = Watcher(shape)
        arguments = [
            *probe.reading(facts.demuxer, limits),
            *("-filter_complex", ladder.graph(picture, facts.sound, made, rate, shape)),
            *(part for number in range(len(made)) for part in ("-map", f"[v{number}]")),
            *(("-map", "[sound]") if facts.sound else ()),
            *(*ladder.encoding(made, facts.sound, limits), *ladder.STRIPPED, *ladder.PLAIN),
            *("-t", f"{facts.duration + 1:.3f}"),
            *("-f", "tee", _outputs([step.name for step in made], facts.sound is not None, limits)),
            *("-map", "[frames]", "-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1"),
        ]
        ended = sandbox.run(
            ffmpeg,
            arguments,
            source=source,
            room=room,
            limits=limits,
            duration=facts.duration,
            on_output=watcher.feed,
            on_time=probe.report(facts.duration, on_percent),
            cancelled=cancelled,
        )
        if ended.code != 0:
            raise _damaged()
        stills = poster.take(room, FALLBACK, at=watcher.best, limits=limits, ffmpeg=ffmpeg)
        return _account(room, facts, made, rate, watcher.frames, stills, ended)

    done = aside.once(into, fill, Made)
    if on_percent is not None:
        on_percent(100)
    return done


def conforms(facts: Facts, limits: Limits) -> str | None:
    """Return None if players can read the file as it is, else the first reason why they cannot."""
    picture, sound = facts.picture, facts.sound
    if picture is None:
        return "no video"
    if facts.demuxer not in ("mov", "matroska"):
        return f"container {facts.container}"
    checks = (
        (
            picture.codec == "h264" and picture.pixel_format in ("yuv420p", "yuvj420p"),
            f"{picture.codec} {picture.pixel_format}",
        ),
        (picture.short <= limits.copy_side_max, f"{picture.width}x{picture.height}"),
        (not picture.interlaced and not picture.hdr, "interlaced or HDR"),
        (picture.width % 2 == 0 and picture.height % 2 == 0, "odd sides"),
        (picture.fps <= limits.copy_frame_rate_max, f"{picture.rate} frames a second"),
        (facts.bits <= limits.copy_bits_max, f"{facts.bits} bits a second"),
        (picture.closed, "key frames that need earlier ones"),
        (not picture.cut, "frames that were cut off"),
        (
            picture.key_seconds <= limits.copy_key_seconds_max,
            f"key frames {picture.key_seconds:.1f} seconds apart",
        ),
        (
            sound is None or (sound.codec == "aac" and sound.profile == "LC"),
            sound and f"sound in {sound.codec}",
        ),
        (sound is None or sound.channels in ("mono", "stereo"), sound and f"sound in {sound.channels}"),
    )
    return next((str(why) for good, why in checks if not good), None)


def remux(
    source: Path,
    into: Path,
    facts: Facts,
    *,
    limits: Limits,
    ffmpeg: str,
    poster_at: float = 0.0,
    cancelled: Cancel = None,
) -> Made | None:
    """Copy a conforming video into HLS and MP4, playable until the ladder is ready; None if it does not conform.

    Metadata goes; the sound stays as loud as it is. `frames` are hashed by a run that decodes: they are not here,
    and `poster_at` is a second that such a run found good (`frames.see(…).best`).
    """
    if conforms(facts, limits) is not None:
        return None
    picture = _picture(facts)

    def fill(room: Path) -> Made:
        step = Step(picture.width, picture.height, picture.bits)
        arguments = [
            *(*probe.reading(facts.demuxer, limits), "-map", "0:V:0"),
            *(("-map", "0:a:0") if facts.sound else ()),
            *("-c", "copy", *ladder.STRIPPED, *ladder.PLAIN),
            *("-f", "tee", _outputs([_COPIED], facts.sound is not None, limits)),
        ]
        ended = sandbox.run(
            ffmpeg,
            arguments,
            source=source,
            room=room,
            limits=limits,
            duration=facts.duration,
            cancelled=cancelled,
        )
        if ended.code != 0:
            raise _damaged()
        stills = poster.take(room, FALLBACK, at=poster_at, limits=limits, ffmpeg=ffmpeg)
        return _account(room, facts, [step], picture.fps, None, stills, ended)

    return aside.once(into, fill, Made)


def _picture(facts: Facts) -> Picture:
    if facts.picture is None:
        raise Refused(Reason.NO_VIDEO, f"The file has no video, only sound ({facts.container})")
    return facts.picture


def _damaged() -> Refused:
    return Refused(Reason.UNREADABLE, "The video is damaged and cannot be read to its end")


def _outputs(names: list[str], sound: bool, limits: Limits) -> str:
    """Each encoded stream goes to its playlist, and the first one with the sound to the MP4 file too."""
    hls = (
        f"f=hls:hls_time={limits.segment_seconds}:hls_playlist_type=vod:hls_segment_type=fmp4"
        ":hls_flags=single_file:hls_segment_filename="
    )
    tracks = [(f"v:{number}", name) for number, name in enumerate(names)]
    tracks += [("a:0", playlists.SOUND)] if sound else []
    parts = [rf"[select=\'{track}\':{hls}{name}.m4s]{name}.m3u8" for track, name in tracks]
    both = "v:0,a:0" if sound else "v:0"
    return "|".join([*parts, rf"[select=\'{both}\':f=mp4:movflags=+faststart]{FALLBACK}"])


def _account(
    room: Path,
    facts: Facts,
    made: list[Step],
    rate: Fraction,
    seen: list[Frame] | None,
    stills: Stills,
    ended: Ended,
) -> Made:
    copied = seen is None
    names = [_COPIED] if copied else [step.name for step in made]
    heard = playlists.bandwidths(_segments(room, playlists.SOUND)) if facts.sound else (0, 0)
    renditions = [_rendition(room, name, step, rate, heard) for name, step in zip(names, made, strict=True)]
    duration = sum(part.seconds for part in _segments(room, names[0]))
    if facts.sound:
        duration = max(duration, sum(part.seconds for part in _segments(room, playlists.SOUND)))
    if duration < _LOST * facts.duration - 0.5:
        raise Refused(
            Reason.UNREADABLE,
            f"The video is damaged: {duration:.1f} of its {facts.duration:.1f} seconds can be read",
        )
    (room / playlists.MASTER).write_text(playlists.master(renditions, sound=facts.sound is not None))
    size = (made[0].width, made[0].height)
    main = (room / FALLBACK).stat().st_size
    return Made(
        files=aside.files(room),
        main=FALLBACK,
        master=playlists.MASTER,
        poster=poster.POSTER,
        preview=poster.PREVIEW,
        blurhash=stills.glance.blurhash,
        colour=stills.glance.colour,
        renditions=renditions,
        sound_bits=heard[1],
        meta=shapes.meta(
            duration=duration,
            bitrate=round(main * 8 / duration),
            size=size,
            rate=rate,
            preview=stills.preview,
            sound=_heard(facts, copied),
        ),
        frames=seen or [],
        copied=copied,
        seconds=ended.cpu_seconds + stills.ended.cpu_seconds,
        peak_bytes=max(ended.peak_bytes, stills.ended.peak_bytes),
    )


def _segments(room: Path, name: str) -> list[playlists.Segment]:
    found = playlists.segments((room / f"{name}.m3u8").read_text())
    if not found:
        raise Refused(Reason.UNREADABLE, "The video is damaged: nothing of it can be read")
    return found


def _rendition(room: Path, name: str, step: Step, rate: Fraction, heard: tuple[int, int]) -> Rendition:
    peak, average = playlists.bandwidths(_segments(room, name))
    codec = playlists.avc_codec(room / f"{name}.m4s")
    return Rendition(
        name=name,
        width=step.width,
        height=step.height,
        rate=f"{rate.numerator}/{rate.denominator}",
        codecs=f"{codec},{_AAC}" if heard[1] else codec,
        peak=peak + heard[0],
        average=average + heard[1],
    )


def _heard(facts: Facts, copied: bool) -> tuple[str, str, str] | None:
    if facts.sound is None:
        return None
    if copied:
        return facts.sound.described, f"{facts.sound.sample_rate} Hz", facts.sound.channels
    return "aac (LC) (mp4a / 0x6134706D)", "48000 Hz", ladder.channels(facts.sound)
