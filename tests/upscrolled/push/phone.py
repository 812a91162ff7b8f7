"""A phone that subscribes to pushes and really opens what it is sent, as a browser does (RFC 8291, and the draft)."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unb64(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


class Phone:
    """A key, a secret, and an address at a push service."""

    def __init__(
        self,
        endpoint: str = "https://push.example.net/one",
        *,
        key: ec.EllipticCurvePrivateKey | None = None,
        auth: bytes = b"",
    ) -> None:
        """`key` and `auth` are those that an application made itself."""
        self.endpoint = endpoint
        self._key = key or ec.generate_private_key(ec.SECP256R1())
        self.point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.auth = auth or os.urandom(16)

    def form(self, *, standard: bool = True, **data: Any) -> dict[str, Any]:
        """What an application sends to subscribe it."""
        keys = {"p256dh": b64(self.point), "auth": b64(self.auth)}
        return {
            "subscription": {"endpoint": self.endpoint, "keys": keys, "standard": standard},
            "data": {"alerts": {"mention": True, "favourite": True, "follow": True}, **data},
        }

    def open(self, headers: dict[str, str], body: bytes) -> Any:
        """Return what a request says; a wrong seal raises InvalidTag."""
        kind = headers["content-encoding"]
        return json.loads(self._open(body) if kind == "aes128gcm" else self._open_draft(headers, body))

    def _open(self, body: bytes) -> bytes:
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        theirs, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= size
        agreed = self._agree(theirs)
        # Written from RFC 8291 §3.4 step by step, extract and expand apart, and not as the product has it.
        from cryptography.hazmat.primitives.hmac import HMAC

        def hmac(key: bytes, message: bytes) -> bytes:
            made = HMAC(key, hashes.SHA256())
            made.update(message)
            return made.finalize()

        prk_key = hmac(self.auth, agreed)
        ikm = hmac(prk_key, b"WebPush: info\x00" + self.point + theirs + b"\x01")
        prk = hmac(salt, ikm)
        cek = HKDFExpand(hashes.SHA256(), 16, b"Content-Encoding: aes128gcm\x00").derive(prk)
        nonce = HKDFExpand(hashes.SHA256(), 12, b"Content-Encoding: nonce\x00").derive(prk)
        plain = AESGCM(cek).decrypt(nonce, record, None).rstrip(b"\x00")
        assert plain.endswith(b"\x02"), "the last record ends with 2"
        return plain[:-1]

    def _open_draft(self, headers: dict[str, str], body: bytes) -> bytes:
        salt = unb64(headers["encryption"].removeprefix("salt="))
        named = dict(part.strip().split("=", 1) for part in headers["crypto-key"].split(";"))
        theirs = unb64(named["dh"])
        secret = HKDF(hashes.SHA256(), 32, salt=self.auth, info=b"Content-Encoding: auth\x00").derive(
            self._agree(theirs)
        )
        context = b"P-256\x00\x00\x41" + self.point + b"\x00\x41" + theirs
        cek = HKDF(hashes.SHA256(), 16, salt=salt, info=b"Content-Encoding: aesgcm\x00" + context)
        nonce = HKDF(hashes.SHA256(), 12, salt=salt, info=b"Content-Encoding: nonce\x00" + context)
        plain = AESGCM(cek.derive(secret)).decrypt(nonce.derive(secret), body, None)
        return plain[2 + int.from_bytes(plain[:2], "big") :]

    def _agree(self, theirs: bytes) -> bytes:
        return self._key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        )


def require_signed(headers: dict[str, str], *, audience: str, server_key: str) -> dict[str, Any]:
    """Check who signed a push, as a push service does, and return the claims."""
    kind, _, rest = headers["authorization"].partition(" ")
    if kind == "vapid":
        named = dict(part.strip().split("=", 1) for part in rest.split(","))
        token, key = named["t"], named["k"]
    else:
        token = rest
        key = dict(part.split("=", 1) for part in headers["crypto-key"].split(";"))["p256ecdsa"]
    assert key == server_key
    said, _, signature = token.rpartition(".")
    raw = unb64(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    curve = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(key))
    curve.verify(der, said.encode(), ec.ECDSA(hashes.SHA256()))
    claims: dict[str, Any] = json.loads(unb64(said.split(".")[1]))
    assert claims["aud"] == audience
    return claims
