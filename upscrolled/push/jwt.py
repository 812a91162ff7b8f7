"""Signed claims (RFC 7519), as push services want them of whoever sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from upscrolled.push.encryption import text

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def sign(claims: Mapping[str, Any], key: Key, **header: str) -> str:
    """Return claims signed with a key of P-256 (ES256) or RSA (RS256)."""
    algorithm = "ES256" if isinstance(key, ec.EllipticCurvePrivateKey) else "RS256"
    parts = ({"typ": "JWT", "alg": algorithm, **header}, claims)
    said = ".".join(text(msgspec.json.encode(part)) for part in parts)
    return f"{said}.{text(_signature(key, said.encode()))}"


def _signature(key: Key, message: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    pair = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return b"".join(number.to_bytes(32, "big") for number in pair)
