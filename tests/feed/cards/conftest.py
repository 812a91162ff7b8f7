"""A news site on loopback, and the worker that may reach it for the length of a test."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image

from feed import tasks
from tests.websites import Website, website

TIDE = """<!doctype html><html lang="en"><head><title>Tide | News</title>
<meta property="og:title" content="High tide"><meta property="og:description" content="The river rises.">
<meta property="og:site_name" content="The News"><meta property="og:image" content="/tide.png">
<meta property="og:image:alt" content="A river"><meta name="author" content="Mona">
<meta property="article:published_time" content="2026-01-15T10:00:00Z">
<meta property="og:video" content="https://news.example/player"></head><body>…</body></html>"""


def picture(width: int = 40, height: int = 20, colour: tuple[int, int, int] = (30, 90, 160)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def site() -> Iterator[Website]:
    """news.example, and every other name."""
    with website() as server:
        server.says("/tide", TIDE)
        server.says("/tide.png", picture(), kind="image/png")
        yield server


@pytest.fixture
def work(site: Website) -> Callable[[], int]:
    """Let the worker's task do what is owed; returns for how many pages it went."""
    return lambda: tasks.fetch_owed_cards(reach=site.reach)


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
