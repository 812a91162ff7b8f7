"""A file that grows by pieces is at every moment as long as what has arrived."""

from __future__ import annotations

import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.waiting import until
from upscrolled.media import pieces

ROOT = Path(__file__).parents[3]
CONTENT = random.Random(5).randbytes(1_000_000)


@pytest.fixture(autouse=True)
def _here(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def _reader(content: bytes):
    return io.BytesIO(content).read


def test_pieces_make_the_file(tmp_path):
    at = 0
    for size in (1, 4095, 300_000, 1_000_000):
        at = pieces.append(7, _reader(CONTENT[at : at + size]), at=at, most=size)
        assert pieces.length(7) == at

    assert pieces.path_of(7).read_bytes() == CONTENT
    assert pieces.path_of(7).stat().st_mode & 0o077 == 0
    assert pieces.head(7, 10) == CONTENT[:10]


def test_no_more_is_taken_than_was_said_and_no_more_is_held_than_a_piece():
    asked = []

    def read(size: int) -> bytes:
        asked.append(size)
        return bytes(size)

    assert pieces.append(7, read, at=0, most=700_000) == 700_000
    assert max(asked) == pieces.PIECE
    assert sum(asked) == 700_000


def test_what_came_before_a_broken_connection_is_kept():
    source = io.BytesIO(CONTENT)

    def read(size: int) -> bytes:
        if source.tell() > 400_000:
            raise ConnectionResetError
        return source.read(min(size, 100_000))

    with pytest.raises(ConnectionResetError):
        pieces.append(7, read, at=0, most=len(CONTENT))

    assert pieces.path_of(7).read_bytes() == CONTENT[: source.tell()]


@pytest.mark.parametrize("at", [0, 99, 101, 5_000])
def test_a_piece_goes_only_where_the_file_ends(at):
    pieces.append(7, _reader(CONTENT[:100]), at=0, most=100)

    for content in (CONTENT[:50], b""):
        with pytest.raises(pieces.Moved) as moved:
            pieces.append(7, _reader(content), at=at, most=50)
        assert moved.value.length == 100
    assert pieces.path_of(7).read_bytes() == CONTENT[:100]


def test_two_that_send_the_same_part_write_it_once():
    begun = threading.Barrier(2)
    ends: list[int | str] = []

    def send() -> None:
        source = io.BytesIO(CONTENT)

        def read(size: int) -> bytes:
            return source.read(min(size, 1_000))

        begun.wait()
        try:
            ends.append(pieces.append(7, read, at=0, most=len(CONTENT)))
        except pieces.Moved:
            ends.append("moved")

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    at = pieces.length(7)
    assert pieces.path_of(7).read_bytes() == CONTENT[:at]
    assert "moved" in ends


@pytest.mark.parametrize("algorithm", pieces.ALGORITHMS)
def test_what_was_checked_is_kept_whole_or_not_at_all(algorithm):
    digest = hashlib.new(algorithm, CONTENT).digest()
    more = {"at": 0, "most": len(CONTENT), "algorithm": algorithm, "digest": digest}

    for content in (CONTENT[:-1], CONTENT[:-1] + b"?", b""):
        with pytest.raises(pieces.Unlike):
            pieces.append_checked(7, _reader(content), **more)
        assert pieces.length(7) == 0
    assert pieces.append_checked(7, _reader(CONTENT), **more) == len(CONTENT)
    assert pieces.path_of(7).read_bytes() == CONTENT
    assert [path.name for path in pieces.path_of(7).parent.iterdir()] == ["7"]


def test_a_whole_file_is_somebodys_alone():
    pieces.append(7, _reader(CONTENT), at=0, most=len(CONTENT))
    seen: list[Path | None] = []

    def second() -> None:
        with pieces.whole(7) as path:
            seen.append(path)

    with pieces.whole(7) as path:
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.2)
        assert seen == []
        path.unlink()  # moved into the storage
    thread.join()

    assert seen == [None]
    with pieces.whole(8) as path:
        assert path is None


def test_what_was_left_long_ago_is_found(tmp_path):
    for number in (7, 8):
        pieces.append(number, _reader(b"x"), at=0, most=1)
    long_ago = time.time() - 90_000
    os.utime(pieces.path_of(7), (long_ago, long_ago))
    (tmp_path / "uploads" / "notes.txt").write_text("not ours")

    assert pieces.left(before=datetime.now(UTC) - timedelta(days=1)) == [7]
    pieces.remove(7)
    pieces.remove(7)
    assert pieces.length(7) == 0


def test_kill_9_in_the_middle_loses_nothing_that_was_written(tmp_path):
    """A process that writes endless pieces is killed at any moment; the next one goes on where the file ends."""
    writer = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
os.environ["DJANGO_SETTINGS_MODULE"] = "upscrolled.settings"
os.environ.setdefault("SECRET_KEY", "x")
os.environ["DATA_DIR"] = {str(tmp_path)!r}
from upscrolled.media import pieces
def read(size):
    at = pieces.length(7)
    return bytes((at + number) % 251 for number in range(min(size, 997)))
pieces.append(7, read, at=pieces.length(7), most=1 << 40)
"""
    before = 0
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", writer])
        until(lambda enough=before + 20_000: pieces.length(7) > enough, pause=0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        before = pieces.length(7)

    content = pieces.path_of(7).read_bytes()
    assert content == bytes(number % 251 for number in range(len(content)))
