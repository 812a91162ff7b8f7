"""Applications that people post with, as they are named beside a post: each is looked up once a process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

KEPT = 10_000  # applications remembered; the oldest go first
_SQL = "SELECT id, name, website FROM upscrolled_application WHERE id = ANY(%(ids)s::bigint[])"


class ClientName(NamedTuple):
    """What an application calls itself, and where it is from ("" where it did not say)."""

    name: str
    website: str


# Names never change: an application that wants another one registers anew. None: it is gone.
_known: dict[int, ClientName | None] = {}


def load(application_ids: Iterable[int | None]) -> None:
    """Look up those of the applications that this process has not met, in one statement, none if there are none."""
    wanted = {number for number in application_ids if number is not None and number not in _known}
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"ids": list(wanted)})
        found = {row[0]: ClientName(row[1], row[2]) for row in cursor.fetchall()}
    for number in wanted:
        _known[number] = found.get(number)
    while len(_known) > KEPT:
        _known.pop(next(iter(_known)), None)


def named(application_id: int | None) -> ClientName | None:
    """Return what was looked up for a page; None for a post that was written without an application."""
    return _known.get(application_id) if application_id is not None else None


def forget() -> None:
    """Know nothing, as a process that has just begun."""
    _known.clear()
