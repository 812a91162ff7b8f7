"""Texts are sealed before they are stored: AES-256-GCM under a key of the site, one for each conversation.

The site's keys (`upscrolled/keys.py`, purpose `messages`) can be replaced: what is written afterwards is sealed with
the new one, and `operations/reseal.py` seals the rest anew. It protects a stolen disk, dump or backup from being read;
it does not protect from whoever runs the site: this is not end-to-end encryption, and the API says so.
"""

from __future__ import annotations

import logging
import secrets
import time
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import transaction

from upscrolled import keys
from upscrolled.models import SigningKey

log = logging.getLogger(__name__)

PURPOSE: Final = "messages"
_NONCE: Final = 12
_KNOWN: Final = 60.0  # seconds until a process asks anew which key is in use


class Sealed(NamedTuple):
    """A text that nobody reads without the key `key_id`."""

    body: bytes
    key_id: str


def seal(text: str, *, conversation_id: int, about: int, now: datetime) -> Sealed:
    """Seal a text of a conversation. `about` is the id of what it belongs to: moved elsewhere it does not open."""
    key_id = _in_use(now)
    nonce = secrets.token_bytes(_NONCE)
    body = _cipher(key_id, conversation_id).encrypt(nonce, text.encode(), str(about).encode())
    return Sealed(nonce + body, key_id)


def opened(body: bytes, key_id: str, *, conversation_id: int, about: int) -> str | None:
    """Open what `seal` made; None if the key is lost or the bytes were changed, which the log then says."""
    if not body:
        return ""
    try:
        cipher = _cipher(key_id, conversation_id)
        return cipher.decrypt(body[:_NONCE], body[_NONCE:], str(about).encode()).decode()
    except (keys.KeyLost, SigningKey.DoesNotExist, InvalidTag) as error:
        log.error("Text %s of conversation %s cannot be opened: %r", about, conversation_id, error)
        return None


def retired() -> list[str]:
    """Return the keys under which nothing should lie any more."""
    former = SigningKey.objects.filter(purpose=PURPOSE, retired_at__isnull=False)
    return list(former.order_by("created_at").values_list("id", flat=True))


def forget() -> None:
    """Hold no key, as a new process does."""
    _remember("", -_KNOWN)
    _cipher.cache_clear()


# Which key is in use, and when this process asked.
_present: tuple[str, float] = ("", -_KNOWN)


def _remember(key_id: str, at: float) -> None:
    global _present
    _present = key_id, at


def _in_use(now: datetime) -> str:
    key_id, asked = _present
    if key_id and time.monotonic() < asked + _KNOWN:
        return key_id
    key = keys.in_use(PURPOSE, now=now)
    at = time.monotonic()
    # Only once it is there for good: the first key is made here, and a transaction may still be rolled back.
    transaction.on_commit(lambda: _remember(key.id, at))
    return key.id


@lru_cache(maxsize=4_096)
def _cipher(key_id: str, conversation_id: int) -> AESGCM:
    # A key a conversation: however much is written, none seals so much that two nonces could meet.
    master = keys.private_of(SigningKey.objects.get(pk=key_id))
    name = f"upscrolled conversation {conversation_id}".encode()
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=name).derive(master))
