"""The names that clients know groups of notifications by."""

from __future__ import annotations

from typing import Final

from feed.queries.groups import GROUPED, Key
from feed.queries.pushes import TYPES
from upscrolled.core import ids
from upscrolled.core.errors import NotFound

_LAST_SPAN: Final = 2_000_000  # half-days after which PostgreSQL and Python know no dates any more
_KINDS: Final = {name: kind for kind, name in TYPES.items()}


def write_key(key: Key) -> str:
    """Write a group's key as clients keep it."""
    if key.alone:
        return f"ungrouped-{key.alone}"
    parts = [TYPES[key.kind], *([str(key.subject_id)] if key.subject_id else []), str(key.span)]
    return "-".join(parts)


def read_key(text: str) -> Key:
    """Read a group's key. Raises NotFound for what is none."""
    name, *numbers = text.split("-")
    parsed = [ids.parse(number) for number in numbers]
    if None in parsed or not parsed:
        raise NotFound
    if name == "ungrouped" and len(parsed) == 1:
        return Key("", alone=parsed[0] or 0)
    kind, span = _KINDS.get(name, ""), parsed[-1] or 0
    if kind not in GROUPED or len(parsed) != (1 if kind == "follow" else 2) or span > _LAST_SPAN:
        raise NotFound
    return Key(kind, None if kind == "follow" else parsed[0], span)
