"""Sealing a push so that only the browser or phone that subscribed can read it.

`aes128gcm` is RFC 8291 on RFC 8188; `aesgcm` is the draft before it (draft-ietf-webpush-encryption-04), which many
applications of the Mastodon API still speak. Both: a key agreed on P-256 between their key and one made for this
message, mixed with their secret.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD: Final = 4_096  # bytes of the one record, as push services want it (RFC 8291 §4)
POINT, SECRET = 65, 16  # bytes of a point of P-256, of an authentication secret
LONGEST: Final = RECORD - 16 - 1 - 86  # bytes of a message: without tag, end mark and header


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is sent: the body, and the headers that say how it is sealed."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def seal(message: bytes, *, p256dh: bytes, auth: bytes, standard: bool) -> Sealed:
    """Seal a message. Raises ValueError for keys that are none, and for more than LONGEST bytes."""
    if len(message) > LONGEST:
        raise ValueError(f"A push has {len(message)} bytes; at most {LONGEST}")
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), p256dh)
    ours = ec.generate_private_key(ec.SECP256R1())
    point = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    salt, agreed = secrets.token_bytes(16), ours.exchange(ec.ECDH(), theirs)
    if not standard:
        return _draft(message, agreed, salt, p256dh, point, auth)
    secret = _derive(agreed, auth, b"WebPush: info\0" + p256dh + point, 32)
    key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD.to_bytes(4, "big") + bytes([len(point)]) + point
    return Sealed(
        head + AESGCM(key).encrypt(nonce, message + b"\x02", None), {"Content-Encoding": "aes128gcm"}
    )


def require_keys(p256dh: bytes, auth: bytes) -> None:
    """Raise ValueError for keys with which nothing can be sealed."""
    if len(auth) != SECRET:
        raise ValueError(f"auth has {len(auth)} bytes; it must have {SECRET}")
    if len(p256dh) != POINT:
        raise ValueError(f"p256dh has {len(p256dh)} bytes; it must have {POINT}")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), p256dh)


def _draft(message: bytes, agreed: bytes, salt: bytes, theirs: bytes, ours: bytes, auth: bytes) -> Sealed:
    secret = _derive(agreed, auth, b"Content-Encoding: auth\0", 32)
    context = b"P-256\0" + b"".join(len(point).to_bytes(2, "big") + point for point in (theirs, ours))
    key = _derive(secret, salt, b"Content-Encoding: aesgcm\0" + context, 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\0" + context, 12)
    headers = {
        "Content-Encoding": "aesgcm",
        "Encryption": f"salt={text(salt)}",
        "Crypto-Key": f"dh={text(ours)}",
    }
    return Sealed(AESGCM(key).encrypt(nonce, b"\0\0" + message, None), headers)


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=salt, info=info).derive(secret)


def text(value: bytes) -> str:
    """Write bytes in base64url without padding, as everything here is written."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def read(value: str) -> bytes:
    """Read base64 in either alphabet, with or without padding. Raises ValueError."""
    plain = value.strip().rstrip("=").replace("+", "-").replace("/", "_")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
