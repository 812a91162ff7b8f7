"""What a phone is told through Apple's or Google's service, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Note:
    """A line to be shown, and the type of the notification; without a line nothing is shown: read elsewhere."""

    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the service has the push, whether to come again (in so many seconds, 0: as we like), and why not."""

    name: str
    seconds: int = 0
    reason: str = ""

    def later(self, seconds: int, reason: str) -> Outcome:
        """Say when to come again, and why."""
        return replace(self, seconds=seconds, reason=reason)

    def because(self, reason: str) -> Outcome:
        """Say why."""
        return replace(self, reason=reason)


TAKEN: Final = Outcome("taken")
GONE: Final = Outcome("gone")  # the phone is not there any more
AGAIN: Final = Outcome("again")
GIVEN_UP: Final = Outcome("given up")
