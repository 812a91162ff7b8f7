"""How a picture is found again when it was made smaller or pressed harder: PDQ, of 256 bits. Pure.

PDQ's distance is the number of bits that differ; 31 or less is the same picture, by its authors' advice. A quality
below 50 says that the picture is too plain for its hash to mean much.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pdqhash

SIDE = 512  # of a picture that is hashed, at most; PDQ itself reduces to 64


def fit(width: int, height: int) -> tuple[int, int]:
    """Return the size at which a picture is hashed: within the square, never larger than it is."""
    scale = min(1.0, SIDE / width, SIDE / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def pdq(pixels: npt.NDArray[Any]) -> tuple[str, int]:
    """Return the hash as 64 hex digits and its quality 0..100, of rows of red, green, blue."""
    bits, quality = pdqhash.compute(pixels)
    return np.packbits(bits).tobytes().hex(), int(quality)
