"""Names, bios and hashtags are looked at when they are written. What is looked for, the room above brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

# Of a field (handle, name, bio, hashtag) and its text: a sentence why it may not stand there, or None.
Refuse = Callable[[str, str], str | None]
# Of an account's number and what it now says by field, once that is stored.
See = Callable[[int, dict[str, str]], None]


class Screen(NamedTuple):
    """What a room above has asked of everything of this kind."""

    refuse: Refuse
    see: See


_screens: list[Screen] = []


def join(screen: Screen) -> None:
    """Have everything of this kind asked of `screen` too."""
    if screen not in _screens:
        _screens.append(screen)


def why_refused(field: str, text: str) -> str | None:
    """Say in a sentence why this text may not stand in a field, or None."""
    return next((reason for screen in _screens if (reason := screen.refuse(field, text))), None)


def seen(account_id: int, said: dict[str, str]) -> None:
    """Tell of what somebody now says of themselves, within the transaction that stores it."""
    for screen in _screens:
        screen.see(account_id, said)
