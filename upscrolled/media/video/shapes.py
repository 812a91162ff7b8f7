"""What is made of a file: values that can be stored as JSON. Names in `Meta` are those of the client API."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from upscrolled.media.shapes import File, Size
from upscrolled.media.shapes import size as size_of


class Original(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`width`, `height` and `frame_rate` ("30/1") are absent for sound."""

    width: int | None = None
    height: int | None = None
    frame_rate: str | None = None
    duration: float
    bitrate: int


class Meta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """MediaAttachment's `meta` of video, gifv and audio (Mastodon API 4.5)."""

    length: str
    duration: float
    fps: int | None = None
    size: str | None = None
    width: int | None = None
    height: int | None = None
    aspect: float | None = None
    audio_encode: str | None = None
    audio_bitrate: str | None = None
    audio_channels: str | None = None
    original: Original
    small: Size | None = None


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """One quality of the picture. Bandwidths are bits a second with sound: `peak` of the largest segment."""

    name: str
    width: int
    height: int
    rate: str
    codecs: str
    peak: int
    average: int


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """How a moment of the video looks: PDQ as 64 hex digits, its quality 0..100, and the second it is shown at."""

    second: int
    pdq: str
    quality: int


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A directory of files, complete. `main` is the file for clients that know no streaming.

    `seconds` are of the children's processor time, `peak_bytes` the most memory that one of them had.
    """

    files: list[File]
    main: str
    meta: Meta
    master: str | None = None
    poster: str | None = None
    preview: str | None = None
    blurhash: str | None = None
    colour: str | None = None
    renditions: list[Rendition] = []
    sound_bits: int = 0
    frames: list[Frame] = []
    copied: bool = False
    seconds: float = 0.0
    peak_bytes: int = 0


def meta(
    *,
    duration: float,
    bitrate: int,
    size: tuple[int, int] | None = None,
    rate: Fraction | None = None,
    preview: tuple[int, int] | None = None,
    sound: tuple[str, str, str] | None = None,
) -> Meta:
    """Say in the client API's words what is served: `sound` is its encoding, its sampling rate and its channels."""
    width, height = size or (None, None)
    encode, sampled, channels = sound or (None, None, None)
    return Meta(
        length=_clock(duration),
        duration=round(duration, 3),
        fps=None if rate is None else round(rate),
        size=None if size is None else f"{width}x{height}",
        width=width,
        height=height,
        aspect=None if size is None else round(size[0] / size[1], 6),
        audio_encode=encode,
        audio_bitrate=sampled,
        audio_channels=channels,
        original=Original(
            width=width,
            height=height,
            frame_rate=None if rate is None else f"{rate.numerator}/{rate.denominator}",
            duration=round(duration, 6),
            bitrate=bitrate,
        ),
        small=None if preview is None else size_of(*preview),
    )


def _clock(seconds: float) -> str:
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest / 100:05.2f}"
