"""What may be sent as a photo, how large it is shown, and what making it may cost. Every number stands here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken (named in refusals), what is made of it, and what one child process may use."""

    # Taken. Phones of today take 48 and 50 million pixels, so Mastodon's 33 would refuse them.
    bytes_max: int = 32 * 1024 * 1024
    pixels_max: int = 50_331_648  # 8192 x 6144
    side_max: int = 30_000

    # Made. Within a square of `side_out`. A long strip may be longer, until it is `side_short` wide or has `pixels_out`
    # (4096 x 3072): a page of text has to stay legible. WebP ends at `side_out_max`.
    side_out: int = 4096
    side_short: int = 1080
    pixels_out: int = 12_582_912
    side_out_max: int = 16_383
    pixels_small: int = 640 * 480

    # Used by one child.
    memory: int = 1024 * 1024 * 1024  # of address space, its libraries included
    cpu_seconds: int = 30
    seconds: float = 120.0  # of the clock
    threads: int = 2
    nice: int = 10

    def large(self, width: int, height: int) -> tuple[int, int]:
        """Return the size at which a picture is kept; never larger than it is."""
        long, short = max(width, height), min(width, height)
        legible = min(self.side_short / short, (self.pixels_out / (width * height)) ** 0.5)
        scale = max(self.side_out / long, legible)
        return _scaled(width, height, min(1.0, scale, self.side_out_max / long))

    def small(self, width: int, height: int) -> tuple[int, int]:
        """Return the size of the preview."""
        return _scaled(width, height, min(1.0, (self.pixels_small / (width * height)) ** 0.5))


def _scaled(width: int, height: int, scale: float) -> tuple[int, int]:
    return max(1, round(width * scale)), max(1, round(height * scale))
