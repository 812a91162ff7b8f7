"""The protocol's own client sends a video to the running platform, over broken connections and killed processes."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import struct
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from mastodon import Mastodon

from tests.journeys.conftest import Product
from tests.upscrolled.media.video.clips import Clips
from tests.waiting import until
from upscrolled.dev.guard import members

CLIENT = Path(__file__).with_name("tus")
UPLOADS = "/api/v1/upscrolled/uploads"

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(
        shutil.which("node") is None or not (CLIENT / "node_modules").is_dir(),
        reason="no JavaScript engine, or its packages are not installed (`make test` does it)",
    ),
]


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """A real video, with a lot behind it that no player looks at: 120 MB."""
    path = Clips(tmp_path_factory.mktemp("film"))["landscape.mp4"]
    more = random.Random(1).randbytes(120_000_000)
    with open(path, "ab") as file:
        file.write(struct.pack(">I4s", len(more) + 8, b"free") + more)
    return path


class Sending:
    """The client at work; `said` is all that it told so far."""

    def __init__(self, product: Product, api: Mastodon, film: Path, url: str = "", **environ: str) -> None:
        endpoint = product.address + UPLOADS
        self.process = subprocess.Popen(
            ["node", str(CLIENT / "send.mjs"), endpoint, str(api.access_token), str(film), url],
            stdout=subprocess.PIPE,
            env=os.environ | environ,
            text=True,
        )
        self.said: list[dict[str, Any]] = []

    def lines(self) -> Iterator[dict[str, Any]]:
        assert self.process.stdout is not None
        with self.process.stdout as told:
            for line in told:
                self.said.append(json.loads(line))
                yield self.said[-1]

    def end(self) -> dict[str, Any]:
        """Wait for it; the last thing that it said."""
        list(self.lines())
        self.process.wait(60)
        return self.said[-1]


def _web(product: Product) -> tuple[int, set[int]]:
    """Who starts web processes by now, and those that serve; it is another one after it has been started anew."""

    def found() -> tuple[int, set[int]] | None:
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            leader = int(entry.parent.name)
            try:
                words, is_leader = entry.read_bytes().split(b"\0"), os.getsid(leader) == leader
            except OSError:
                continue
            if is_leader and b"granian" in words and str(product.up.port).encode() in words:
                return leader, set(members(leader)) - {leader}
        return None

    web = until(found, lambda web: web is not None and web[1])
    assert web is not None
    return web


def _memory(product: Product) -> int:
    """The most bytes that a web process has had."""
    leader, serving = _web(product)
    said = [Path(f"/proc/{process}/status").read_text() for process in (leader, *serving)]
    return max(int(text.split("VmHWM:")[1].split()[0]) * 1024 for text in said)


def _sha256(product: Product, media: str) -> str:
    """Of what a worker found in the storage."""

    def read() -> str:
        with psycopg.connect(product.up.database_url) as connection:
            query = "SELECT sha256 FROM upscrolled_mediaattachment WHERE id = %s"
            row = connection.execute(query, (int(media),)).fetchone()
            return row[0] if row else ""

    return until(read, bool, seconds=60)


def test_a_video_is_aborted_at_any_byte_and_resumed_to_the_same_file(product, ann, film):
    size, chance, url, offsets = film.stat().st_size, random.Random(7), "", []
    before = _memory(product)
    for _ in range(4):
        at = str(chance.randrange(size))
        sending = Sending(
            product, ann, film, url, ABORT_AT=at, CHUNK=str(chance.randrange(200_000, 9_000_000))
        )
        last = sending.end()
        url = next((each["url"] for each in sending.said if "url" in each), url)
        if "done" in last:
            break
        assert last["aborted"] == url
        head = requests.head(
            url,
            headers={"Authorization": f"Bearer {ann.access_token}", "Tus-Resumable": "1.0.0"},
            timeout=10,
        )
        offsets.append(int(head.headers["Upload-Offset"]))
    assert offsets == sorted(offsets)
    assert offsets[-1] > 0

    done = last if "done" in last else Sending(product, ann, film, url).end()

    assert done["done"] == url
    assert _memory(product) - before < 64 * 1024 * 1024
    assert _sha256(product, done["media"]) == hashlib.sha256(film.read_bytes()).hexdigest()
    shown = until(lambda: ann.media(int(done["media"])), lambda media: bool(media.url), seconds=120, pause=1)
    assert shown.description == "Sent by tus-js-client"
    posted = ann.status_post("By the well", media_ids=[int(done["media"])])
    assert posted.media_attachments[0].type == "video"


def test_web_processes_that_are_killed_outright_lose_nothing(product, ann, film):
    """In chunks, or a quick machine would have taken all of it before the second kill."""
    sending, killed = Sending(product, ann, film, CHUNK=str(8 << 20)), []
    size = film.stat().st_size
    for said in sending.lines():
        if said.get("sent", 0) > size * (len(killed) + 1) // 4 and len(killed) < 3:
            _, serving = _web(product)
            for process in serving:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            killed.append(serving)
    sending.process.wait(60)

    assert len(set.union(*killed)) >= 3
    done = sending.said[-1]
    assert "media" in done, sending.said[-3:]
    assert _sha256(product, done["media"]) == hashlib.sha256(film.read_bytes()).hexdigest()
