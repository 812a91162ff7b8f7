"""At which address a stored file is reached: by everybody for ever, or by whoever holds a signed one for a while.

The signature stands in the path before the name, so that what a playlist names beside itself is signed with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from django.conf import settings
from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

_TOKEN = re.compile(r"(\d{1,19})-(\d{1,12})-([A-Za-z0-9_-]{43})\Z")


class Holder(StrEnum):
    """For whom an address was signed."""

    READER = "reader"  # what the policy gives them
    OWNER = "owner"  # also what a decision withholds from everybody else
    STAFF = "evidence"  # also what its owner deleted, while it is kept


@dataclass(frozen=True, slots=True)
class Pass:
    """What a signed address lets in to: the files of one attachment, until a moment (Unix seconds), for whom."""

    attachment_id: int
    expires: int
    holder: Holder


def public(name: str) -> str:
    """Return the address of a file that everybody may have; it holds for ever."""
    return f"{settings.MEDIA_PUBLIC_URL}/{name}"


def private(attachment_id: int, name: str, *, now: datetime, holder: Holder = Holder.READER) -> str:
    """Return a signed address of a file of this attachment, for its holder.

    It holds for SIGNED_MEDIA_SECONDS at least and for half as long again at most: for a while it is the same, so
    that a browser which has the file need not fetch it twice.
    """
    step = max(1, settings.SIGNED_MEDIA_SECONDS // 2)
    expires = (int(now.timestamp()) // step + 3) * step
    return f"{settings.PUBLIC_URL}/media/private/{_token(attachment_id, expires, holder)}/{name}"


def read(token: str, *, now: datetime) -> Pass | None:
    """Return what a token lets in to; None if it is none of ours, or over."""
    found = _TOKEN.match(token)
    if found is None:
        return None
    number, expires = int(found[1]), int(found[2])
    for holder in Holder:
        if constant_time_compare(found[3], _signature(number, expires, holder)):
            return Pass(number, expires, holder) if expires > now.timestamp() else None
    return None


@lru_cache(maxsize=4_096)
def _token(attachment_id: int, expires: int, holder: Holder) -> str:
    return f"{attachment_id}-{expires}-{_signature(attachment_id, expires, holder)}"


def _signature(attachment_id: int, expires: int, holder: Holder) -> str:
    salt = "upscrolled.media" if holder is Holder.READER else f"upscrolled.media.{holder}"
    return Signer(salt=salt).signature(f"{attachment_id}-{expires}")
