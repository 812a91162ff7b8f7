"""The site's keys, in one place: what signs pools, the moderation log and pushes, and how one follows another.

Each purpose has one key in use. The first is made when it is first needed; `rotate` retires it for a new one. Public
halves are kept and published for ever, so what an old key signed stays verifiable. Private halves are sealed
with SECRET_KEY and never leave this module but by `private_of`, for what has to hand one to a library.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import IntegrityError, transaction

from upscrolled.core.errors import Invalid
from upscrolled.models import SigningKey

log = logging.getLogger(__name__)

_NONCE: Final = 12
_P256: Final = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a key is for. `keeps` is for keys whose private half is needed after they retire."""

    name: str
    algorithm: str
    sentence: str
    keeps: bool = False


PURPOSES: Final = {
    purpose.name: purpose
    for purpose in (
        Purpose("pools", "ed25519", "Signs the frozen pools of discover."),
        Purpose("log", "ed25519", "Signs the checkpoints of the moderation log."),
        Purpose(
            "push", "p256", "Signs web pushes (VAPID); a phone keeps to the key it was given.", keeps=True
        ),
        Purpose("messages", "aes256", "Seals what is kept of private messages.", keeps=True),
    )
}


class KeyLost(Exception):
    """The private half of a key cannot be opened: SECRET_KEY is another one, or it was destroyed."""


class Signature(NamedTuple):
    """A signature and the id of the key that made it."""

    key_id: str
    signature: bytes


def sign(purpose: str, message: bytes, *, now: datetime) -> Signature:
    """Sign with the key in use for this purpose.

    A key that cannot be opened any more is replaced at once: what signs must not stop because a secret was changed.
    Raises KeyError for a purpose that there is not.
    """
    key = in_use(purpose, now=now)
    try:
        private = _private(key)
    except KeyLost as lost:
        log.error("%s It is replaced.", lost)
        key = rotate(purpose, now=now, because="the private half could not be opened")
        private = _private(key)
    return Signature(key.id, _sign(key.algorithm, private, message))


def verify(key_id: str, message: bytes, signature: bytes) -> bool:
    """Say whether this key, in use or retired, signed the message."""
    try:
        algorithm, public = _public(key_id)
    except SigningKey.DoesNotExist:
        return False
    return _verified(algorithm, public, message, signature)


def in_use(purpose: str, *, now: datetime) -> SigningKey:
    """Return the key in use for a purpose; the first one is made here."""
    found = SigningKey.objects.filter(purpose=PURPOSES[purpose].name, retired_at=None).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return _make(PURPOSES[purpose], now=now)
    except IntegrityError:  # made by somebody else at the same moment
        return SigningKey.objects.get(purpose=purpose, retired_at=None)


def private_of(key: SigningKey) -> bytes:
    """Return the private half: 32 bytes of Ed25519 or AES, a PKCS #8 document of P-256. Raises KeyLost."""
    return _private(key)


@transaction.atomic
def rotate(purpose: str, *, now: datetime, because: str) -> SigningKey:
    """Retire the key in use, for this reason, and make the next one. Raises Invalid."""
    if purpose not in PURPOSES:
        raise Invalid(f"There is no purpose {purpose!r}; there are {', '.join(PURPOSES)}.")
    if not because.strip():
        raise Invalid("Say why the key is replaced; the reason is kept.")
    changed = {"retired_at": now, "because": because}
    if not PURPOSES[purpose].keeps:
        changed["sealed"] = b""
    SigningKey.objects.filter(purpose=purpose, retired_at=None).update(**changed)
    return _make(PURPOSES[purpose], now=now)


def published() -> Sequence[SigningKey]:
    """Return every key that has a public half, those in use first, then the last retired."""
    with_public = [name for name, purpose in PURPOSES.items() if purpose.algorithm != "aes256"]
    keys = (
        SigningKey.objects.filter(purpose__in=with_public).order_by("purpose", "-created_at").defer("sealed")
    )
    return sorted(keys, key=lambda key: key.retired_at is not None)


def forget() -> None:
    """Hold no key, as a new process does (tests)."""
    _opened.cache_clear()
    _public.cache_clear()


# --- made, sealed, opened ---------------------------------------------------------------------------


def _make(purpose: Purpose, *, now: datetime) -> SigningKey:
    private, public = _pair(purpose.algorithm)
    key_id = hashlib.sha256(public).hexdigest()[:16] if public else secrets.token_hex(8)
    return SigningKey.objects.create(
        id=key_id,
        purpose=purpose.name,
        algorithm=purpose.algorithm,
        public=public,
        sealed=_seal(key_id, private),
        created_at=now,
    )


def _pair(algorithm: str) -> tuple[bytes, bytes]:
    raw, none = serialization.PublicFormat.Raw, serialization.NoEncryption()
    if algorithm == "ed25519":
        edwards = ed25519.Ed25519PrivateKey.generate()
        return edwards.private_bytes_raw(), edwards.public_key().public_bytes(serialization.Encoding.Raw, raw)
    if algorithm == "p256":
        curve = ec.generate_private_key(ec.SECP256R1())
        document = curve.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, none)
        point = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        return document, curve.public_key().public_bytes(*point)
    return secrets.token_bytes(32), b""


def _seal(key_id: str, private: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_wrapping(settings.SECRET_KEY)).encrypt(nonce, private, key_id.encode())


def _private(key: SigningKey) -> bytes:
    return _opened(key.id, bytes(key.sealed))


@lru_cache(maxsize=64)
def _opened(key_id: str, sealed: bytes) -> bytes:
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return AESGCM(_wrapping(secret)).decrypt(sealed[:_NONCE], sealed[_NONCE:], key_id.encode())
        except (InvalidTag, ValueError):
            continue
    why = "SECRET_KEY is not the one that sealed it" if sealed else "it was destroyed when the key retired"
    raise KeyLost(f"The private half of key {key_id} cannot be opened: {why}.")


def _wrapping(secret: str | bytes) -> bytes:
    text = secret.encode() if isinstance(secret, str) else secret
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"upscrolled keys").derive(text)


@lru_cache(maxsize=256)
def _public(key_id: str) -> tuple[str, bytes]:
    algorithm, public = SigningKey.objects.values_list("algorithm", "public").get(pk=key_id)
    return algorithm, bytes(public)


def _sign(algorithm: str, private: bytes, message: bytes) -> bytes:
    if algorithm == "ed25519":
        return ed25519.Ed25519PrivateKey.from_private_bytes(private).sign(message)
    if algorithm == "p256":
        curve = serialization.load_der_private_key(private, None)
        assert isinstance(curve, ec.EllipticCurvePrivateKey)
        return curve.sign(message, _P256)
    raise ValueError(f"{algorithm} signs nothing")


def _verified(algorithm: str, public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        if algorithm == "ed25519":
            ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        elif algorithm == "p256":
            curve = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
            curve.verify(signature, message, _P256)
        else:
            return False
    except InvalidSignature:
        return False
    return True
