"""The child process: reads somebody's picture from stdin, writes ours to stdout. Run as a file, never imported.

Decoders of pictures are where hostile files do their harm. So they run here: a process that has nothing of the
site's (no settings, no database, an empty environment), that the kernel stops at limits of time, memory and
output, and whose end, however it comes, is one refused upload. What comes out was drawn from pixels alone: no
metadata of the file survives.

Protocol: the arguments are one JSON object, and where our packages lie, of which it needs only `media/pixels.py`;
stdout is a line of JSON, then the bytes of each file it lists.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Any

MEMORY, CPU_SECONDS, OUTPUT = 768 * 1024 * 1024, 10, 4 * 1024 * 1024
FRAMES_MAX, MOVING_MAX = 150, 1_500_000


class NoPicture(Exception):
    """Says why not, in words that finish the sentence which begins with the picture's name."""


def main() -> None:
    """Obey limits first, then look at the file."""
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    sys.path.append(sys.argv[2])
    try:
        answer, files = _made(sys.stdin.buffer.read(), **json.loads(sys.argv[1]))
    except NoPicture as refusal:
        answer, files = {"refused": str(refusal)}, []
    except MemoryError:
        answer, files = {"refused": "takes more memory than is allowed"}, []
    except Exception:  # whatever a decoder trips over, the file is what is wrong
        answer, files = {"refused": "is damaged and cannot be read"}, []
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + b"".join(files))


def _made(
    data: bytes, *, format: str, width: int, height: int, frame: int, pixels_max: int, whole: bool
) -> tuple[dict[str, Any], list[bytes]]:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # the limit is ours, with a sentence of ours
    with Image.open(io.BytesIO(data), formats=[format]) as picture:
        across, down = picture.size
        if across * down > pixels_max:
            raise NoPicture(f"has {across} x {down} = {across * down} pixels; at most {pixels_max}")
        files = []
        frames = getattr(picture, "n_frames", 1) if frame else 1
        if frames > 1:
            files.append(("gif", _moving(picture, frames, min(frame, width), min(frame, height), pixels_max)))
            picture.seek(0)
        still = _still(picture, width, height, whole=whole)
        files.append(_encoded(still, jpeg=frames == 1))
    answer = {
        "files": [[suffix, len(content)] for suffix, content in files],
        "size": still.size,
        "blurhash": _from_afar(still),
    }
    return answer, [content for _, content in files]


def _still(picture: Any, width: int, height: int, *, whole: bool) -> Any:
    """One frame, as pixels of ours."""
    from upscrolled.media import pixels

    orientation = pixels.orientation(picture)
    if pixels.lies(orientation):
        width, height = height, width
    if picture.format == "JPEG":  # a large photograph is decoded at a smaller scale
        picture.draft("RGB", (2 * max(width, height), 2 * max(width, height)))
    profile = picture.info.get("icc_profile")
    # First smaller, then everything else: only one copy of the full size is ever in memory.
    fit = _inside if whole else _fitted
    small = fit(pixels.continuous(picture), width, height)
    return pixels.srgb(pixels.upright(small, orientation), profile)


def _encoded(pixels: Any, *, jpeg: bool) -> tuple[str, bytes]:
    """JPEG if that is wished and the picture is opaque, else WebP."""
    out = io.BytesIO()
    if jpeg and pixels.mode == "RGB":
        pixels.save(out, "JPEG", quality=85, optimize=True, progressive=True)
        return "jpg", out.getvalue()
    pixels.save(out, "WEBP", quality=85, method=4)
    return "webp", out.getvalue()


def _from_afar(pixels: Any) -> str:
    """The BlurHash: a few colours to show until the picture is there."""
    from blurhash_rs import blurhash_encode

    return blurhash_encode(pixels.convert("RGB").resize((32, 32)), 4, 3)


def _moving(picture: Any, frames: int, width: int, height: int, pixels_max: int) -> bytes:
    """All frames, small. A GIF may hide a huge canvas behind few bytes, so all of it is counted first."""
    if frames > FRAMES_MAX:
        raise NoPicture(f"has {frames} frames; at most {FRAMES_MAX}")
    total = frames * picture.size[0] * picture.size[1]
    if total > pixels_max * 4:
        raise NoPicture(f"has {total} pixels in all its frames; at most {pixels_max * 4}")
    drawn, lasts = [], []
    for number in range(frames):
        picture.seek(number)
        drawn.append(_fitted(picture.convert("RGBA"), width, height))
        drawn[-1].info = {}  # or the encoder would write the file's comments again
        lasts.append(max(20, min(int(picture.info.get("duration") or 100), 10_000)))
    for part in (1, 2):
        sized = [_fitted(each, max(1, width // part), max(1, height // part)) for each in drawn]
        out = io.BytesIO()
        sized[0].save(out, "GIF", save_all=True, append_images=sized[1:], duration=lasts, loop=0, disposal=2)
        if out.tell() <= MOVING_MAX:
            return out.getvalue()
    raise NoPicture(f"has {out.tell()} bytes even when its frames are made small; at most {MOVING_MAX}")


def _fitted(picture: Any, width: int, height: int) -> Any:
    """Cut to the shape around the middle, and make it smaller if it is larger; never larger."""
    from PIL import Image, ImageOps

    across, down = picture.size
    scale = min(1.0, across / width, down / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def _inside(picture: Any, width: int, height: int) -> Any:
    """Make it smaller until it fits, and cut nothing off."""
    from PIL import Image

    across, down = picture.size
    scale = min(1.0, width / across, height / down)
    size = max(1, round(across * scale)), max(1, round(down * scale))
    return (
        picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    )


if __name__ == "__main__":
    main()
