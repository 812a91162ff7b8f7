"""The walls around ffmpeg, tried from inside."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from tests.upscrolled.media.video.clips import FFMPEG, MAKERS
from tests.waiting import children, has_ended, until
from upscrolled.media.refusals import Broken, Cancelled, Reason, Refused
from upscrolled.media.source import opened
from upscrolled.media.video import sandbox
from upscrolled.media.video.limits import Limits

_FOREVER = ("-re", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=5", "-f", "null", "-")
_BUSY = ("-f", "lavfi", "-i", "testsrc2=s=640x360:r=30", "-f", "null", "-")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")


def _run(clips, room: Path, *arguments: str, **more: object) -> sandbox.Ended:
    order = {"source": clips["tiny.mp4"], "room": room, "limits": Limits(), "duration": 1.0, **more}
    return sandbox.run(FFMPEG, arguments, **order)


@on_linux
def test_all_walls_stand_here(clips, tmp_path):
    ended = _run(clips, tmp_path, "-version")

    assert ended.code == 0
    assert ended.walls >= {"death", "rights", "files", "sockets"}


@on_linux
@pytest.mark.parametrize("secret", ["beside", "above", "etc"])
def test_no_other_file_is_read(clips, tmp_path, secret):
    room = tmp_path / "room"
    room.mkdir()
    (tmp_path / "canary.mp4").write_bytes(clips["tiny.mp4"].read_bytes())
    path = {"beside": clips["quiet.mp4"], "above": "../canary.mp4", "etc": "/etc/passwd"}[secret]

    ended = _run(clips, room, "-i", f"file:{path}", "-f", "null", "-")

    assert ended.code != 0
    assert "Permission denied" in ended.messages


@on_linux
def test_nothing_is_written_outside_the_room(clips, tmp_path):
    room = tmp_path / "room"
    room.mkdir()

    for target in ("../escaped.mp4", f"{tmp_path}/escaped.mp4"):
        ended = _run(clips, room, "-i", sandbox.SOURCE, "-c", "copy", "-f", "mp4", f"file:{target}")
        assert ended.code != 0
    assert _run(clips, room, "-i", sandbox.SOURCE, "-c", "copy", "-f", "mp4", "inside.mp4").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["room"]


@on_linux
def test_nothing_is_asked_of_the_network(clips, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        for scheme in ("http", "tcp"):
            ended = _run(
                clips, tmp_path, "-i", f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/", "-f", "null", "-"
            )
            assert ended.code != 0
        with pytest.raises(TimeoutError):
            listener.accept()


def test_the_child_knows_nothing_of_the_site(clips, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "canary")
    seen: list[bytes] = []

    def environment() -> bytes:
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if b"testsrc2=s=64x64" in (entry / "cmdline").read_bytes():
                    found = (entry / "environ").read_bytes()
                    if b"MALLOC_ARENA_MAX" in found:
                        return found
            except OSError:
                continue  # it has ended meanwhile
        return b""

    curious = threading.Thread(target=lambda: seen.append(until(environment)))
    curious.start()
    with pytest.raises(Cancelled):
        _run(clips, tmp_path, *_FOREVER, cancelled=lambda: not curious.is_alive())

    assert seen == [b"MALLOC_ARENA_MAX=2\0"]


def test_what_takes_too_long_is_ended(clips, tmp_path):
    with pytest.raises(Refused, match="longer than 1 seconds") as refused:
        _run(clips, tmp_path, *_FOREVER, limits=Limits(seconds_base=1.0, seconds_each=0.0))

    assert refused.value.reason == Reason.COST


def test_what_takes_too_much_memory_fails_alone(clips, tmp_path):
    large = ("-f", "lavfi", "-i", "color=s=16000x16000:r=5:d=1,format=gbrpf32le", "-f", "null", "-")

    with pytest.raises(Refused, match="takes more than 1500 MB of memory") as refused:
        _run(clips, tmp_path, *large, limits=Limits(memory=1500 << 20))

    assert refused.value.reason == Reason.COST


def test_what_writes_too_much_is_stopped(clips, tmp_path):
    endless = ("-f", "lavfi", "-i", "color=s=1920x1080:r=30", "-f", "rawvideo", "file:big")

    ended = _run(clips, tmp_path, *endless, limits=Limits(bytes_max=1))

    assert ended.code != 0
    assert (tmp_path / "big").stat().st_size <= (16 << 20) + 1


def test_a_chatterbox_fills_no_memory(clips, tmp_path):
    many = ["-f", "lavfi", "-i", "testsrc2=s=16x16:r=25:d=400", "-vf", "showinfo", "-f", "null", "-"]

    ended = _run(clips, tmp_path, *many)

    assert ended.code == 0
    assert len(ended.messages) < 400_000


def _ffmpeg_of(parent: int) -> int:
    """Wait until the child has become ffmpeg; return its process."""

    def found() -> int:
        for child in children(parent):
            with suppress(OSError):  # it has ended meanwhile
                if os.path.basename(os.readlink(f"/proc/{child}/exe")).startswith("ffmpeg"):
                    return child
        return 0

    return until(found)


@on_linux
def test_a_worker_killed_outright_leaves_no_ffmpeg(tmp_path):
    MAKERS["tiny.mp4"](tmp_path / "tiny.mp4")
    worker = f"""
import sys
from pathlib import Path
from upscrolled.media.video import sandbox
from upscrolled.media.video.limits import Limits
print("begun", flush=True)
sandbox.run({FFMPEG!r}, {_FOREVER!r}, source=Path("tiny.mp4"), room=Path("."), limits=Limits(), duration=1.0)
"""
    here = str(Path(__file__).parents[4])
    process = subprocess.Popen(
        [sys.executable, "-c", worker], cwd=tmp_path, stdout=subprocess.PIPE, env={"PYTHONPATH": here}
    )
    child = _ffmpeg_of(process.pid)

    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    until(lambda: has_ended(child))


@on_linux
def test_no_descriptor_and_no_process_is_left(clips, tmp_path):
    gc.collect()  # what tests before this one have left is closed now, and not in between
    files, processes = len(os.listdir("/dev/fd")), set(children(os.getpid()))
    for _ in range(3):
        with pytest.raises(Cancelled):
            _run(clips, tmp_path, *_BUSY, cancelled=lambda: True)
        _run(clips, tmp_path, "-version")

    assert len(os.listdir("/dev/fd")) <= files
    assert set(children(os.getpid())) <= processes


def test_a_missing_ffmpeg_is_not_the_files_fault(clips, tmp_path):
    with pytest.raises(Broken, match="ffmpeg"):
        sandbox.run(
            "/nowhere/ffmpeg",
            ["-version"],
            source=clips["tiny.mp4"],
            room=tmp_path,
            limits=Limits(),
            duration=1.0,
        )


@pytest.mark.parametrize("kind", ["link", "directory", "pipe"])
def test_only_plain_files_are_opened(clips, tmp_path, kind):
    path = tmp_path / "upload"
    if kind == "link":
        path.symlink_to(clips["tiny.mp4"])
    elif kind == "directory":
        path.mkdir()
    else:
        os.mkfifo(path)

    with pytest.raises(Refused, match="plain file") as refused, opened(path):
        pass

    assert refused.value.reason == Reason.NOT_A_FILE
