"""What a file seems to be, by its first bytes: enough to know who is to look at it, and how large it may be."""

from __future__ import annotations

import tempfile

from upscrolled.media import makers
from upscrolled.media.photo import kinds as photos
from upscrolled.media.refusals import Reason, Refused
from upscrolled.media.video import kinds as videos
from upscrolled.models import MediaAttachment

Kind = MediaAttachment.Kind
HEAD = 64 * 1024
TAKEN = f"{photos.TAKEN}, {videos.TAKEN}"


def kind_of(descriptor: int) -> str:
    """Return image, video or audio. Raises Refused for what is none of them."""
    try:
        photos.sniff(descriptor)
    except Refused as refusal:
        if refusal.reason is not Reason.NOT_MEDIA:
            raise
    else:
        return Kind.IMAGE
    try:
        container = videos.sniff(descriptor)
    except Refused as refusal:
        if refusal.reason is Reason.NOT_MEDIA:
            raise Refused(refusal.reason, _also_photos(refusal.sentence)) from None
        raise
    return Kind.AUDIO if container.only_sound or container is videos.M4A else Kind.VIDEO


def kind_of_head(head: bytes) -> str:
    """Return the same of the first bytes of a file that is not all there yet. Raises Refused."""
    with tempfile.TemporaryFile() as file:
        file.write(head)
        file.flush()
        return kind_of(file.fileno())


def size_max(kind: str) -> int:
    """Return how many bytes a file of this kind may have; of an unknown one ("") as many as the largest."""
    limits = {Kind.IMAGE.value: makers.photo_limits().bytes_max}
    return limits.get(kind, makers.video_limits().bytes_max)


def _also_photos(sentence: str) -> str:
    return sentence.replace(videos.TAKEN, TAKEN)
