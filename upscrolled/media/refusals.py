"""Why a file is not taken, why work on it ended early. Each sentence names the limit and the actual value.

Problem
├── Refused    the file is what is wrong: trying again gives the same
├── Cancelled  somebody asked for the end
└── Broken     the machine is what is wrong: no ffmpeg, no space, a killed child; worth another try
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """What is wrong with a file, in a word that programs may rely on."""

    NOT_A_FILE = "not_a_file"
    EMPTY = "empty"
    BYTES = "too_many_bytes"
    NOT_MEDIA = "not_media"
    PLAYLIST = "playlist"
    TWO_KINDS = "two_kinds"
    UNREADABLE = "unreadable"
    TRUNCATED = "truncated"
    ENCRYPTED = "encrypted"
    NO_VIDEO = "no_video"
    NO_AUDIO = "no_audio"
    STILL = "still"
    DURATION = "too_long"
    PIXELS = "too_many_pixels"
    SIDE = "too_small"
    LONG = "too_long_a_side"
    FRAME_RATE = "frame_rate"
    FRAMES = "too_many_frames"
    STREAMS = "too_many_streams"
    COST = "too_costly"
    CAPTIONS = "captions"


class Problem(Exception):
    """Base of what these modules raise."""


class Refused(Problem):
    """The file is not taken; `sentence` is safe to show."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        self.reason, self.sentence = reason, sentence
        super().__init__(sentence)


class Cancelled(Problem):
    """The caller's `cancelled` said yes; nothing was left behind."""


class Broken(Problem):
    """Not the file's fault; the text is for logs, not for people."""
