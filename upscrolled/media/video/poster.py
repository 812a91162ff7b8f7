"""A still of a video for before it plays, and a small one for lists. Drawn from our own MP4 file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from upscrolled.media.glance import Glance, glance
from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.video import sandbox
from upscrolled.media.video.limits import Limits
from upscrolled.media.video.sandbox import Ended

POSTER, PREVIEW = "poster.jpg", "preview.jpg"
_JPEG_COLOURS = "scale=out_color_matrix=bt601:out_range=pc,format=yuvj420p"  # JFIF: not those of our videos
_SMALL = 640 * 360  # pixels of the preview
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Stills:
    """The two files are in the room; `preview` is the small one's size."""

    preview: tuple[int, int]
    glance: Glance
    ended: Ended


def take(room: Path, video: str, *, at: float, limits: Limits, ffmpeg: str) -> Stills:
    """Draw both stills from the frame at that second of the file in the room, or its first where there is none.

    A sound may go on when the picture has ended.
    """
    ended = _draw(room, video, at, limits, ffmpeg)
    if at and ended.code == 0 and not _is_there(room):
        ended = _draw(room, video, 0.0, limits, ffmpeg)
    if ended.code != 0 or not _is_there(room):
        raise Refused(Reason.UNREADABLE, "The video is damaged: no frame of it can be shown")
    with Image.open(room / POSTER, formats=["JPEG"]) as picture:
        small = picture.convert("RGB")
    scale = min(1.0, (_SMALL / (small.width * small.height)) ** 0.5)
    size = max(1, round(small.width * scale)), max(1, round(small.height * scale))
    small = small.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    small.save(room / PREVIEW, "JPEG", quality=_QUALITY, optimize=True)
    return Stills(size, glance(small), ended)


def _is_there(room: Path) -> bool:
    return (room / POSTER).is_file() and (room / POSTER).stat().st_size > 0


def _draw(room: Path, video: str, at: float, limits: Limits, ffmpeg: str) -> Ended:
    seek = ["-ss", f"{at:.3f}"] if at else []
    arguments = [
        *("-threads", str(limits.threads), "-protocol_whitelist", "file,pipe"),
        *("-f", "mov", *seek, "-i", sandbox.SOURCE, "-frames:v", "1", "-vf", _JPEG_COLOURS),
        *("-map_metadata", "-1", "-flags", "+bitexact", "-q:v", "3", "-threads", "1"),
        *("-f", "mjpeg", POSTER),
    ]
    return sandbox.run(ffmpeg, arguments, source=room / video, room=room, limits=limits, duration=1)
