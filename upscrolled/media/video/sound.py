"""Voice notes and music: whatever recorded them, an AAC file that every client plays, equally loud."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from upscrolled.media import aside
from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.video import ladder, probe, sandbox, shapes
from upscrolled.media.video.facts import Facts
from upscrolled.media.video.limits import Limits
from upscrolled.media.video.shapes import Made

SOUND = "sound.m4a"


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
    """Make the sound file in `into`, which is complete afterwards, or absent if this raises.

    Only the first track of sound is taken: covers, chapters and tags go. Raises Refused, Cancelled, Broken.
    """
    sound = facts.sound
    if sound is None:
        raise Refused(Reason.NO_AUDIO, f"The file has no sound ({facts.container})")

    def fill(room: Path) -> Made:
        arguments = [
            *probe.reading(facts.demuxer, limits),
            *("-map", "0:a:0", "-vn", "-af", ladder.levelled(sound)),
            *("-c:a", "aac", "-b:a", str(ladder.sound_bits(sound)), *ladder.PLAIN),
            *("-t", f"{facts.duration + 1:.3f}", "-movflags", "+faststart", "-f", "ipod", SOUND),
        ]
        ended = sandbox.run(
            ffmpeg,
            arguments,
            source=source,
            room=room,
            limits=limits,
            duration=facts.duration,
            on_time=probe.report(facts.duration, on_percent),
            cancelled=cancelled,
        )
        if ended.code != 0:
            raise Refused(Reason.UNREADABLE, "The sound is damaged and cannot be read to its end")
        bits = round((room / SOUND).stat().st_size * 8 / max(facts.duration, 0.001))
        heard = ("aac (LC) (mp4a / 0x6134706D)", "48000 Hz", ladder.channels(sound))
        return Made(
            files=aside.files(room),
            main=SOUND,
            sound_bits=bits,
            meta=shapes.meta(duration=facts.duration, bitrate=bits, sound=heard),
            seconds=ended.cpu_seconds,
            peak_bytes=ended.peak_bytes,
        )

    return aside.once(into, fill, Made)
