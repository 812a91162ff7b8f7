"""Saying who sends a push (RFC 8292): a token for one push service, signed with the key that the phone was given."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key
from django.conf import settings

from upscrolled import keys
from upscrolled.models import SigningKey
from upscrolled.push import jwt
from upscrolled.push.encryption import text

PURPOSE: Final = "push"
GOOD_FOR: Final = timedelta(hours=12)  # a day at the most (RFC 8292 §2)
_REMEMBERED: Final = 60.0  # seconds for which a process goes by the key it read


def public_key() -> str:
    """Return the key that applications subscribe with; empty before the first worker has made it."""
    return _public(int(time.monotonic() // _REMEMBERED)) or _public.__wrapped__(0)


@lru_cache(maxsize=1)
def _public(_minute: int) -> str:
    held = (
        SigningKey.objects.filter(purpose=PURPOSE, retired_at=None).values_list("public", flat=True).first()
    )
    return "" if held is None else text(bytes(held))


def forget() -> None:
    """Remember no key (tests)."""
    _public.cache_clear()


def headers(endpoint: str, key: SigningKey, *, standard: bool, now: datetime) -> Mapping[str, str]:
    """Return the headers that say to this endpoint who we are. Raises keys.KeyLost."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + GOOD_FOR).timestamp()),
        "sub": f"mailto:{settings.CONTACT_EMAIL}",
    }
    curve = load_der_private_key(keys.private_of(key), None)
    assert isinstance(curve, ec.EllipticCurvePrivateKey)
    token = jwt.sign(claims, curve)
    public = text(bytes(key.public))
    if standard:
        return {"Authorization": f"vapid t={token}, k={public}"}
    return {"Authorization": f"WebPush {token}", "Crypto-Key": f"p256ecdsa={public}"}
