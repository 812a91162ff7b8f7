"""Photos and clips of the tests, and the ways in which people send them and workers take them."""

from __future__ import annotations

import io
import random
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image, ImageFilter

from tests.people import token_of
from tests.upscrolled.media.video.clips import FFMPEG
from upscrolled.media import placing, work
from upscrolled.media.jobs import Stage
from upscrolled.models import MediaAttachment

V1, V2 = "/api/v1/media", "/api/v2/media"


@cache
def photo(seed: int = 1, size: tuple[int, int] = (640, 400), form: str = "JPEG") -> bytes:
    """A picture with something to see in it; another one for each seed."""
    noise = random.Random(seed).randbytes(48 * 30 * 3)
    blurred = Image.frombytes("RGB", (48, 30), noise).resize(size).filter(ImageFilter.GaussianBlur(3))
    out = io.BytesIO()
    blurred.save(out, form)
    return out.getvalue()


def upload(
    account: Any, data: bytes | SimpleUploadedFile, *, path: str = V2, status: int | None = 202, **fields: Any
) -> Any:
    """Send a file as applications do, perhaps under a name; what was answered, which had this status."""
    file = SimpleUploadedFile("IMG_1.bin", data) if isinstance(data, bytes) else data
    files = {"file": file, **fields}
    body = encode_multipart(BOUNDARY, files)
    headers = {"Authorization": f"Bearer {token_of(account)}"}
    answer = Client().generic("POST", path, body, content_type=MULTIPART_CONTENT, headers=headers)
    assert status is None or answer.status_code == status, answer.content
    return answer.json()


def ready(account: Any, data: bytes | None = None, **fields: Any) -> str:
    """Upload a file and have it processed; its id."""
    made = upload(account, photo() if data is None else data, **fields)
    finish()
    row = MediaAttachment.objects.get(pk=made["id"])
    assert row.state == "ready", row.sentence
    return str(made["id"])


def finish(*stages: Stage) -> int:
    """Do what workers have to do; how many attachments they took."""
    count = 0
    for stage in stages or (Stage.LOOK, Stage.MAKE):
        while work.do_next(stage, clock=now):
            count += 1
    return count


def settle() -> None:
    """Do what is done after the commit, which a test's transaction never reaches."""
    placing.settle_owed(now=now())


def now() -> datetime:
    return datetime.now(UTC)


def fetch(address: str, method: str = "get", **headers: str) -> Any:
    """What a browser gets at an address of ours."""
    path = "/" + address.partition("://")[2].partition("/")[2]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = getattr(Client(), method)(path, headers=named)
    answer.received = answer.getvalue() if answer.streaming else answer.content
    return answer


def content(answer: Any) -> bytes:
    """All bytes of an answer, whether they were streamed or not."""
    received: bytes = answer.received
    return received


def opened(address: str) -> Image.Image:
    """The picture at an address."""
    answer = fetch(address)
    assert answer.status_code == 200, address
    return Image.open(io.BytesIO(content(answer)))


def plays(address: str) -> str:
    """Have ffmpeg read all of what is served at an address; what it says of it."""
    data = content(fetch(address))
    ended = subprocess.run(
        [FFMPEG, "-hide_banner", "-v", "info", "-i", "pipe:0", "-f", "null", "-"],
        input=data,
        capture_output=True,
    )
    assert ended.returncode == 0, ended.stderr[-1_000:]
    return ended.stderr.decode(errors="replace")


def walk(playlist: str) -> set[str]:
    """All addresses that a player reaches from a playlist; each answers."""
    answer = fetch(playlist)
    assert answer.status_code == 200, playlist
    found = {playlist}
    if playlist.endswith(".m3u8"):
        for name in _names(content(answer).decode()):
            found |= walk(urljoin(playlist, name))
    return found


def _names(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.startswith("#"):
            _, mark, rest = line.partition('URI="')
            if mark:
                yield rest.partition('"')[0]
        elif line:
            yield line


def files_below(root: Path) -> set[str]:
    """Names of all files below a directory."""
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
