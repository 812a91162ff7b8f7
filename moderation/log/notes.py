"""Checkpoints as signed notes (C2SP signed-note, tlog-checkpoint): origin, size, root, an Ed25519 signature. Pure."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]
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


def sign(checkpoint: Checkpoint, *, public: bytes, signer: Sign) -> str:
    """Write the signed note; the key has the name of the log."""
    signature = key_id(checkpoint.origin, public) + signer(checkpoint.text.encode())
    return f"{checkpoint.text}\n{_DASH}{checkpoint.origin} {base64.b64encode(signature).decode()}\n"


def read(note: str, *, public: bytes, verify: Verify) -> Checkpoint:
    """Read a signed note. Raises ValueError if it is none, or nobody signed it with that key."""
    text, gap, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) < 3 or not lines[1].isdigit():
        raise ValueError("this is no checkpoint")
    checkpoint = Checkpoint(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))
    wanted = f"{_DASH}{checkpoint.origin} "
    for line in signatures.splitlines():
        signature = base64.b64decode(line.removeprefix(wanted)) if line.startswith(wanted) else b""
        if signature[:4] == key_id(checkpoint.origin, public) and verify(signature[4:], f"{text}\n".encode()):
            return checkpoint
    raise ValueError("no signature of this log stands under the checkpoint")
