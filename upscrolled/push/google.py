"""A push as Google's service takes it (FCM, version 1 of its API): the request, and what its answers mean."""

from __future__ import annotations

import time
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

from upscrolled.outbound.fetch import Failed
from upscrolled.outbound.vendor import Reply, Vendor
from upscrolled.push import jwt
from upscrolled.push.ledger import LIFETIME, Owed
from upscrolled.push.notes import AGAIN, GIVEN_UP, GONE, TAKEN, Note, Outcome

SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
_TOKEN_SECONDS: Final = 50 * 60  # of the hour for which Google gives one
_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Credentials(msgspec.Struct, frozen=True):
    """The file of a service account, as Google hands it out; what else stands in it is not needed."""

    project_id: str
    client_email: str
    private_key: str
    token_uri: str = "https://oauth2.googleapis.com/token"


def send(vendor: Vendor, owed: Owed, note: Note, *, now: datetime) -> Outcome:
    """Hand one push over. Raises Failed when the service, or the one that lets us in, does not answer."""
    wakes = bool(note.title)
    # Data alone: the application shows it, and fetches the rest with its own token.
    data = {"type": note.kind, "notification_id": str(owed.notification_id), "title": note.title}
    if owed.conversation_id is not None:
        data["conversation_id"] = str(owed.conversation_id)
    message: dict[str, Any] = {
        "token": owed.endpoint,
        "data": data,
        "android": {
            "priority": "HIGH" if wakes else "NORMAL",
            "ttl": f"{int(LIFETIME.total_seconds())}s",
            "collapse_key": owed.about,
        },
    }
    token = _token(int(time.monotonic() // _TOKEN_SECONDS), settings.FCM_CREDENTIALS)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    path = f"/v1/projects/{_credentials(settings.FCM_CREDENTIALS).project_id}/messages:send"
    return _outcome(vendor.post(path, msgspec.json.encode({"message": message}), headers))


def forget() -> None:
    """Hold no credentials, as a new process does (tests)."""
    _token.cache_clear()
    _credentials.cache_clear()


def _outcome(reply: Reply) -> Outcome:
    if reply.status == 200:
        return TAKEN
    if reply.status == 404:
        return GONE
    if reply.status in (401, 403, 429) or reply.status >= 500:
        if reply.status in (401, 403):
            _token.cache_clear()
        return AGAIN.later(reply.retry_after, f"{reply.status}")
    return GIVEN_UP.because(f"{reply.status} {reply.body[:200].decode('utf-8', 'replace')}")


@lru_cache(maxsize=1)
def _credentials(path: str) -> Credentials:
    return msgspec.json.decode(Path(path).read_bytes(), type=Credentials)


@lru_cache(maxsize=1)
def _token(_turn: int, path: str) -> str:
    """Exchange our signature for a token of an hour."""
    mine = _credentials(path)
    key = load_pem_private_key(mine.private_key.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    now = int(time.time())
    claims = {"iss": mine.client_email, "scope": SCOPE, "aud": mine.token_uri, "iat": now, "exp": now + 3_600}
    form = urlencode({"grant_type": _GRANT, "assertion": jwt.sign(claims, key)}).encode()
    where = urlsplit(mine.token_uri)
    with Vendor(f"{where.scheme}://{where.netloc}", agent="UpScrolled", seconds=10.0) as vendor:
        reply = vendor.post(where.path, form, {"content-type": "application/x-www-form-urlencoded"})
    try:
        return str(msgspec.json.decode(reply.body)["access_token"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        raise Failed(f"{where.netloc} gives no token: {reply.status}", again=True) from None
