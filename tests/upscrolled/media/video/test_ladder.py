"""Which qualities a video gets: arithmetic, no file."""

from __future__ import annotations

from fractions import Fraction

import pytest

from upscrolled.media.video import ladder
from upscrolled.media.video.facts import Picture
from upscrolled.media.video.limits import Limits


def _picture(width: int = 1280, height: int = 720, rate: str = "30", *, varies: bool = False) -> Picture:
    return Picture(
        codec="h264",
        profile="High",
        pixel_format="yuv420p",
        width=width,
        height=height,
        turned=0,
        frames=60,
        rate=rate,
        varies=varies,
        matrix="",
        hdr="",
        interlaced=False,
        key_seconds=1.0,
        closed=True,
        bits=1_000_000,
    )


@pytest.mark.parametrize(
    ("size", "made"),
    [
        ((1080, 1920), [(720, 1280), (480, 852), (360, 640)]),
        ((3840, 2160), [(1280, 720), (852, 480), (640, 360)]),
        ((1280, 720), [(1280, 720), (852, 480), (640, 360)]),
        ((540, 960), [(540, 960), (360, 640)]),
        ((480, 854), [(480, 854), (360, 640)]),
        ((400, 400), [(400, 400)]),
        ((321, 181), [(320, 180)]),
        ((16, 16), [(16, 16)]),
        ((1280, 100), [(1280, 100), (960, 74)]),
        ((2000, 200), [(1920, 192), (1280, 128), (960, 96)]),
        ((7680, 1080), [(1920, 270), (1280, 180), (960, 134)]),
    ],
)
def test_the_ladder_follows_the_shorter_side_and_never_enlarges(size, made):
    assert [(step.width, step.height) for step in ladder.steps(_picture(*size), Fraction(30))] == made


@pytest.mark.parametrize(
    ("rate", "varies", "made"),
    [
        ("30", False, "30"),
        ("24000/1001", False, "24000/1001"),
        ("60", False, "30"),
        ("60000/1001", False, "30000/1001"),
        ("50", False, "25"),
        ("120", False, "30"),
        ("90", False, "30"),
        ("1000", False, "30"),
        ("45", True, "30"),
        ("1/5", False, "10"),
    ],
)
def test_frame_rates_are_thinned_evenly(rate, varies, made):
    assert ladder.even_rate(_picture(rate=rate, varies=varies), Limits()) == Fraction(made)


def test_smaller_qualities_take_fewer_bits():
    bits = [step.bits for step in ladder.steps(_picture(1080, 1920), Fraction(30))]

    assert bits == sorted(bits, reverse=True)
    assert bits[0] == 2_800_000
    assert bits[-1] < 900_000
