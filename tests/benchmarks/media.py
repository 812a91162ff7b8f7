"""What a second of video costs, beside a bare run of ffmpeg that does the same; and a photo, beside Pillow alone.

`python -m tests.benchmarks.media`; photos.py has the photos, uploads.py what the web processes do with them. The
figures are written to docs/benchmarks.md.

Both sides make the ladder, the MP4 file and a poster, measure and turn the loudness, and hash a frame a second; in
turns, in one run, on the same clip: an upright phone video with noise as cameras have it. Ours adds the looking,
the walls, the child's start, the preview, the blurhash and the directory that is complete or absent.
"""

from __future__ import annotations

import argparse
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pdqhash

from tests.benchmarks import photos, report, uploads
from tests.benchmarks.cost import BOUND, Cost, Figure, say
from tests.benchmarks.uploads import Sent
from upscrolled.media.video import frames, gifv, probe, renditions
from upscrolled.media.video.limits import Limits

FFMPEG, LIMITS = imageio_ffmpeg.get_ffmpeg_exe(), Limits()
_USUAL: dict[str, Any] = {"limits": LIMITS, "ffmpeg": FFMPEG}
_HASHED = (288, 512)
BEGIN, END = "<!-- media: begin (written by make bench) -->", "<!-- media: end -->"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it; exit with 1 if the bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="of video")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--uploads", type=int, default=600, help="small photos that are sent")
    parser.add_argument("--dry", action="store_true", help="do not write docs/benchmarks.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        room = Path(folder)
        clip = _clip(room / "clip.mp4", options.seconds)
        small = _gif(room / "moves.gif")
        figures = [_report(room, clip, small, options.seconds, options.runs)]
        worker = _own_peak()  # before bare Pillow has decoded photos in this process
        figures += photos.report(room, options.runs)
    sent = uploads.report(options.uploads)
    if not options.dry:
        _write(figures, worker, sent, options.runs)
    sys.exit(max(figure.ratio for figure in figures) > BOUND)


def _write(figures: Sequence[Figure], worker: int, sent: Sent, runs: int) -> None:
    rows = [
        [
            figure.name,
            f"**{figure.ours:.3f} s**",
            f"{figure.bare:.3f} s",
            f"{figure.ratio:.2f}",
            f"{BOUND:g}",
            report.reached(figure.ratio, BOUND, BOUND),
            f"{figure.peak >> 20} MB",
        ]
        for figure in figures
    ]
    head = ["what", "CPU", "bare ffmpeg or Pillow", "times", "must", "reached", "child's peak"]
    told = (
        f"{report.table(head, rows)}\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, medians of {runs}. The worker itself: {worker >> 20} MB at its peak.\n\n"
        f"Small photos ({sent.bytes:,} bytes) through the web processes, {sent.connections} connections at once: "
        f"**{sent.rate:.0f} a second**, {sent.cpu_ms:.1f} ms of CPU each ({sent.parts})."
    )
    page = report.PAGE.read_text()
    before, rest = page.split(BEGIN)
    report.PAGE.write_text(f"{before}{BEGIN}\n\n{told}\n\n{END}{rest.split(END)[1]}")


def _report(room: Path, clip: Path, small: Path, seconds: int, runs: int) -> Figure:
    ours, bare, looked, copied, hashed, moved = (Cost() for _ in range(6))
    facts, moving = (probe.look(path, **_USUAL) for path in (clip, small))
    peaks = []

    def make(into: Path) -> None:
        seen = probe.look(clip, **_USUAL, want="video")
        peaks.append(renditions.make(clip, into, seen, **_USUAL).peak_bytes)

    for run in range(runs):
        bare.of(lambda run=run: _bare(clip, room / f"bare-{run}"))
        ours.of(lambda run=run: make(room / f"ours-{run}"))
        looked.of(lambda: probe.look(clip, **_USUAL) and None)
        copied.of(lambda run=run: _some(renditions.remux(clip, room / f"soon-{run}", facts, **_USUAL)))
        hashed.of(lambda: _some(frames.watch(clip, facts, **_USUAL)))
        moved.of(lambda run=run: _some(gifv.make(small, room / f"gifv-{run}", moving, **_USUAL)))

    figure = Figure(
        "a second of video, all qualities", ours.typical / seconds, bare.typical / seconds, max(peaks)
    )
    size = f"{facts.picture.width}x{facts.picture.height}" if facts.picture else ""
    say(f"Clip: {seconds} s of {size}, {facts.bits / 1e6:.1f} Mb/s. Medians of {runs} runs, CPU seconds.")
    say(f"  ladder, ours        {figure.ours:7.3f} per second of video")
    say(f"  ladder, bare        {figure.bare:7.3f} per second of video")
    say(f"  ours to bare        {figure.ratio:7.3f} (at most {BOUND})")
    say(f"  looking (probe)     {looked.typical:7.3f} for the clip")
    say(
        f"  remux with poster   {copied.typical:7.3f} for the clip, {statistics.median(copied.wall):.2f} s of the clock"
    )
    say(f"  PDQ, a frame/second {hashed.typical / seconds:7.3f} per second of video, alone")
    say(f"  gifv                {moved.typical:7.3f} for 3 s of 480x270")
    say(f"  ffmpeg's peak       {max(peaks) >> 20:7d} MB; this process {_own_peak() >> 20} MB")
    return figure


def _bare(clip: Path, room: Path) -> None:
    """The same work as somebody would write it in a shell, and a loop over the frames."""
    room.mkdir()
    quiet = ("-v", "error", "-nostdin", "-y", "-threads", "2", "-filter_complex_threads", "2")
    measured = _ffmpeg(
        room,
        "-hide_banner",
        "-nostats",
        "-i",
        clip,
        "-vn",
        "-af",
        "ebur128=framelog=quiet",
        "-f",
        "null",
        "-",
    )
    gain = -16 - float(re.findall(r"I: +(-?[\d.]+) LUFS", measured)[-1])
    across, down = _HASHED
    graph = (
        "[0:v]fps=30,scale=720:1280:flags=bicubic,format=yuv420p,split=3[v0][s1][h];"
        "[s1]scale=480:852:flags=bicubic,split=2[v1][s2];[s2]scale=360:640:flags=bicubic[v2];"
        rf"[h]select=gte(t\,selected_n),scale={across}:{down}:flags=area,format=rgb24[f];"
        f"[0:a]aresample=48000,volume={gain:.1f}dB,alimiter=limit=0.84:level=disabled[a]"
    )
    hls = "f=hls:hls_time=2:hls_playlist_type=vod:hls_segment_type=fmp4:hls_flags=single_file:hls_segment_filename="
    tracks = (("v:0", "720"), ("v:1", "480"), ("v:2", "360"), ("a:0", "sound"))
    outputs = "|".join(
        [rf"[select=\'{track}\':{hls}{name}.m4s]{name}.m3u8" for track, name in tracks]
        + [r"[select=\'v:0,a:0\':f=mp4:movflags=+faststart]fallback.mp4"]
    )
    command = [
        *(FFMPEG, *quiet, "-i", str(clip), "-filter_complex", graph),
        *(
            "-map",
            "[v0]",
            "-map",
            "[v1]",
            "-map",
            "[v2]",
            "-map",
            "[a]",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
        ),
        *(
            "-profile:v",
            "high",
            "-threads",
            "2",
            "-crf",
            "23",
            "-flags",
            "+global_header",
            "-sc_threshold",
            "0",
        ),
        *("-force_key_frames", "expr:gte(t,n_forced*2)", "-g", "1000", "-c:a", "aac", "-b:a", "128k"),
        *("-maxrate:v:0", "2800k", "-bufsize:v:0", "5600k", "-maxrate:v:1", "1400k", "-bufsize:v:1", "2800k"),
        *("-maxrate:v:2", "865k", "-bufsize:v:2", "1730k", "-f", "tee", outputs),
        *("-map", "[f]", "-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1"),
    ]
    with subprocess.Popen(command, cwd=room, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while raw := process.stdout.read(across * down * 3):
            pdqhash.compute(np.frombuffer(raw, np.uint8).reshape(down, across, 3))
    assert process.returncode == 0
    _ffmpeg(room, *quiet, "-i", "fallback.mp4", "-frames:v", "1", "-q:v", "3", "poster.jpg")


def _clip(path: Path, seconds: int) -> Path:
    _ffmpeg(
        path.parent,
        *("-v", "error", "-f", "lavfi", "-i", f"testsrc2=s=1080x1920:r=30:d={seconds},noise=alls=10:allf=t"),
        *(
            "-f",
            "lavfi",
            "-i",
            f"sine=330:r=48000:d={seconds},tremolo=f=3",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
        ),
        *(
            "-pix_fmt",
            "yuv420p",
            "-g",
            "30",
            "-b:v",
            "10M",
            "-maxrate",
            "12M",
            "-bufsize",
            "12M",
            "-c:a",
            "aac",
            path,
        ),
    )
    return path


def _gif(path: Path) -> Path:
    _ffmpeg(
        path.parent,
        *("-v", "error", "-f", "lavfi", "-i", "testsrc2=s=480x270:r=15:d=3"),
        *("-vf", "split[a][b];[a]palettegen[p];[b][p]paletteuse", path),
    )
    return path


def _ffmpeg(room: Path, *arguments: str | Path) -> str:
    return subprocess.run(
        [FFMPEG, *map(str, arguments)], cwd=room, capture_output=True, check=True
    ).stderr.decode()


def _own_peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _some(made: object) -> None:
    if not made:
        raise SystemExit("Nothing was made.")


if __name__ == "__main__":
    main()
