"""The location menu as this process knows it: read once, and again when a change was written."""

from __future__ import annotations

import time
import unicodedata
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import msgspec
from django.db import connection

FRESH = 60.0  # seconds for which a process takes its copy as the present menu


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the menu. `parent` is the id of the entry it stands under, or None."""

    id: int
    code: str
    kind: str
    names: dict[str, str]
    parent: int | None
    position: int
    hidden: bool
    merged_into: int | None

    def name(self, language: str) -> str:
        """Return the name in a language, else in English, else in the first there is."""
        return self.names.get(language) or self.names.get("en") or next(iter(self.names.values()), self.code)


@dataclass(slots=True)
class Menu:
    """All entries by id. `version` is the number of the last change of the menu."""

    version: int = 0
    places: dict[int, Place] = field(default_factory=dict)

    def shown(self, place_id: int | None) -> Place | None:
        """Return the entry that a profile with this id shows: what it was merged into, if it was.

        A hidden entry is offered to nobody any more, but whoever chose it keeps it.
        """
        place = self.places.get(place_id or 0)
        while place is not None and place.merged_into is not None:
            place = self.places.get(place.merged_into)
        return place

    def offers(self, place_id: int) -> bool:
        """Whether people may choose this entry: it and what it stands under are not hidden or merged away."""
        place = self.places.get(place_id)
        if place is None or place.kind == "group":
            return False
        while place is not None:
            if place.hidden or place.merged_into is not None:
                return False
            place = self.places.get(place.parent) if place.parent is not None else None
        return True

    def offered(self, language: str) -> list[Place]:
        """Return the menu in its order: by position, then by name as a reader of that language looks it up."""
        groups = {place.parent for place in self.places.values() if self.offers(place.id)}
        chosen = [place for place in self.places.values() if self.offers(place.id) or place.id in groups]
        return sorted(chosen, key=lambda place: (place.position, _order(place.name(language)), place.id))


_lock = Lock()
_menu = Menu()
_read_at = float("-inf")


def menu() -> Menu:
    """Return the present menu; at most FRESH seconds old, and at once in the process that changed it."""
    global _menu, _read_at
    if time.monotonic() - _read_at < FRESH:
        return _menu
    with _lock:
        if time.monotonic() - _read_at >= FRESH:
            _menu, _read_at = _load(), time.monotonic()
    return _menu


def shown(place_id: int) -> Place | None:
    """Return the entry that a profile with this id shows; one that this process has not heard of is looked for."""
    known = menu() if place_id in menu().places else latest()
    return known.shown(place_id)


def latest() -> Menu:
    """Return the menu as it stands in the rows: for who chooses from it, or has just chosen what is new."""
    forget()
    return menu()


def forget() -> None:
    """Let the next reader load the menu anew."""
    global _read_at
    _read_at = float("-inf")


def _load() -> Menu:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM upscrolled_placechange")
        version = cursor.fetchone()[0]
        if version == _menu.version and _menu.places:
            return _menu
        cursor.execute(
            """SELECT id, code, kind, names, parent_id, position, hidden, merged_into_id FROM upscrolled_place"""
        )
        return Menu(version, {row[0]: _place(row) for row in cursor.fetchall()})


def _place(row: tuple[Any, ...]) -> Place:
    names = row[3] if isinstance(row[3], dict) else msgspec.json.decode(str(row[3]))
    place_id, code, kind, _, *rest = row
    return Place(place_id, code, kind, names, *rest)


def _order(name: str) -> str:
    """Sort É beside E and أ beside ا: by base letters, whatever the marks on them."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
