"""Domains that an operator names in a rule."""

from __future__ import annotations

import re
from typing import Final

from upscrolled.core import mailbox
from upscrolled.core.errors import Invalid

LONGEST: Final = 253
_DOMAIN: Final = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z"
)


def checked(domain: str, where: str = "") -> str:
    """Return a domain in the form in which domains are compared. Raises Invalid, beginning with `where`."""
    name = mailbox.comparable(domain.strip().removeprefix("@").removeprefix("*."))
    if len(name) > LONGEST or not _DOMAIN.match(name):
        raise Invalid(f"{where}{domain[:LONGEST]!r} is no domain.")
    return name
