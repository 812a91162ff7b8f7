"""An app's own account screens: what it sends to /_allauth/, the codes people read, and a passkey made of software."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import struct
import time
from base64 import b32decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.http import HttpResponse
from django.test import Client
from fido2 import cbor

from tests.people import PASSWORD


class Screens:
    """An app on somebody's phone: holds the session token that it was given last, and no cookie."""

    def __init__(self, address: str = "203.0.113.7", agent: str = "Sunbird/1.0 (Android)") -> None:
        self.client = Client()
        self.token: str | None = None
        self.facts = {"REMOTE_ADDR": address, "HTTP_USER_AGENT": agent}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """Call an endpoint below /_allauth/app/v1/ and keep the session token of the answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            named["X-Session-Token"] = self.token
        sent = {} if method == "get" else {"data": body, "content_type": "application/json"}
        answer = getattr(self.client, method)(f"/_allauth/app/v1/{path}", headers=named, **sent, **self.facts)
        assert not answer.cookies
        assert answer.headers["Content-Type"].startswith("application/json"), answer.content
        self.token = answer.json().get("meta", {}).get("session_token") or self.token
        return answer  # type: ignore[no-any-return]

    def get(self, path: str, **headers: str) -> HttpResponse:
        """GET."""
        return self.call("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """POST a JSON body."""
        return self.call("post", path, {} if body is None else body, **headers)

    def delete(self, path: str, body: Any = None) -> HttpResponse:
        """DELETE with a JSON body."""
        return self.call("delete", path, {} if body is None else body)

    def sign_in(self, name: str, password: str = PASSWORD) -> HttpResponse:
        """Sign in by name or address and password."""
        return self.post("auth/login", {"email" if "@" in name else "username": name, "password": password})

    def prove(self, password: str = PASSWORD) -> None:
        """Give the password again, as changes of address and second step ask for."""
        assert self.post("auth/reauthenticate", {"password": password}).status_code == 200


def pending(answer: HttpResponse) -> list[str]:
    """The steps that an answer says are still to be taken."""
    flows: list[dict[str, Any]] = answer.json()["data"]["flows"]  # type: ignore[attr-defined]
    return [flow["id"] for flow in flows if flow.get("is_pending")]


def faults(answer: HttpResponse) -> list[str]:
    """The codes of what an answer says is wrong; it must be a 400."""
    assert answer.status_code == 400, answer.content
    return [error["code"] for error in answer.json()["errors"]]  # type: ignore[attr-defined]


def code_in(body: str) -> str:
    """The code in a mail, as somebody types it."""
    found = re.search(r"^[A-Z0-9]{2,5}(-[A-Z0-9]{2,5})+$", body, re.MULTILINE)
    assert found, body
    return found[0]


def totp(secret: str, *, steps: int = 0) -> str:
    """The six digits that an authenticator app shows (RFC 6238), some steps of 30 seconds from now.

    A server that forgives one step takes 0 and 1 however the clock ticks meanwhile; -1 may be a step too old.
    """
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.digest(b32decode(secret), counter, hashlib.sha1)
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


class Passkey:
    """An authenticator that holds one ES256 key and always finds its owner present (WebAuthn 2 §6)."""

    def __init__(self, origin: str) -> None:
        self.origin, self.host = origin, origin.partition("//")[2]
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id, self.owner, self.uses = os.urandom(16), "", 0

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create`."""
        asked = options["publicKey"]
        self.owner = asked["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        point = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        public = cbor.encode({1: 2, 3: -7, -1: 1, **point})
        data = self._facts(0x45) + bytes(16) + struct.pack(">H", 16) + self.id + public
        attested = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        answered = {
            "clientDataJSON": _text(self._client("webauthn.create", asked["challenge"])),
            "attestationObject": _text(attested),
        }
        return self._credential(answered, {"credProps": {"rk": True}})

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.get`."""
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        data = self._facts(0x05)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        answered = {
            "clientDataJSON": _text(client),
            "authenticatorData": _text(data),
            "signature": _text(signed),
            "userHandle": self.owner,
        }
        return self._credential(answered, {})

    def _facts(self, flags: int) -> bytes:
        self.uses += 1
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.uses)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _credential(self, answered: dict[str, str], extensions: dict[str, Any]) -> dict[str, Any]:
        identity = {"id": _text(self.id), "rawId": _text(self.id), "type": "public-key"}
        return {**identity, "response": answered, "clientExtensionResults": extensions}


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def link_key(body: str, path: str) -> str:
    """The key in a mail's link to this path."""
    found = re.search(rf"{path}([^\s/]+)/", body)
    assert found, body
    return found[1]
