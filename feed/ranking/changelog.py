"""The public changelog of the ranking: when each version came into force, and what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Change:
    """A version of the ranking. `sentence` is in English; pages have it in their reader's language."""

    version: int
    on: date
    sentence: str


# The newest first. A changed constant is a new version and a line here.
CHANGES: Final = (Change(1, date(2026, 11, 28), "The first version."),)
