"""Animated pictures: a GIF or WebP that moves becomes a silent MP4 that clients play in a loop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from upscrolled.media import aside
from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.video import ladder, poster, probe, sandbox, shapes
from upscrolled.media.video.facts import Facts
from upscrolled.media.video.frames import Shape, Watcher
from upscrolled.media.video.limits import Limits
from upscrolled.media.video.shapes import Made

MOVING = "moving.mp4"
# What is transparent shows white, as it would on paper; video has no transparency.
_ON_WHITE = (
    "format=rgba,split[over][g];[g]drawbox=color=white@1:t=fill:replace=1[ground];"
    "[ground][over]overlay=format=auto"
)


def make(
    source: Path,
    into: Path,
    facts: Facts,
    *,
    limits: Limits,
    ffmpeg: str,
    on_percent: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Made:
    """Make the video and its stills in `into`, which is complete afterwards, or absent if this raises.

    Raises Refused, with Reason.STILL for a picture of one frame: that is a photo. Cancelled, Broken.
    """
    picture = facts.picture
    if picture is None or not facts.moves:
        raise Refused(Reason.NOT_MEDIA, f"This is no animation (GIF or WebP) but {facts.container}")
    if picture.frames < 2:
        raise Refused(Reason.STILL, "The picture has one frame; an animation has at least 2")

    def fill(room: Path) -> Made:
        rate = ladder.even_rate(picture, limits)
        step = ladder.steps(picture, rate)[0]
        shape = Shape.of(step.width, step.height)
        watcher = Watcher(shape)
        graph = f"[0:V:0]{_ON_WHITE},{ladder.upright(picture, rate, step.width, step.height)},split=2[v][h]"
        arguments = [
            *probe.reading(facts.demuxer, limits),
            *("-filter_complex", f"{graph};[h]{shape.filters}[frames]", "-map", "[v]"),
            *(*ladder.encoding([step], None, limits), *ladder.STRIPPED, *ladder.PLAIN),
            *("-t", f"{facts.duration + 1:.3f}"),
            *("-movflags", "+faststart", "-f", "mp4", MOVING),
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
        if ended.code != 0 or not watcher.frames:
            raise Refused(Reason.UNREADABLE, "The animation is damaged and cannot be read to its end")
        stills = poster.take(room, MOVING, at=watcher.best, limits=limits, ffmpeg=ffmpeg)
        return Made(
            files=aside.files(room),
            main=MOVING,
            poster=poster.POSTER,
            preview=poster.PREVIEW,
            blurhash=stills.glance.blurhash,
            colour=stills.glance.colour,
            meta=shapes.meta(
                duration=facts.duration,
                bitrate=round((room / MOVING).stat().st_size * 8 / max(facts.duration, 0.001)),
                size=(step.width, step.height),
                rate=rate,
                preview=stills.preview,
            ),
            frames=watcher.frames,
            seconds=ended.cpu_seconds + stills.ended.cpu_seconds,
            peak_bytes=max(ended.peak_bytes, stills.ended.peak_bytes),
        )

    return aside.once(into, fill, Made)
