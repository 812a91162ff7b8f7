"""Say what was refused in the language of the page."""

from __future__ import annotations

from typing import Final

from moderation.panel import words
from moderation.panel.render import language
from moderation.panel.words.refused import ar, fr
from upscrolled.core.errors import DomainError, Invalid

SAID: Final = {"ar": ar.SAID, "fr": fr.SAID}


class NoAction(Invalid):
    """A form that does not say what is to be done."""

    safe = "Validation failed: choose what is to be done"


class NoOutcome(Invalid):
    """An answer to an appeal that does not say which."""

    safe = "Validation failed: say whether the decision stands or is overturned"


def sentence(error: DomainError) -> str:
    """Return the sentence of an error in the language of the page; what is seldom refused is said in English."""
    said = SAID.get(language(), {}).get(type(error).__name__)
    if said is None:
        return error.safe
    facts = dict(vars(error))
    if "part" in facts:
        facts["part"] = words.of(language()).get(f"part_{facts['part']}", facts["part"])
    return said.format(**facts)
