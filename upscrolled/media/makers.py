"""From what somebody sent to what is shown, by the libraries that know no site: one answer for every kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import msgspec
from django.conf import settings

from upscrolled.media.jobs import Pulse
from upscrolled.media.photo import probe as photo_probe
from upscrolled.media.photo import renditions as photo_renditions
from upscrolled.media.photo.limits import Limits as PhotoLimits
from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.video import gifv, renditions, sound
from upscrolled.media.video import probe as video_probe
from upscrolled.media.video.facts import Facts
from upscrolled.media.video.limits import Limits as VideoLimits
from upscrolled.media.video.probe import Want
from upscrolled.media.video.shapes import Made
from upscrolled.models import FileUse, MediaAttachment

Kind, Role = MediaAttachment.Kind, FileUse.Role
_HLS = (".m3u8", ".m4s")


@dataclass(frozen=True, slots=True)
class Piece:
    """A file that was made, and what an attachment has it for."""

    path: Path
    role: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """All that is made of a file. `shown` names the role of each file that clients are told of by one.

    `hashes` are (second, PDQ, quality). `made` is kept where playlists are written anew for captions.
    """

    kind: str
    pieces: list[Piece]
    meta: dict[str, Any]
    blurhash: str = ""
    colour: str = ""
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    hashes: list[tuple[int, str, int]] = field(default_factory=list)
    made: dict[str, Any] | None = None


def photo_limits() -> PhotoLimits:
    """Return what may be sent as a photo."""
    return PhotoLimits(bytes_max=settings.IMAGE_MAX_BYTES)


def video_limits() -> VideoLimits:
    """Return what may be sent as a video or as sound."""
    return VideoLimits(
        bytes_max=settings.VIDEO_MAX_BYTES,
        seconds_max=float(settings.VIDEO_MAX_SECONDS),
        threads=settings.FFMPEG_THREADS,
    )


@cache
def ffmpeg() -> str:
    """Return the program: the one of the settings, or the one that is installed with us."""
    return settings.FFMPEG or str(imageio_ffmpeg.get_ffmpeg_exe())


def photograph(path: Path, room: Path) -> Product | Facts:
    """Make what is shown of a photo; of a picture that moves return its facts, for `animation`. Raises Problem."""
    facts = photo_probe.look(path, limits=photo_limits())
    if facts.moves:
        return video_probe.look(path, limits=video_limits(), ffmpeg=ffmpeg(), want="animation")
    into = room / "photo"
    made = photo_renditions.make(path, into, facts, limits=photo_limits())
    size = made.meta.original
    return Product(
        kind=Kind.IMAGE,
        pieces=[Piece(into / made.main, Role.ORIGINAL), Piece(into / made.preview, Role.SMALL)],
        meta=msgspec.to_builtins(made.meta),
        blurhash=made.blurhash,
        colour=made.colour,
        width=size.width,
        height=size.height,
        hashes=[(0, made.pdq, made.quality)],
    )


def look(path: Path, *, kind: str) -> Facts:
    """Return what a video or a sound is. A "video" without a picture is a sound, as browsers and phones record it.

    Raises Problem.
    """
    want: Want | None = "audio" if kind == Kind.AUDIO else None
    return video_probe.look(path, limits=video_limits(), ffmpeg=ffmpeg(), want=want)


def audio(path: Path, room: Path, facts: Facts, pulse: Pulse) -> Product:
    """Make what is heard of a sound. Raises Problem."""
    into = room / "sound"
    made = sound.make(path, into, facts, **_with(pulse))
    return _product(Kind.AUDIO, made, into, main=Role.ORIGINAL)


def at_once(path: Path, room: Path, facts: Facts, pulse: Pulse) -> Product | None:
    """Copy a video that players can read as it is, so that it plays in a moment; None if it is not like that.

    The still is of its second second: what is best is known once all of it was decoded.
    """
    into = room / "soon"
    at = min(1.0, facts.duration / 2)
    made = renditions.remux(
        path,
        into,
        facts,
        limits=video_limits(),
        ffmpeg=ffmpeg(),
        poster_at=at,
        cancelled=pulse.lost,
    )
    return None if made is None else _product(Kind.VIDEO, made, into, main=Role.FALLBACK)


def ladder(path: Path, room: Path, facts: Facts, pulse: Pulse) -> Product:
    """Make all qualities of a video, its stills and hashes. Raises Problem."""
    into = room / "made"
    made = renditions.make(path, into, facts, **_with(pulse))
    return _product(Kind.VIDEO, made, into, main=Role.FALLBACK)


def animation(path: Path, room: Path, facts: Facts, pulse: Pulse) -> Product:
    """Make a silent video of a picture that moves. Raises Problem."""
    into = room / "moving"
    made = gifv.make(path, into, facts, **_with(pulse))
    return _product(Kind.GIFV, made, into, main=Role.ORIGINAL)


def facts_of(stored: Mapping[str, Any]) -> Facts:
    """Read facts that were stored. Raises Refused for such as no release of ours writes any more."""
    try:
        return msgspec.convert(stored, Facts)
    except msgspec.ValidationError:
        raise Refused(Reason.UNREADABLE, "The file has to be sent anew: it was looked at long ago") from None


def _with(pulse: Pulse) -> dict[str, Any]:
    return {
        "limits": video_limits(),
        "ffmpeg": ffmpeg(),
        "on_percent": pulse.tell,
        "cancelled": pulse.lost,
    }


def _product(kind: str, made: Made, into: Path, *, main: str) -> Product:
    roles = {made.main: main, made.poster: Role.POSTER, made.preview: Role.SMALL}
    pieces = [
        Piece(into / file.name, Role.HLS, file.name)
        if file.name.endswith(_HLS)
        else Piece(into / file.name, roles[file.name])
        for file in made.files
    ]
    original = made.meta.original
    return Product(
        kind=kind,
        pieces=pieces,
        meta=msgspec.to_builtins(made.meta),
        blurhash=made.blurhash or "",
        colour=made.colour or "",
        width=original.width,
        height=original.height,
        duration=original.duration,
        hashes=[(frame.second, frame.pdq, frame.quality) for frame in made.frames],
        made=msgspec.to_builtins(made) if made.master else None,
    )
