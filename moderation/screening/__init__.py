"""At the door: names, bios and hashtags are looked at when they are written, by rules that anybody can read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from moderation.screening import normal
from moderation.screening.rules import RULES, Rule

__all__ = ["RULES", "Hit", "Rule", "hits"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule, and what of the text (in one spelling) it found."""

    rule: Rule
    found: str


def hits(field: str, text: str, rules: Sequence[Rule] = RULES) -> list[Hit]:
    """Return every rule that a text in that field (handle, name, bio, hashtag) meets."""
    spaced, close = normal.words(text), ""
    met = []
    for rule in rules:
        if field not in rule.fields:
            continue
        whole, inside, spared = _compiled(rule)
        if whole is not None and (found := whole.search(spaced)):
            met.append(Hit(rule, found[0].strip()))
        elif inside is not None:
            close = close or normal.squeezed(text)
            rest = spared.sub(" ", close) if spared is not None else close
            if found := inside.search(rest):
                met.append(Hit(rule, found[0]))
    return met


@lru_cache(maxsize=256)
def _compiled(rule: Rule) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None, re.Pattern[str] | None]:
    # Rules pass through the same spelling as what they look for, so a list may be written as people write.
    whole = [re.escape(normal.words(word).strip()) for word in rule.words]
    inside = [re.escape(normal.squeezed(part)) for part in rule.inside]
    spared = sorted((re.escape(normal.squeezed(part)) for part in rule.spares), key=len, reverse=True)
    return (
        re.compile(f"(?<= )(?:{'|'.join(whole)})(?= )") if whole else None,
        re.compile("|".join(inside)) if inside else None,
        re.compile("|".join(spared)) if spared else None,
    )
