"""Links for people without an account: a number under this site's signature, so that nobody guesses another's."""

from __future__ import annotations

from django.core import signing

from upscrolled.core.errors import NotFound


def secret_of(kind: str, number: int) -> str:
    """What a link to row `number` of a kind holds; the same each time, so that a later mail can repeat it."""
    return _signer(kind).sign(str(number))


def number_of(kind: str, secret: str) -> int:
    """Return the number that a link was made for. Raises NotFound for one that we did not make."""
    try:
        return int(_signer(kind).unsign(secret))
    except (signing.BadSignature, ValueError):
        raise NotFound from None


def _signer(kind: str) -> signing.Signer:
    return signing.Signer(sep=".", salt=f"moderation.links.{kind}")
