"""Pictures of profiles: what is taken, how it is made anew in a process of its own, where it is stored."""

from upscrolled.pictures.kinds import BYTES_MAX, KINDS, PIXELS_MAX, TYPES, Kind, Refused, sniff
from upscrolled.pictures.process import AT_ONCE, make

__all__ = ["AT_ONCE", "BYTES_MAX", "KINDS", "PIXELS_MAX", "TYPES", "Kind", "Refused", "make", "sniff"]
