"""What the panel says, in English, Arabic and French; a test holds the three together. Other languages read English."""

from __future__ import annotations

from moderation.panel.words import ar, en, fr
from moderation.panel.words.law import ar as law_ar
from moderation.panel.words.law import en as law_en
from moderation.panel.words.law import fr as law_fr

LANGUAGES = {
    "en": en.WORDS | law_en.WORDS,
    "ar": ar.WORDS | law_ar.WORDS,
    "fr": fr.WORDS | law_fr.WORDS,
}


def of(language: str) -> dict[str, str]:
    """Return the words in that language."""
    return LANGUAGES.get(language, LANGUAGES["en"])
