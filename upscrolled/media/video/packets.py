"""What the packets of a file say: its duration, its frames, its key frames. Read from ffmpeg's `framecrc` lines.

Headers lie; packets are what will be decoded. ffmpeg copies them to a format that writes one line for each, and
everything is counted as the lines arrive: memory stays the same for any file.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.video.limits import Limits

_LINE_MAX = 64 * 1024
_TIMES = 1 << 60  # beyond it: no time was given
_KEY, _DISCARD = 1, 4
_RATES = [
    Fraction(each) for each in ("24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60", "120")
]


@dataclass(slots=True)
class Track:
    """One stream. Times are in units of `base` seconds, in the order of decoding."""

    kind: str = ""
    codec: str = ""
    width: int = 0
    height: int = 0
    sample_rate: int = 0
    channels: str = ""
    base: Fraction = Fraction(1, 1000)
    count: int = 0
    size: int = 0
    starts: int | None = None
    ends: int | None = None
    closed: bool = True
    hidden: int = 0  # packets that are there and not to be shown
    key_gap: int = 0
    _key: int | None = None
    _last: int | None = None
    _steps: Counter[int] = field(default_factory=Counter)

    def add(self, decoded: int, shown: int, lasts: int, size: int, flags: int) -> None:
        if flags & _DISCARD:
            self.hidden += 1
            return
        if not -_TIMES < shown < _TIMES:
            return
        self.count, self.size = self.count + 1, self.size + size
        self.starts = shown if self.starts is None else min(self.starts, shown)
        self.ends = max(self.ends or shown, shown + max(0, min(lasts, _TIMES)))
        if (
            self._last is not None
            and decoded > self._last
            and (len(self._steps) < 512 or decoded - self._last in self._steps)
        ):
            self._steps[decoded - self._last] += 1
        self._last = decoded
        if flags & _KEY:
            if self._key is not None:
                self.key_gap = max(self.key_gap, shown - self._key)
            self._key = shown
        elif self._key is not None and shown < self._key:
            # Shown before the key frame that it was sent after: it needs what came earlier.
            self.closed = False

    @property
    def seconds(self) -> tuple[float, float]:
        return float((self.starts or 0) * self.base), float((self.ends or 0) * self.base)

    @property
    def longest_key_gap(self) -> float:
        tail = 0 if self._key is None or self.ends is None else self.ends - self._key
        return float(max(self.key_gap, tail) * self.base)

    def rate(self) -> tuple[Fraction, bool]:
        """Return frames a second, and whether their distance varies. The usual rates are recognised."""
        if not self._steps:
            starts, ends = self.seconds
            return Fraction(self.count / max(ends - starts, 0.001)).limit_denominator(1001), False
        middle = self._middle()
        # A container may round times to milliseconds: one of them more or less is no variation.
        near_by = max(middle * 0.3, 1.01 if self.base <= Fraction(1, 500) else 0)
        near = {step: times for step, times in self._steps.items() if abs(step - middle) <= near_by}
        steady = sum(near.values())
        varies = steady < 0.95 * sum(self._steps.values())
        # Of the near ones alone: a first frame that waits for the sound does not make a video slower.
        total = sum(step * times for step, times in near.items())
        even = 1 / (Fraction(total, steady) * self.base)
        rate = 1 / (middle * self.base) if varies else even
        for usual in _RATES:
            if abs(rate / usual - 1) < Fraction(5, 10_000 if not varies else 100):
                return usual, varies
        return rate.limit_denominator(1001), varies

    def _middle(self) -> int:
        half, seen = sum(self._steps.values()) / 2, 0
        for step in sorted(self._steps):
            seen += self._steps[step]
            if seen >= half:
                return step
        return 1


class Packets:
    """Takes ffmpeg's output in any pieces. Raises Refused as soon as there are more packets than the limit."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._rest, self._seen = limits, b"", 0
        self.tracks: dict[int, Track] = {}

    def feed(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._rest = self._rest[-_LINE_MAX:]
        for line in lines:
            if line.startswith(b"#"):
                self._head(line.decode(errors="replace"))
            elif line:
                self._packet(line)

    def of(self, kind: str) -> Track | None:
        return next((track for track in self.tracks.values() if track.kind == kind and track.count), None)

    def _head(self, line: str) -> None:
        name, _, value = line[1:].partition(":")
        key, _, number = name.partition(" ")
        if not number.isdigit():
            return
        track, value = self.tracks.setdefault(int(number), Track()), value.strip()
        match key:
            case "tb":
                above, _, below = value.partition("/")
                track.base = Fraction(int(above), max(1, int(below)))
            case "media_type":
                track.kind = value
            case "codec_id":
                track.codec = value
            case "dimensions":
                across, _, down = value.partition("x")
                track.width, track.height = int(across), int(down)
            case "sample_rate":
                track.sample_rate = int(value)
            case "channel_layout_name":
                track.channels = value

    def _packet(self, line: bytes) -> None:
        self._seen += 1
        if self._seen > self._limits.packets_max:
            raise Refused(
                Reason.FRAMES,
                f"The file has more than {self._limits.packets_max} packets of picture and sound; that is the limit",
            )
        parts = line.split(b",", 7)
        flags = _KEY
        if len(parts) > 6 and parts[6].strip().startswith(b"F="):
            flags = int(parts[6].strip()[2:], 16)
        number, decoded, shown, lasts, size = (int(part) for part in parts[:5])
        self.tracks.setdefault(number, Track()).add(decoded, shown, lasts, size, flags)
