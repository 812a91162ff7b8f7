"""Addresses of pictures that not everybody may have, for moderators: signed for one picture and a while."""

from __future__ import annotations

import re
from datetime import datetime

from django.conf import settings
from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

_TOKEN = re.compile(r"(\d{1,12})-([A-Za-z0-9_-]{43})\Z")


def signed(name: str, *, now: datetime) -> str:
    """Return the path of a stored picture that holds for SIGNED_MEDIA_SECONDS, whatever befell its account."""
    expires = int(now.timestamp()) + settings.SIGNED_MEDIA_SECONDS
    return f"{settings.MEDIA_URL}pictures/{expires}-{_signature(name, expires)}/{name}"


def holds(token: str, name: str, *, now: datetime) -> bool:
    """Say whether a token is ours, for this picture and still good."""
    found = _TOKEN.match(token)
    if found is None:
        return False
    expires = int(found[1])
    return constant_time_compare(found[2], _signature(name, expires)) and expires > now.timestamp()


def _signature(name: str, expires: int) -> str:
    return Signer(salt="upscrolled.pictures").signature(f"{expires}-{name}")
