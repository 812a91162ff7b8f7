"""A worker that is killed outright while ffmpeg runs, and one that only slept: nothing lost, nothing published twice.

The whole platform is killed so in tests/journeys/test_media.py; here it is one process, in the usual suite.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from feed.models import Post, ScheduledPost
from feed.operations import scheduled
from tests.media import finish, now, plays, upload
from tests.people import client_of
from tests.upscrolled.media.video.clips import ffmpeg, picture
from tests.waiting import PATIENCE, children, until
from upscrolled.media import jobs, work
from upscrolled.media.jobs import Stage
from upscrolled.models import FileUse, MediaAttachment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_media(media_root: Path) -> Path:
    return media_root


@pytest.fixture
def worker() -> Iterator[Any]:
    """Call it for a process of its own that takes the next video, once its ffmpeg is in the middle of it."""
    begun = []

    def begin() -> Any:
        connections.close_all()  # a forked process must not speak on our connection
        process = multiprocessing.get_context("fork").Process(target=_work)
        process.start()
        begun.append(process)
        _until_it_transcodes(process)
        return process

    yield begin
    for each in begun:
        each.kill()
        each.join()


def _work() -> None:
    work.do_next(Stage.MAKE, clock=now)


def _until_it_transcodes(process: Any) -> None:
    def at_work() -> set[int]:
        assert process.is_alive(), "it was done before anybody could kill it"
        return _transcoders() & _below(process.pid)

    until(at_work, pause=0.005)


def _transcoders() -> set[int]:
    """Processes that make all qualities at once."""
    return {pid for pid, command in _commands() if b"tee" in command.split(b"\0")}


def _commands() -> Iterator[tuple[int, bytes]]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield int(path.parent.name), path.read_bytes()
        except OSError:
            continue  # it has ended meanwhile


def _below(pid: int) -> set[int]:
    """Processes that this one began, and those that they began."""
    own = set(children(pid))
    return own.union(*map(_below, own))


def _waiting_post(account: Any, clip: bytes) -> str:
    made = str(upload(account, clip)["id"])
    wish = {"status": "In time", "media_ids": [made], "upscrolled": {"publish_when_ready": True}}
    assert "scheduled_at" in client_of(account).post("/api/v1/statuses", wish).json()
    finish(Stage.LOOK)
    return made


def _publish(*, after: int) -> int:
    """Do what the clock does so many seconds from now, twice; how many posts there are then."""
    for seconds in (after, after + 60):
        scheduled.publish_due(now=now() + timedelta(seconds=seconds))
    return Post.objects.count()


@pytest.fixture
def clip(tmp_path: Path) -> bytes:
    """Long enough to be killed in the middle, and not playable as it is."""
    path = tmp_path / "long.webm"
    ffmpeg(*picture("640x360", "15", seconds=8), "-c:v", "libvpx", "-deadline", "realtime", path)
    return path.read_bytes()


def test_a_worker_killed_at_a_video_loses_nothing_and_publishes_once(alice, clip, worker):
    made = _waiting_post(alice, clip)
    killed = worker()
    transcoders = _transcoders() & _below(killed.pid)

    os.kill(killed.pid, signal.SIGKILL)
    killed.join()

    row = MediaAttachment.objects.get(pk=made)
    assert (row.state, row.turn) == ("processing", 2)
    assert list(FileUse.objects.values_list("role", flat=True)) == ["upload"]
    assert _publish(after=60) == 0
    assert not work.do_next(Stage.MAKE, clock=now)  # somebody is at it, as far as anybody knows

    assert work.do_next(Stage.MAKE, clock=lambda: now() + jobs.LEASES[Stage.MAKE])
    row.refresh_from_db()
    assert (row.state, row.turn) == ("ready", 3)
    assert _publish(after=3_600) == 1
    assert not ScheduledPost.objects.exists()
    (shown,) = client_of(alice).get(f"/api/v1/accounts/{alice.id}/statuses").json()
    assert "Video: h264" in plays(shown["media_attachments"][0]["url"])
    assert not transcoders & _transcoders()  # ffmpeg went with its worker


def test_a_worker_that_wakes_when_another_has_done_its_work_changes_nothing(alice, clip, worker):
    made = _waiting_post(alice, clip)
    sleeper = worker()
    os.kill(sleeper.pid, signal.SIGSTOP)

    assert work.do_next(Stage.MAKE, clock=lambda: now() + jobs.LEASES[Stage.MAKE])
    assert _publish(after=60) == 1
    done = MediaAttachment.objects.values().get(pk=made)
    uses = set(FileUse.objects.values_list("role", "label", "file_id"))
    os.kill(sleeper.pid, signal.SIGCONT)
    sleeper.join(PATIENCE)

    assert sleeper.exitcode == 0
    assert MediaAttachment.objects.values().get(pk=made) == done
    assert set(FileUse.objects.values_list("role", "label", "file_id")) == uses
    assert _publish(after=3_600) == 1
