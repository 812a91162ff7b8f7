"""How large a picture is kept."""

from __future__ import annotations

import pytest

from upscrolled.media.photo.limits import Limits


@pytest.mark.parametrize(
    ("size", "large", "small"),
    [
        ((4000, 3000), (4000, 3000), (640, 480)),
        ((3024, 4032), (3024, 4032), (480, 640)),
        ((8064, 6048), (4096, 3072), (640, 480)),
        ((6000, 4000), (4096, 2731), (679, 453)),
        ((6000, 6000), (4096, 4096), (554, 554)),
        ((8000, 2000), (4320, 1080), (1109, 277)),
        ((1080, 20_000), (824, 15_265), (129, 2386)),
        ((100, 30_000), (55, 16_383), (32, 9566)),
        ((640, 480), (640, 480), (640, 480)),
        ((1, 1), (1, 1), (1, 1)),
        ((1, 30_000), (1, 16_383), (1, 16_383)),
    ],
)
def test_pictures_are_kept_as_large_as_screens_are_and_never_made_larger(size, large, small):
    limits = Limits()

    assert limits.large(*size) == large
    assert limits.small(*large) == small
