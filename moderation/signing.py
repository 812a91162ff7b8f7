"""The key that signs the public log: one function in, one out. Made from the site's secret."""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def public_key() -> bytes:
    """The public half, 32 bytes of Ed25519."""
    return _key(settings.SECRET_KEY).public_key().public_bytes_raw()


def sign(message: bytes) -> bytes:
    """Sign a message."""
    return _key(settings.SECRET_KEY).sign(message)


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether that key signed the message."""
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=2)
def _key(secret: str) -> ed25519.Ed25519PrivateKey:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"upscrolled moderation log").derive(secret.encode())
    return ed25519.Ed25519PrivateKey.from_private_bytes(derived)
