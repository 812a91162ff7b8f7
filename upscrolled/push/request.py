"""One push as a push service wants it (RFC 8030): sealed, signed, with how long it is kept and what it replaces."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from typing import Final

from upscrolled.models import SigningKey
from upscrolled.push import encryption, vapid
from upscrolled.push.encryption import Sealed
from upscrolled.push.ledger import LIFETIME, Owed

_READ_TOPIC: Final = "read"


def of(owed: Owed, payload: bytes, *, urgency: str, now: datetime) -> Sealed:
    """Return body and headers. Raises keys.KeyLost, ValueError for a payload that is too long.

    A phone that is off gets one push for each topic when it comes back: a notification that is sent twice is told
    once, and of all news on what was read only the last, for each conversation that it is about.
    """
    sealed = encryption.seal(payload, p256dh=owed.p256dh, auth=owed.auth, standard=owed.standard)
    signed = vapid.headers(owed.endpoint, _key(owed.key_id), standard=owed.standard, now=now)
    headers = {**sealed.headers, **signed}
    both = [each["Crypto-Key"] for each in (sealed.headers, signed) if "Crypto-Key" in each]
    if both:  # the draft tells two keys in one header
        headers["Crypto-Key"] = ";".join(both)
    headers |= {
        "Content-Type": "application/octet-stream",
        "TTL": str(int(LIFETIME.total_seconds())),
        "Urgency": urgency,
        "Topic": _READ_TOPIC if owed.withdraws and owed.conversation_id is None else _topic(owed),
    }
    return Sealed(sealed.body, headers)


def _topic(owed: Owed) -> str:
    """Return 32 characters of base64url that say nothing to the push service."""
    about = f"conversation {owed.conversation_id}" if owed.withdraws else owed.notification_id
    secret = f"{owed.subscription_id}:{about}".encode() + owed.auth
    return encryption.text(hashlib.sha256(secret).digest()[:24])


@lru_cache(maxsize=16)
def _key(key_id: str) -> SigningKey:
    return SigningKey.objects.get(pk=key_id)
