"""Checkpoints as signed notes (C2SP signed-note, tlog-checkpoint): origin, size, root, an Ed25519 signature. Pure."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

Verify = Callable[[bytes, bytes, bytes], bool]  # public key, message, signature
_DASH = "— "
_ED25519 = b"\x01"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_id(name: str, public: bytes) -> bytes:
    """Four bytes by which a signature's key is told."""
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """The public key as witnesses and verifiers take it: name, key id, key."""
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def write(checkpoint: Checkpoint, *, public: bytes, signature: bytes) -> str:
    """Write the signed note; the key has the name of the log. The signature is of the checkpoint's text."""
    signed = base64.b64encode(key_id(checkpoint.origin, public) + signature).decode()
    return f"{checkpoint.text}\n{_DASH}{checkpoint.origin} {signed}\n"


def read(note: str, *, publics: Iterable[bytes], verify: Verify) -> Checkpoint:
    """Read a signed note. Raises ValueError if it is none, or nobody signed it with one of those keys."""
    text, gap, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) < 3 or not lines[1].isdigit():
        raise ValueError("this is no checkpoint")
    checkpoint = Checkpoint(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))
    wanted = f"{_DASH}{checkpoint.origin} "
    known = {key_id(checkpoint.origin, public): public for public in publics}
    for line in signatures.splitlines():
        signature = base64.b64decode(line.removeprefix(wanted)) if line.startswith(wanted) else b""
        public = known.get(signature[:4])
        if public is not None and verify(public, f"{text}\n".encode(), signature[4:]):
            return checkpoint
    raise ValueError("no signature of this log stands under the checkpoint")
