"""Names, bios and hashtags are looked at when they are written. What is looked for, the room above brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

# Columns of an account in which it says something of itself.
WRITTEN = frozenset({"username", "display_name", "note", "fields"})
# Of a field (handle, name, bio, hashtag), its text, and the language of whoever wrote it (empty: that of the page): a
# sentence why it may not stand there, or None.
Refuse = Callable[[str, str, str], str | None]
# Of an account's number, what it now says by field, once that is stored, and whether the account was made just now.
See = Callable[[int, dict[str, str], bool], None]


class Screen(NamedTuple):
    """What a room above has asked of everything of this kind."""

    refuse: Refuse
    see: See


def said(username: str, display_name: str, note: str, fields: Sequence[dict[str, str]]) -> dict[str, str]:
    """What an account says of itself, by the fields that are screened."""
    lines = [part for field in fields for part in (field.get("name", ""), field.get("value", ""))]
    return {"handle": username, "name": display_name, "bio": " ".join([note, *lines])}


_screens: list[Screen] = []


def join(screen: Screen) -> None:
    """Have everything of this kind asked of `screen` too."""
    if screen not in _screens:
        _screens.append(screen)


def why_refused(field: str, text: str, *, language: str = "") -> str | None:
    """Say in a sentence why this text may not stand in a field, or None; in a language, else in that of the page."""
    return next((reason for screen in _screens if (reason := screen.refuse(field, text, language))), None)


def seen(account_id: int, said: dict[str, str], *, is_new: bool) -> None:
    """Tell of what somebody, who may be `is_new`, now says of themselves, within the transaction that stores it."""
    for screen in _screens:
        screen.see(account_id, said, is_new)
