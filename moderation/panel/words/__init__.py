"""What the panel says, in English, Arabic and French; a test holds the three together. Other languages read English."""

from __future__ import annotations

from moderation import wording
from moderation.panel.words import ar, en, fr
from moderation.panel.words.law import ar as law_ar
from moderation.panel.words.law import en as law_en
from moderation.panel.words.law import fr as law_fr
from moderation.panel.words.staff import ar as staff_ar
from moderation.panel.words.staff import en as staff_en
from moderation.panel.words.staff import fr as staff_fr


def _roles(language: str) -> dict[str, str]:
    """What roles are called, as in the mails about them."""
    told: dict[str, str] = wording.of(language).STAFF
    return {name: text for name, text in told.items() if name.startswith("role_")}


LANGUAGES = {
    "en": en.WORDS | law_en.WORDS | staff_en.WORDS | _roles("en"),
    "ar": ar.WORDS | law_ar.WORDS | staff_ar.WORDS | _roles("ar"),
    "fr": fr.WORDS | law_fr.WORDS | staff_fr.WORDS | _roles("fr"),
}


def of(language: str) -> dict[str, str]:
    """Return the words in that language."""
    return LANGUAGES.get(language, LANGUAGES["en"])
