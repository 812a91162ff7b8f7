"""What every action says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from moderation.models import Decision

CONTENT: Final = frozenset({"post", "media", "message"})
ACCOUNTS: Final = frozenset({"account"})


@dataclass(frozen=True, slots=True)
class Action:
    """What can be decided. An action that restricts has the key of its kind of restriction.

    `mastodon` is the word for it in an AccountWarning, `dsa` the decision in the EU's Transparency Database.
    `settles` says that it does more than its row: `settle` is then called after the commit, and `undo` when the
    decision is reversed or its time is up. Both may be called twice.
    """

    key: str
    subjects: frozenset[str]
    mastodon: str
    dsa: str
    restricts: bool = True
    strikes: bool = True
    by_machine: bool = False
    longest: timedelta | None = None
    settles: bool = False

    def settle(self, decision: Decision, *, now: datetime) -> None:
        """Do what goes beyond the restriction."""

    def undo(self, decision: Decision, *, now: datetime) -> None:
        """Take back what `settle` did."""
