"""What the panel says, in English, Arabic and French; a test holds the three together. Other languages read English."""

from __future__ import annotations

from moderation.panel.words import ar, en, fr

LANGUAGES = {"en": en.WORDS, "ar": ar.WORDS, "fr": fr.WORDS}


def of(language: str) -> dict[str, str]:
    """Return the words in that language."""
    return LANGUAGES.get(language, en.WORDS)
