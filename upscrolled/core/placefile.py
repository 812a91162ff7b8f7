"""Read a location menu from a file: TOML in, checked entries out. Pure but for the file it is given.

A file is a whole menu. `base` names another file beside it that it starts from; an entry with the code of an
entry of the base changes the fields it names, any other entry is added.

    title = "Our menu"
    base = "cldr.toml"
    place = [
      { code = "PS", names = { en = "Palestine", ar = "فلسطين" } },
      { code = "nablus", kind = "city", parent = "PS", names = { en = "Nablus" } },
    ]

What places are called is for the operator to say: nothing here or anywhere else in the code knows a name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from upscrolled.core import languages
from upscrolled.core.errors import Invalid

KINDS: Final = ("group", "country", "city")
CODE_MAX, NAME_MAX, PLACES_MAX, DEPTH_MAX, BYTES_MAX = 60, 100, 20_000, 4, 4_000_000
_FIELDS: Final = {"code", "kind", "names", "parent", "position", "hidden", "merged_into"}
_CODE: Final = re.compile(r"(?:^|[{,])[ \t]*[\"']?code[\"']?[ \t]*=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a menu. `parent` and `merged_into` are codes of other entries, or empty."""

    code: str
    kind: str = "country"
    names: dict[str, str] = field(default_factory=dict)
    parent: str = ""
    position: int = 0
    hidden: bool = False
    merged_into: str = ""


class BadMenu(Invalid):
    """The file cannot be a menu; the sentence says where and why."""


def read(path: Path) -> dict[str, Entry]:
    """Return the menu of a file by code. Raises BadMenu, naming line and entry and what is wrong with it."""
    places: dict[str, str] = {}
    entries = _read(path, places, depth=0)
    check(entries, places)
    return entries


def check(entries: dict[str, Entry], places: Mapping[str, str] | None = None) -> None:
    """See that a menu holds together: names, parents, merges, no rings. Raises BadMenu.

    `places` says by code where in a file an entry was read.
    """
    try:
        _check(entries)
    except _Wrong as wrong:
        where = (places or {}).get(wrong.code, wrong.code)
        raise BadMenu(f"{where}: {wrong}") from None


class _Wrong(Exception):
    """What is wrong with the entry that has this code."""

    def __init__(self, entry: Entry, sentence: str) -> None:
        super().__init__(sentence)
        self.code = entry.code


def _check(entries: dict[str, Entry]) -> None:
    if len(entries) > PLACES_MAX:
        raise BadMenu(f"The menu has {len(entries)} places; the limit is {PLACES_MAX}.")
    for entry in entries.values():
        _check_names(entry)
        for relation in ("parent", "merged_into"):
            target = getattr(entry, relation)
            if target and target not in entries:
                raise _Wrong(entry, f"{relation} is {target!r}, which is no place of the menu.")
        _climb(entries, entry, "parent")
        _climb(entries, entry, "merged_into")


def _read(path: Path, places: dict[str, str], *, depth: int) -> dict[str, Entry]:
    if depth > DEPTH_MAX:
        raise BadMenu(f"{path.name}: more than {DEPTH_MAX} files are based on one another.")
    text = _text(path)
    content = _parse(path, text)
    base = content.get("base")
    entries = _read(path.parent / str(base), places, depth=depth + 1) if base else {}
    written: set[str] = set()
    rows = content.get("place", [])
    if not isinstance(rows, list) or not (rows or base):
        raise BadMenu(f"{path.name}: there is no list `place`.")
    lines = _lines(text, len(rows))
    for number, row in enumerate(rows, start=1):
        where = f"{path.name}{lines[number - 1]}, place {number}"
        entry = _entry(where, row, entries)
        if entry.code in written:
            raise BadMenu(f"{where}: {entry.code!r} stands in the file twice.")
        written.add(entry.code)
        entries[entry.code] = entry
        places[entry.code] = f"{where} ({entry.code})"
    return entries


def _lines(text: str, count: int) -> list[str]:
    """Return where each place has its code; nothing if that cannot be told, for TOML keeps no lines."""
    found = [f", line {text.count(chr(10), 0, at.end()) + 1}" for at in _CODE.finditer(text)]
    return found if len(found) == count else [""] * count


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > BYTES_MAX:
            raise BadMenu(f"{path.name} is {size} bytes long; the limit is {BYTES_MAX}.")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadMenu(f"{path.name} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise BadMenu(f"{path.name} is not TOML: {error}.") from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMenu(f"{path.name} is not TOML: {error}.") from None


def _entry(where: str, row: Any, before: dict[str, Entry]) -> Entry:
    if not isinstance(row, dict) or not isinstance(row.get("code"), str):
        raise BadMenu(f"{where}: a place needs a code.")
    code: str = row["code"]
    if not 0 < len(code) <= CODE_MAX or not all(c.isascii() and (c.isalnum() or c in "-_") for c in code):
        raise BadMenu(
            f"{where}: a code has 1 to {CODE_MAX} letters a-z, digits, - or _; this is {code[:80]!r}."
        )
    where = f"{where} ({code})"
    if unknown := set(row) - _FIELDS:
        raise BadMenu(f"{where}: {sorted(unknown)[0]!r} is no field of a place.")
    was = before.get(code, Entry(code))
    types = {"names": dict, "position": int, "hidden": bool}
    for name, value in row.items():
        if not isinstance(value, types.get(name, str)) or (name == "position" and isinstance(value, bool)):
            raise BadMenu(f"{where}: {name} has the wrong type ({type(value).__name__}).")
    if row.get("kind", was.kind) not in KINDS:
        raise BadMenu(f"{where}: kind must be one of {', '.join(KINDS)}; not {row['kind'][:40]!r}.")
    return replace(was, **{**row, "names": {**was.names, **row.get("names", {})}})


def _check_names(entry: Entry) -> None:
    if not entry.names:
        raise _Wrong(entry, "a place needs a name in at least one language.")
    for language, name in entry.names.items():
        if languages.parse(language) is None:
            raise _Wrong(entry, f"{language[:40]!r} is no language; one is written en, ar or pt-br.")
        if not isinstance(name, str) or not name.strip():
            raise _Wrong(entry, f"the name in {language!r} is empty.")
        if len(name) > NAME_MAX:
            raise _Wrong(
                entry, f"the name in {language!r} has {len(name)} characters; the limit is {NAME_MAX}."
            )


def _climb(entries: dict[str, Entry], entry: Entry, relation: str) -> None:
    """Follow a relation up to its end. Raises BadMenu when there is none."""
    seen = {entry.code}
    while target := getattr(entry, relation):
        if target in seen:
            raise _Wrong(entry, f"{relation} leads back to {target}.")
        if relation == "parent" and len(seen) >= DEPTH_MAX:
            raise _Wrong(entry, f"more than {DEPTH_MAX} places stand under one another.")
        seen.add(target)
        entry = entries[target]
