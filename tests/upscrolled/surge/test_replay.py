"""A replay that cannot be says so before it begins, in one sentence; one that is ended by hand ends well."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from upscrolled.surge import replay
from upscrolled.surge.replay import Asked, NotReady
from upscrolled.surge.wave import Wave


def asked(directory: Path, **changes: Any) -> Asked:
    """Nobody answers at this address."""
    facts = {"url": "http://127.0.0.1:1", "seconds": 60.0, "peak": 20.0, "seed": 1, "say": lambda _: None}
    return Asked(**{**facts, "mails": directory / "worker.log", "out": directory / "out", **changes})


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8000",
        "foo",
        "https://social.example",
        "http://",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:port",
        "http://127.0.0.1:0",
        "http://127.0.0.1:8000/api",
    ],
)
def test_an_address_that_is_none_of_the_product_is_refused(url: str) -> None:
    with pytest.raises(CommandError, match="--url is http://HOST or http://HOST:PORT, not"):
        call_command("surge", url=url)


def test_where_nobody_answers_one_is_told_to_start_the_product(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=r"127.0.0.1:1 does not answer .*make up"):
        asyncio.run(replay.replay(asked(tmp_path)))


def test_a_place_where_no_plot_can_be_written_is_named_before_anybody_comes(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(NotReady, match=r"cannot be written to .*/file/out .*--out"):
        asyncio.run(replay.replay(asked(tmp_path, out=tmp_path / "file" / "out")))


def test_ctrl_c_ends_the_wave_and_the_next_one_everything(tmp_path: Path) -> None:
    said: list[str] = []
    before = signal.getsignal(signal.SIGINT)
    world = replay._world(asked(tmp_path))

    async def ride() -> None:
        over = replay._ended_by_hand(said.append)
        asyncio.get_running_loop().call_later(0.5, os.kill, os.getpid(), signal.SIGINT)
        async with asyncio.timeout(60):  # the wave would take ten minutes
            await replay._ride(world, Wave(600, 20), said.append, over=over)

    try:
        asyncio.run(ride())
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert "Nobody comes any more" in said[-1]
    assert 0 < sum(second.arrivals for second in world.meter.seconds) < 100
