"""A push as Apple's service takes it (APNs over HTTP/2): the request, and what its answers mean."""

from __future__ import annotations

import time
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

from upscrolled.outbound.vendor import Reply, Vendor
from upscrolled.push import jwt
from upscrolled.push.ledger import LIFETIME, Owed
from upscrolled.push.notes import AGAIN, GIVEN_UP, GONE, TAKEN, Note, Outcome

# Apple wants a token to be used for at least 20 minutes, and for no more than 60.
_TOKEN_SECONDS: Final = 40 * 60
_GONE: Final = frozenset({"BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered", "ExpiredToken"})


def send(vendor: Vendor, owed: Owed, note: Note, *, now: datetime) -> Outcome:
    """Hand one push over. Raises Failed when the service does not answer."""
    about: dict[str, Any] = {"type": note.kind, "notification_id": owed.notification_id}
    if owed.conversation_id is not None:
        about["conversation_id"] = str(owed.conversation_id)
    said: dict[str, Any] = {"upscrolled": about}
    wakes = bool(note.title)
    # The application's extension fetches the rest with its own token: no text of a post passes through here.
    said["aps"] = (
        {"alert": {"body": note.title}, "mutable-content": 1, "sound": "default"}
        if wakes
        else {"content-available": 1}
    )
    headers = {
        "authorization": f"bearer {_token(int(time.monotonic() // _TOKEN_SECONDS))}",
        "apns-topic": settings.APNS_TOPIC,
        "apns-push-type": "alert" if wakes else "background",
        "apns-priority": "10" if wakes else "5",
        "apns-expiration": str(int((now + LIFETIME).timestamp())),
        "apns-collapse-id": owed.about,
        "content-type": "application/json",
    }
    return _outcome(vendor.post(f"/3/device/{owed.endpoint}", msgspec.json.encode(said), headers))


def forget() -> None:
    """Hold no token, as a new process does (tests)."""
    _token.cache_clear()


def _outcome(reply: Reply) -> Outcome:
    if reply.status == 200:
        return TAKEN
    reason = _reason(reply.body)
    if reply.status == 410 or reason in _GONE:
        return GONE
    if reply.status in (403, 429) or reply.status >= 500:  # 403: our token; the next one may be taken
        _token.cache_clear()
        return AGAIN.later(reply.retry_after, reason)
    return GIVEN_UP.because(f"{reply.status} {reason}")


def _reason(body: bytes) -> str:
    try:
        return str(msgspec.json.decode(body)["reason"])[:60]
    except (msgspec.MsgspecError, KeyError, TypeError):
        return ""


@lru_cache(maxsize=1)
def _token(_turn: int) -> str:
    key = load_pem_private_key(Path(settings.APNS_KEY).read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return jwt.sign({"iss": settings.APNS_TEAM_ID, "iat": int(time.time())}, key, kid=settings.APNS_KEY_ID)
