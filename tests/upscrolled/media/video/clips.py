"""Clips that tests make with ffmpeg: a few seconds, small, each made once a run. And ways to look at results."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
SECONDS = 2
_PATTERN = ("-f", "lavfi", "-i")
_TONE = ("-f", "lavfi", "-i", f"sine=440:r=44100:d={SECONDS}")
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-pix_fmt", "yuv420p")
_AAC = ("-c:a", "aac", "-b:a", "64k")


def ffmpeg(*arguments: str | Path) -> str:
    """Run it freely, on our own files; return what it says."""
    command = [FFMPEG, "-hide_banner", "-nostdin", "-y", *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, check=False)
    said = ended.stderr.decode(errors="replace")
    assert ended.returncode == 0, said[-2000:]
    return said


def picture(
    size: str = "320x180", rate: str = "30", more: str = "", seconds: float = SECONDS
) -> tuple[str, ...]:
    return (*_PATTERN, f"testsrc2=s={size}:r={rate}:d={seconds}{more}")


def _landscape(to: Path) -> None:
    ffmpeg(*picture("1280x720"), *_TONE, *_H264, *_AAC, to)


def _phone(to: Path) -> None:
    """Recorded upright: lying pixels and a tag; and where and when, in the tags that phones use."""
    lying = to.with_suffix(".lying.mp4")
    ffmpeg(*picture("640x360"), *_TONE, *_H264, *_AAC, lying)
    told = (
        "location=+21.4225+039.8262/",
        "creation_time=2024-05-06T07:08:09Z",
        "com.apple.quicktime.make=Pear",
    )
    tags = [part for each in told for part in ("-metadata", each)]
    chapters = to.with_suffix(".chapters")
    chapters.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=At the well\n")
    words = to.with_suffix(".srt")
    words.write_text("1\n00:00:00,000 --> 00:00:01,000\nwhispered\n")
    ffmpeg(
        *("-display_rotation", "-90", "-i", lying, "-i", chapters, "-i", words, "-map", "0", "-map", "2"),
        *("-map_metadata", "1", "-map_chapters", "1", "-c", "copy", "-c:s", "mov_text", *tags),
        *("-movflags", "+use_metadata_tags", to),
    )


def _varying(to: Path) -> None:
    """A recording of a screen: bursts of frames, then none for a while."""
    bursts = r"select=not(between(mod(n\,30)\,5\,17)+between(mod(n\,7)\,2\,3))"
    ffmpeg(*picture(seconds=3), "-vf", bursts, "-fps_mode", "vfr", *_H264, to)


def _hdr(to: Path) -> None:
    colours = ("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc")
    ffmpeg(
        *(*picture(), "-vf", "format=yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast"),
        *(
            "-x265-params",
            "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
            *colours,
            to,
        ),
    )


def _black_first(to: Path) -> None:
    ffmpeg(*picture(seconds=3), "-vf", "drawbox=color=black:t=fill:enable=lt(t\\,1.5)", *_H264, to)


def _trimmed(to: Path) -> None:
    """Cut as phones cut: all of it is there, and a list says what is shown. First comes what was cut off."""
    whole = to.with_suffix(".whole.mp4")
    ffmpeg(*picture(), *_H264[:4], "-g", "60", "-pix_fmt", "yuv420p", whole)
    ffmpeg("-ss", "0.7", "-i", whole, "-c", "copy", to)


def _simple(*arguments: str) -> Callable[[Path], None]:
    return lambda to: ffmpeg(*arguments, to) and None


MAKERS: dict[str, Callable[[Path], None]] = {
    "landscape.mp4": _landscape,
    "phone.mp4": _phone,
    "portrait.mp4": _simple(*picture("406x720"), *_TONE, *_H264, *_AAC),
    "quiet.mp4": _simple(*picture(), *_H264),
    "silence.mp4": _simple(*picture(), *_PATTERN, f"anullsrc=d={SECONDS}", *_H264, *_AAC),
    "tiny.mp4": _simple(*picture("16x16"), *_H264),
    "odd.webm": _simple(
        *picture(more=",scale=321:181,setsar=1"), "-c:v", "libvpx", "-deadline", "realtime", "-b:v", "500k"
    ),
    "sixty.mp4": _simple(*picture(rate="60"), *_H264),
    "film.mkv": _simple(*picture(rate="24000/1001"), *_TONE, *_H264, *_AAC),
    "varying.mp4": _varying,
    "hdr.mov": _hdr,
    "surround.mp4": _simple(
        *picture(),
        *_PATTERN,
        f"sine=440:r=48000:d={SECONDS},pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0",
        *_H264,
        *_AAC,
    ),
    "loud.mp4": _simple(
        *picture(seconds=4), "-f", "lavfi", "-i", "sine=440:r=48000:d=4,volume=18dB", *_H264, *_AAC
    ),
    "soft.mp4": _simple(
        *picture(seconds=4), "-f", "lavfi", "-i", "sine=440:r=48000:d=4,volume=-15dB", *_H264, *_AAC
    ),
    "black_first.mp4": _black_first,
    "wide_pixels.mp4": _simple(*picture(more=",setsar=2"), *_H264),
    "call.3gp": _simple(
        *picture("176x144", "15"),
        *_TONE,
        "-c:v",
        "mpeg4",
        "-c:a",
        "libopencore_amrnb",
        "-ar",
        "8000",
        "-ac",
        "1",
    ),
    # Detail of every size, as in nature: a test pattern is mostly flat, which is the worst case of a hash.
    "fractal.mp4": _simple(
        *_PATTERN, "mandelbrot=s=640x360:r=10:start_scale=0.02", "-t", str(SECONDS), *_H264
    ),
    "open.mp4": _simple(
        *picture(seconds=4), *_H264[:4], "-bf", "3", "-g", "15", "-x264-params", "open-gop=1:scenecut=0"
    ),
    "rare_keys.mp4": _simple(*picture(seconds=7), *_H264[:4], "-g", "1000"),
    "streamed.webm": _simple(
        *picture(), "-c:v", "libvpx", "-deadline", "realtime", "-f", "webm", "-live", "1"
    ),
    "stills.mov": _simple(*picture(seconds=0.5), "-c:v", "mjpeg"),
    "note.m4a": _simple(*_TONE, *_AAC, "-metadata", "title=secret"),
    "note.mp3": _simple(*_TONE),
    "note.ogg": _simple(*_TONE, "-c:a", "libopus"),
    "note.wav": _simple(*_TONE),
    "note.flac": _simple(*_TONE),
    "note.amr": _simple(*_TONE, "-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1"),
    "sound_only.mp4": _simple(*_TONE, *_AAC),
    # What browsers and phones record when they record sound alone.
    "note.webm": _simple(*_TONE, "-c:a", "libopus"),
    "note.3gp": _simple(*_TONE, "-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1"),
    # The picture ends before the second that stands for a video, and the sound goes on.
    "longer_sound.mp4": _simple(*picture(seconds=0.2), *_TONE, *_H264, *_AAC),
    "fragments.mp4": _simple(*picture(), *_TONE, *_H264, *_AAC, "-movflags", "frag_keyframe+empty_moov"),
    "trimmed.mp4": _trimmed,
    "moves.gif": _simple(
        *picture("160x120", "10"),
        *("-vf", "split[a][b];[a]palettegen[p];[b][p]paletteuse"),
    ),
    "moves.webp": _simple(*picture("160x120", "10"), "-c:v", "libwebp_anim", "-loop", "0"),
    "still.gif": _simple(*picture("160x120", "10"), "-frames:v", "1"),
}


class Clips:
    """`clips["phone.mp4"]` is a path; the file is made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, name: str) -> Path:
        path = self.folder / name
        if not path.exists():
            MAKERS[name](path)
        return path


