"""What statements of reasons say, in the languages of ours; pure texts, one file a language.

Each file has the same names: policies with title, rule and why it exists; a sentence for each action; and the
sentences between. A test holds the three together.
"""

from __future__ import annotations

from types import ModuleType

from moderation.wording import ar, en, fr

LANGUAGES: dict[str, ModuleType] = {"en": en, "ar": ar, "fr": fr}


def of(language: str) -> ModuleType:
    """Return the texts in that language, English where there are none."""
    return LANGUAGES.get(language, en)


def policy_texts(key: str) -> dict[str, dict[str, str]]:
    """Return what a policy says in every language: title, rule, why."""
    return {
        language: dict(zip(("title", "rule", "why"), texts.POLICIES[key], strict=True))
        for language, texts in LANGUAGES.items()
    }
