"""What may be sent, and what making it servable may cost. Every number stands here, with its unit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken (named in refusals), what is made of it, and what one child process may use."""

    # Taken.
    bytes_max: int = 300 * 1024 * 1024
    seconds_max: float = 180.0
    pixels_max: int = 8_294_400  # of one frame: 3840 x 2160
    side_min: int = 16
    frame_rate_max: int = 120
    streams_max: int = 32
    packets_max: int = (
        250_000  # of picture and sound together; three minutes at 120 frames are 22,000 of them
    )
    animation_frames_max: int = 3_000
    animation_pixels_max: int = 2_000_000_000  # of all frames of an animation: 2,170 at 1280 x 720

    # Made.
    frame_rate_out: int = 30
    segment_seconds: int = 2  # also the distance of key frames: a player may begin or change quality at each

    # Taken as it stands for a while, until the ladder is ready.
    copy_side_max: int = 1080  # the shorter one
    copy_bits_max: int = 20_000_000  # a second
    copy_frame_rate_max: int = 60
    copy_key_seconds_max: float = 5.0

    # Used by one child.
    threads: int = 2
    memory: int = 3 * 1024 * 1024 * 1024  # of address space: what is really used is far less
    seconds_base: float = 60.0  # of wall time for any run
    seconds_each: float = 15.0  # and this for each second of video
    nice: int = 10

    def patience(self, duration: float) -> float:
        """Return the seconds of wall time that work on so many seconds of video may take."""
        return self.seconds_base + self.seconds_each * min(duration, self.seconds_max)
