"""Fixtures: clips, what they are, and what was made of them; each once a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.upscrolled.media.video.clips import FFMPEG, Clips
from upscrolled.media.video import probe, renditions
from upscrolled.media.video.facts import Facts
from upscrolled.media.video.limits import Limits
from upscrolled.media.video.shapes import Made

LIMITS = Limits()


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    return Clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="session")
def look(clips: Clips) -> Callable[..., Facts]:
    """look("phone.mp4") or look(path): what the file is."""

    def looked(which: str | Path, **more: object) -> Facts:
        path = clips[which] if isinstance(which, str) else which
        return probe.look(path, **{"limits": LIMITS, "ffmpeg": FFMPEG, **more})

    return looked


@pytest.fixture(scope="session")
def ladder_of(
    clips: Clips, look: Callable[..., Facts], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[Path, Made]]:
    """ladder_of("phone.mp4"): the directory and what is in it."""
    folder = tmp_path_factory.mktemp("ladders")

    def made(name: str) -> tuple[Path, Made]:
        into = folder / name
        return into, renditions.make(clips[name], into, look(name), limits=LIMITS, ffmpeg=FFMPEG)

    return made
