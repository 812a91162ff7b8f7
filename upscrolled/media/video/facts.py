"""What a file really is, as ffmpeg read it. Values only; they can be stored as JSON."""

from __future__ import annotations

from fractions import Fraction

import msgspec


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The moving picture. Width and height are as it is seen: turned as its tag says, with square pixels."""

    codec: str
    profile: str
    pixel_format: str
    width: int
    height: int
    turned: int  # degrees, counterclockwise, as the file says; 0 for none
    frames: int
    rate: str  # frames a second as a fraction, "30000/1001"
    varies: bool  # the distance of frames does
    matrix: str  # how its colours are coded, "bt709"; empty if it does not say
    hdr: str  # the transfer of one with a high dynamic range, "smpte2084"; empty for all others
    interlaced: bool
    key_seconds: float  # the longest distance between two key frames
    closed: bool  # whether each key frame begins a part that can be read alone
    bits: int  # a second
    cut: bool = False  # whether it holds frames that players are told not to show: somebody cut them off

    @property
    def fps(self) -> Fraction:
        return Fraction(self.rate)

    @property
    def short(self) -> int:
        return min(self.width, self.height)


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """The first sound track."""

    codec: str
    profile: str
    channels: str  # "mono", "stereo", "5.1"
    sample_rate: int
    bits: int  # a second
    loudness: float  # LUFS of all of it, as two speakers play it; -70 is silence
    described: str  # as ffmpeg words it: "aac (LC) (mp4a / 0x6134706D)"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """`duration` is counted from the packets, in seconds; `claimed` is what the header says, if anything."""

    container: str
    demuxer: str
    moves: bool  # an animation of pictures: GIF, WebP
    bytes: int
    duration: float
    claimed: float | None
    picture: Picture | None
    sound: Sound | None
    bits: int
