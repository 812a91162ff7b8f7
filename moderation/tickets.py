"""What the refused take away from the door: which rule refused which words, under this site's signature."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core import signing

from upscrolled.core.errors import NotFound

SAID_MAX: Final = 300
_SALT: Final = "moderation.door"
_WITHIN: Final = 184 * 86_400  # seconds in which an appeal is possible, as against decisions


@dataclass(frozen=True, slots=True)
class Ticket:
    """A refusal: nothing of it was stored. `digest` is of the whole text, `said` its beginning."""

    rule: str
    version: int
    field: str
    said: str
    digest: str


def digest_of(text: str) -> str:
    """A name for words: what is exempt is these very ones, whatever their capitals."""
    return hashlib.sha256(text.strip().casefold().encode()).hexdigest()


def address_of(*, rule: str, version: int, field: str, text: str) -> str:
    """Where the refusal of these words can be appealed."""
    held = [rule, version, field, text[:SAID_MAX], digest_of(text)]
    return f"{settings.PUBLIC_URL}/door/{signing.dumps(held, salt=_SALT, compress=True)}"


def read(token: str) -> Ticket:
    """Return the refusal that a token stands for. Raises NotFound for one that is none of ours, or too old."""
    try:
        held: list[Any] = signing.loads(token, salt=_SALT, max_age=_WITHIN)
        return Ticket(*held)
    except (signing.BadSignature, TypeError):
        raise NotFound from None
