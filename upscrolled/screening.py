"""Names, bios and hashtags are looked at when they are written. What is looked for, the room above brings."""

from __future__ import annotations

from collections.abc import Callable

Screen = Callable[[str, str], str | None]
_screens: list[Screen] = []


def join(screen: Screen) -> None:
    """Have everything of this kind asked of `screen`: of a field and its text, why it is refused, or None."""
    if screen not in _screens:
        _screens.append(screen)


def why_refused(field: str, text: str) -> str | None:
    """Say in a sentence why this text may not stand in a field (handle, name, bio, hashtag), or None."""
    return next((reason for screen in _screens if (reason := screen(field, text))), None)
