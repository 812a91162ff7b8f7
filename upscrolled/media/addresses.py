"""At which address a stored file is reached: by everybody for ever, or by whoever holds a signed one for a while.

The signature stands in the path before the name, so that what a playlist names beside itself is signed with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

_TOKEN = re.compile(r"(\d{1,19})-(\d{1,12})-([A-Za-z0-9_-]{43})\Z")


@dataclass(frozen=True, slots=True)
class Pass:
    """What a signed address lets in to: the files of one attachment, until a moment (Unix seconds).

    As `evidence` also those that their owner deleted, while they are kept.
    """

    attachment_id: int
    expires: int
    evidence: bool = False


def public(name: str) -> str:
    """Return the address of a file that everybody may have; it holds for ever."""
    return f"{settings.MEDIA_PUBLIC_URL}/{name}"


def private(attachment_id: int, name: str, *, now: datetime, evidence: bool = False) -> str:
    """Return a signed address of a file of this attachment; as `evidence`, for moderators alone.

    It holds for SIGNED_MEDIA_SECONDS at least and for half as long again at most: for a while it is the same, so
    that a browser which has the file need not fetch it twice.
    """
    step = max(1, settings.SIGNED_MEDIA_SECONDS // 2)
    expires = (int(now.timestamp()) // step + 3) * step
    return f"{settings.PUBLIC_URL}/media/private/{_token(attachment_id, expires, evidence)}/{name}"


def read(token: str, *, now: datetime) -> Pass | None:
    """Return what a token lets in to; None if it is none of ours, or over."""
    found = _TOKEN.match(token)
    if found is None:
        return None
    number, expires = int(found[1]), int(found[2])
    for evidence in (False, True):
        if constant_time_compare(found[3], _signature(number, expires, evidence)):
            return Pass(number, expires, evidence) if expires > now.timestamp() else None
    return None


@lru_cache(maxsize=4_096)
def _token(attachment_id: int, expires: int, evidence: bool) -> str:
    return f"{attachment_id}-{expires}-{_signature(attachment_id, expires, evidence)}"


def _signature(attachment_id: int, expires: int, evidence: bool) -> str:
    return Signer(salt="upscrolled.media.evidence" if evidence else "upscrolled.media").signature(
        f"{attachment_id}-{expires}"
    )
