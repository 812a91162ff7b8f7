"""How a video looks, one frame a second: PDQ for finding it again, and the moment that shows it best.

ffmpeg writes small raw frames to a pipe; one of them is in memory at a time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from upscrolled.media import likeness
from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.video import probe, sandbox
from upscrolled.media.video.facts import Facts
from upscrolled.media.video.limits import Limits
from upscrolled.media.video.shapes import Frame

_DARK, _BRIGHT = 24.0, 232.0
_GOOD = 0.6  # of the best frame's contrast is good enough for a poster, if it comes earlier


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of the raw frames, three bytes a pixel."""

    width: int
    height: int

    @classmethod
    def of(cls, width: int, height: int) -> Shape:
        """Fit into the square that is hashed; never larger than it is."""
        return cls(*likeness.fit(width, height))

    @property
    def filters(self) -> str:
        """The part of a filter graph that takes one frame of each second, at this size."""
        return rf"select=gte(t\,selected_n),scale={self.width}:{self.height}:flags=area,format=rgb24"


class Watcher:
    """Takes raw frames in any pieces. `frames` are those seen so far."""

    def __init__(self, shape: Shape) -> None:
        self._shape, self._part = shape, bytearray()
        self._bytes = shape.width * shape.height * 3
        self.frames: list[Frame] = []
        self._contrasts: list[float] = []

    def feed(self, chunk: bytes) -> None:
        self._part += chunk
        while len(self._part) >= self._bytes:
            self._see(bytes(self._part[: self._bytes]))
            del self._part[: self._bytes]

    def _see(self, raw: bytes) -> None:
        pixels = np.frombuffer(raw, np.uint8).reshape(self._shape.height, self._shape.width, 3)
        pdq, quality = likeness.pdq(pixels)
        self.frames.append(Frame(second=len(self.frames), pdq=pdq, quality=quality))
        grey = pixels[::4, ::4].mean(axis=2) if min(pixels.shape[:2]) > 64 else pixels.mean(axis=2)
        mean, contrast = float(grey.mean()), float(grey.std())
        self._contrasts.append(contrast if _DARK < mean < _BRIGHT else contrast / 10)

    @property
    def best(self) -> int:
        """The second of a good poster: the first one that is neither black nor flat beside the others."""
        enough = _GOOD * max(self._contrasts, default=0.0)
        return next((second for second, each in enumerate(self._contrasts) if each >= enough), 0)


def watch(
    path: Path,
    facts: Facts,
    *,
    limits: Limits,
    ffmpeg: str,
    on_percent: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Frame]:
    """Return the hashes of one frame a second of a file that was looked at. Raises Refused, Cancelled, Broken."""
    return see(path, facts, limits=limits, ffmpeg=ffmpeg, on_percent=on_percent, cancelled=cancelled).frames


def see(
    path: Path,
    facts: Facts,
    *,
    limits: Limits,
    ffmpeg: str,
    on_percent: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Watcher:
    """Like `watch`, and keep the moment for a poster too."""
    if facts.picture is None:
        raise Refused(Reason.NO_VIDEO, f"The file has no video, only sound ({facts.container})")
    shape = Shape.of(facts.picture.width, facts.picture.height)
    watcher = Watcher(shape)
    arguments = [
        *probe.reading(facts.demuxer, limits),
        *("-map", "0:V:0", "-vf", shape.filters, "-fps_mode", "passthrough"),
        *("-t", f"{facts.duration + 1:.3f}"),
        *("-f", "rawvideo", "pipe:1"),
    ]
    with tempfile.TemporaryDirectory(prefix="frames-") as room:
        ended = sandbox.run(
            ffmpeg,
            arguments,
            source=path,
            room=Path(room),
            limits=limits,
            duration=facts.duration,
            on_output=watcher.feed,
            on_time=probe.report(facts.duration, on_percent),
            cancelled=cancelled,
        )
    if ended.code != 0 or not watcher.frames:
        raise Refused(Reason.UNREADABLE, "The video is damaged: no frame of it can be read")
    return watcher
