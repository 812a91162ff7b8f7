"""What the panel says, in English and Arabic; a test holds the two together. Other languages read English."""

from __future__ import annotations

from moderation.panel.words import ar, en

LANGUAGES = {"en": en.WORDS, "ar": ar.WORDS}


def of(language: str) -> dict[str, str]:
    """Return the words in that language."""
    return LANGUAGES.get(language, en.WORDS)
