"""Fixtures of the ground's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture
def mails_go_out() -> Iterator[None]:
    """What is handed off is done at once, in this process."""
    from upscrolled.celery import app

    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False
