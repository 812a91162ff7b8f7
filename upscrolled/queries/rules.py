"""The rules of the house: those that stand as rows, or the ones that the product ships with."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from upscrolled.queries.rows import rows

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "rules.json"


class WrittenRule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A rule in a file: its text and a hint by language; `id` is that of a row that it shall change."""

    texts: dict[str, str]
    hints: dict[str, str] = {}
    id: int | None = None


class Rule(NamedTuple):
    """A rule that holds, by language."""

    id: int
    texts: dict[str, str]
    hints: dict[str, str]


_RULES = """
SELECT id, texts::text, hints::text FROM upscrolled_houserule WHERE ended_at IS NULL ORDER BY position, id
"""


def house_rules(now: datetime) -> tuple[Rule, ...]:
    """Return the rules that hold, as they stood at most a minute ago."""
    return _house_rules(int(now.timestamp()) // 60)


@lru_cache(maxsize=1)
def _house_rules(minute: int) -> tuple[Rule, ...]:
    texts = dict[str, str]
    found = [
        Rule(row[0], msgspec.json.decode(row[1], type=texts), msgspec.json.decode(row[2], type=texts))
        for row in rows(_RULES, {})
    ]
    return tuple(found) or shipped()


def forget() -> None:
    """Look for the rules anew in this process."""
    _house_rules.cache_clear()


@lru_cache(maxsize=1)
def shipped() -> tuple[Rule, ...]:
    """Return the rules that hold while nobody has loaded others."""
    written = msgspec.json.decode(SHIPPED.read_bytes(), type=list[WrittenRule])
    return tuple(Rule(number, rule.texts, rule.hints) for number, rule in enumerate(written, 1))