def frames_of(path: Path, kind: str = "v") -> int:
    """Decode a file or playlist wholly, with errors being errors; return how many frames came."""
    command = (FFMPEG, "-v", "error", "-xerror", "-i", path, "-map", f"0:{kind}:0", "-f", "framecrc", "-")
    ended = subprocess.run(command, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    assert ended.stderr == b"", ended.stderr.decode()
    return sum(not line.startswith(b"#") for line in ended.stdout.splitlines())


def pixels(path: Path, at: float = 0.0) -> tuple[int, int, bytes]:
    """Return width, height and RGB of one frame, as a player shows it."""
    command = (
        FFMPEG,
        "-v",
        "error",
        "-i",
        path,
        "-ss",
        str(at),
        "-frames:v",
        "1",
        "-f",
        "image2pipe",
        "-c:v",
        "ppm",
        "-",
    )
    data = subprocess.run(command, capture_output=True, check=True).stdout
    head, size, _, raw = data.split(b"\n", 3)
    assert head == b"P6"
    across, down = size.split()
    return int(across), int(down), raw


def loudness(path: Path) -> float:
    """Return LUFS of a file's sound as two speakers play it."""
    said = ffmpeg("-i", path, "-map", "0:a:0", "-af", "ebur128=dualmono=true", "-f", "null", "-")
    return float(said.rpartition("I:")[2].split()[0])
