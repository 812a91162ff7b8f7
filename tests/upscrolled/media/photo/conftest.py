"""Fixtures: pictures, and what was made of them; each once a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.upscrolled.media.photo.pictures import Pictures
from upscrolled.media.photo import probe, renditions
from upscrolled.media.photo.limits import Limits
from upscrolled.media.photo.shapes import Made


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    return Pictures(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="session")
def made_of(pictures: Pictures, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Path, Made]]:
    """made_of("phone.jpg"): the directory and what is in it."""
    folder = tmp_path_factory.mktemp("made")

    def made(name: str, limits: Limits | None = None) -> tuple[Path, Made]:
        limits = limits or Limits()
        into = folder / f"{name}-{hash(limits)}"
        return into, renditions.make(
            pictures[name], into, probe.look(pictures[name], limits=limits), limits=limits
        )

    return made
