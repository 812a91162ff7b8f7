"""What a sign-up must solve before it counts, so that making accounts by the thousand costs something.

SIGNUP_CHALLENGE names the adapter: empty for none, `proof_of_work` for the one that comes with the site, or the
dotted path of a class (a captcha service, for instance) that takes no arguments and follows `Challenge`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Protocol

from django.conf import settings
from django.core import checks, signing
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string

from upscrolled import limits
from upscrolled.origin import Origin

SOLUTION_MAX = 4_000


@dataclass(frozen=True, slots=True)
class Issued:
    """What to solve: `challenge` goes back with the solution, `parameters` say how to find one."""

    challenge: str
    parameters: dict[str, Any]
    expires_at: datetime


class Challenge(Protocol):
    """An adapter. `template` is what the sign-up page includes to have it solved; it may use `challenge`."""

    kind: ClassVar[str]
    template: ClassVar[str]

    def issue(self, origin: Origin) -> Issued:
        """Make something to solve for whoever asks from there."""

    def verify(self, challenge: str, solution: str, origin: Origin) -> bool:
        """Say whether that is solved; whatever was accepted once is not accepted again."""


def in_force() -> Challenge | None:
    """Return the adapter that the setting names, or None."""
    name = settings.SIGNUP_CHALLENGE
    if not name:
        return None
    made: Challenge = ProofOfWork() if name == ProofOfWork.kind else import_string(name)()
    return made


def check_setting(**_: Any) -> list[checks.CheckMessage]:
    """Say before the site starts if SIGNUP_CHALLENGE names nothing that can be used (a check of Django's)."""
    try:
        in_force()
    except (ImportError, TypeError) as error:
        return [
            checks.Error(f"SIGNUP_CHALLENGE={settings.SIGNUP_CHALLENGE!r}: {error}", id="upscrolled.E001")
        ]
    return []


class ProofOfWork:
    """Find a text so that SHA-256 of `challenge:text` begins with so many zero bits (as Hashcash does).

    Nothing is stored when one is issued: it carries its own moment and difficulty under a signature. What was
    accepted is remembered in Valkey until it would have expired; without an answer from there it may pass twice.
    """

    kind: ClassVar[str] = "proof_of_work"
    template: ClassVar[str] = "account/proof_of_work.html"
    SECONDS: ClassVar[int] = 900
    _signer: ClassVar[signing.TimestampSigner] = signing.TimestampSigner(salt="upscrolled.challenges")

    def issue(self, origin: Origin) -> Issued:
        """Make a challenge of the difficulty that is set, good for a quarter of an hour."""
        bits = settings.SIGNUP_CHALLENGE_BITS
        signed = self._signer.sign(f"{bits}.{get_random_string(22)}")
        expires = datetime.now(UTC) + timedelta(seconds=self.SECONDS)
        return Issued(signed, {"algorithm": "sha-256", "difficulty": bits}, expires)

    def verify(self, challenge: str, solution: str, origin: Origin) -> bool:
        """Check signature, age and work, then that it was not used before."""
        try:
            bits = int(self._signer.unsign(challenge, max_age=self.SECONDS).partition(".")[0])
        except (signing.BadSignature, ValueError):
            return False
        if zero_bits(challenge, solution) < bits:
            return False
        digest = hashlib.sha256(challenge.encode()).hexdigest()
        return limits.mark(f"challenge:{digest}", self.SECONDS)


def zero_bits(challenge: str, solution: str) -> int:
    """Return with how many zero bits SHA-256 of `challenge:solution` begins."""
    digest = hashlib.sha256(f"{challenge}:{solution}".encode()).digest()
    return 256 - int.from_bytes(digest, "big").bit_length()
