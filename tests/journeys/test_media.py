"""Photos and videos over the running platform: two clients post them, and workers that are killed lose none."""

from __future__ import annotations

import http.client
import io
import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from mastodon import Mastodon
from PIL import Image

from tests.journeys.conftest import Product
from tests.journeys.test_toot import Terminal, terminal  # noqa: F401  # a fixture
from tests.media import photo
from tests.upscrolled.media.video.clips import FFMPEG, Clips, ffmpeg, picture
from tests.waiting import until

pytestmark = pytest.mark.journey
SECONDS = 90  # that a busy machine may take over a clip of two seconds


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    return Clips(tmp_path_factory.mktemp("clips"))


def is_ready(api: Mastodon, media: Any) -> Callable[[], Any]:
    return lambda: api.media(media)


def seen(address: str, **headers: str) -> bytes:
    answer = requests.get(address, headers=headers, timeout=60)
    assert answer.status_code in (200, 206), (address, answer.status_code)
    return answer.content


def plays(address: str, tmp_path: Path) -> str:
    """What ffmpeg says of a video that it reads to its end."""
    path = tmp_path / "seen.mp4"
    path.write_bytes(seen(address))
    return ffmpeg("-i", path, "-f", "null", "-")


def test_mastodon_py_posts_a_photo_and_a_video(
    ann: Mastodon, ben: Mastodon, clips: Clips, tmp_path: Path
) -> None:
    picture = ann.media_post(
        io.BytesIO(photo()), mime_type="image/jpeg", description="A boat", focus=(0.5, 0.5), synchronous=True
    )
    video = ann.media_post(io.BytesIO(clips["phone.mp4"].read_bytes()), mime_type="video/mp4")
    until(is_ready(ann, video), lambda found: found.url is not None, seconds=SECONDS, pause=0.5)
    post = ann.status_post("By the sea", media_ids=[picture, video], sensitive=True)

    shown = ben.status(post)
    first, second = shown.media_attachments
    assert (first.type, first.description, second.type) == ("image", "A boat", "video")
    assert Image.open(io.BytesIO(seen(first.url))).size == (640, 400)
    assert Image.open(io.BytesIO(seen(second.preview_url))).format == "JPEG"
    said = plays(second.url, tmp_path)
    assert "Video: h264" in said
    assert "location" not in said
    assert len(seen(second.url, Range="bytes=0-99")) == 100
    better = until(
        lambda: ben.status(post).media_attachments[1],
        lambda found: not found["upscrolled"]["improving"],
        seconds=SECONDS,
        pause=0.5,
    )
    assert b"#EXTM3U" in seen(better["upscrolled"]["hls_url"])
    assert ann.account_statuses(ann.me(), only_media=True)[0].id == post.id
    gone = ann.status_delete(post)
    assert [each.id for each in gone.media_attachments] == [first.id, second.id]


def test_toot_posts_a_photo_and_a_video(
    terminal: Terminal,  # noqa: F811
    clips: Clips,
    tmp_path: Path,
) -> None:
    boat = tmp_path / "boat.jpg"
    boat.write_bytes(photo(7))
    words = ("--media", str(boat), "--description", "A boat", "--media", str(clips["quiet.mp4"]))
    said = terminal.type("post", "From a terminal", *words, "--description", "Waves", "--json")
    post = json.loads(said.splitlines()[-1])  # it waits for the media, and says so

    first, second = post["media_attachments"]
    assert (first["description"], second["description"]) == ("A boat", "Waves")
    assert Image.open(io.BytesIO(seen(first["url"]))).size == (640, 400)
    assert "Video: h264" in plays(second["url"], tmp_path)


@pytest.mark.long  # the usual suite kills one process: tests/upscrolled/media/test_killed.py
def test_a_worker_that_is_killed_at_a_video_loses_nothing_and_publishes_once(
    product: Product, ann: Mastodon, tmp_path: Path
) -> None:
    """The post waits for its video; the worker dies while ffmpeg runs, and another one goes on."""
    clip = tmp_path / "long.webm"
    ffmpeg(*picture("640x360", "15", seconds=20), "-c:v", "libvpx", "-deadline", "realtime", clip)
    video = ann.media_post(io.BytesIO(clip.read_bytes()), mime_type="video/webm")
    wish = {"status": "In time", "media_ids": [str(video.id)], "upscrolled": {"publish_when_ready": True}}
    token = {"Authorization": f"Bearer {ann.access_token}"}
    kept = requests.post(f"{product.address}/api/v1/statuses", json=wish, headers=token, timeout=60)
    assert "scheduled_at" in kept.json(), kept.text

    killed = until(lambda: transcoding(product), bool, seconds=SECONDS)
    os.kill(killed, signal.SIGKILL)

    until(is_ready(ann, video), lambda found: found.url is not None, seconds=240, pause=2)
    published = until(
        lambda: [each for each in ann.account_statuses(ann.me(), limit=5) if "In time" in each.content],
        bool,
        seconds=90,
        pause=2,
    )
    assert len(published) == 1
    assert "Video: h264" in plays(published[0].media_attachments[0].url, tmp_path)
    assert ann.scheduled_statuses() == []


def transcoding(product: Product) -> int:
    """The process of the media worker whose child is an ffmpeg at work on our clip; 0 if there is none."""
    for pid in every_process():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if FFMPEG in command and "tee" in command and str(product.up.data_dir) in working_directory(pid):
                return int(re.search(r"^PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)[1])
        except OSError:
            continue  # it has ended meanwhile
    return 0


def every_process() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def working_directory(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return ""


@pytest.mark.long
def test_a_large_upload_flows_to_the_disk_and_not_into_memory(product: Product, ben: Mastodon) -> None:
    """300 MB, as large as a video may be: the web processes grow by less than 64 MB."""
    size, piece = 299 << 20, bytes(1 << 20)
    before = peak(product)
    head = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
        b"\0\0\0\x20ftypisom"
    )
    tail = b"\r\n--x--\r\n"
    connection = http.client.HTTPConnection("127.0.0.1", product.up.port, timeout=300)
    connection.putrequest("POST", "/api/v2/media")
    connection.putheader("Authorization", f"Bearer {ben.access_token}")
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", str(len(head) + size + len(tail)))
    connection.endheaders(head)
    for _ in range(size // len(piece)):
        connection.send(piece)
    connection.send(tail)
    answer = connection.getresponse()

    assert answer.status == 202, answer.read()
    grown = peak(product) - before
    print(f"The web processes grew by {grown / 2**20:.1f} MB.")  # for whoever runs it with -s
    assert grown < 64 << 20
    connection.close()


def peak(product: Product) -> int:
    """The most memory that the web processes together ever had, in bytes (VmHWM)."""
    total = 0
    for pid in every_process():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            environ = Path(f"/proc/{pid}/environ").read_bytes()
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        if b"upscrolled.wsgi" in command and str(product.up.data_dir).encode() in environ:
            total += int(re.search(r"^VmHWM:\s+(\d+)", status, re.M)[1]) * 1024
    assert total
    return total
