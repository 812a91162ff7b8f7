"""One's own lists, and who stands on them: people whom one still follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from upscrolled import queries
from upscrolled.core.errors import NotFound
from upscrolled.core.ids import LARGEST
from upscrolled.core.paging import Page
from upscrolled.queries import PeoplePage
from upscrolled.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, as its owner set it up."""

    id: int
    title: str
    replies: str
    exclusive: bool


_LISTS = """
SELECT l.id, l.title, l.replies, l.exclusive FROM feed_readinglist l
WHERE l.account_id = %(viewer)s AND (%(list)s::bigint IS NULL OR l.id = %(list)s) ORDER BY l.id
"""
_WITH = """
SELECT l.id, l.title, l.replies, l.exclusive FROM upscrolled_follow f
JOIN feed_readinglist l ON l.account_id = f.account_id
JOIN feed_listmember m ON m.reading_list_id = l.id AND m.account_id = f.target_id AND m.follow_id = f.id
WHERE f.account_id = %(viewer)s AND f.target_id = %(account)s
UNION ALL
SELECT l.id, l.title, l.replies, l.exclusive FROM feed_readinglist l
JOIN feed_listmember m ON m.reading_list_id = l.id AND m.account_id = l.account_id
WHERE l.account_id = %(viewer)s AND %(account)s = %(viewer)s ORDER BY id
"""
_MEMBERS = """
SELECT m.id, m.account_id FROM feed_listmember m LEFT JOIN upscrolled_follow f ON f.id = m.follow_id
WHERE m.reading_list_id = %(list)s AND (f.id IS NOT NULL OR m.account_id = %(viewer)s)
  AND m.id < %(below)s AND m.id > %(above)s
ORDER BY m.id {order} LIMIT %(limit)s
"""


def lists(viewer: Viewer) -> list[Listing]:
    """Return the viewer's lists, the oldest first."""
    return _listings(_LISTS, {"viewer": viewer.id, "list": None})


def get_list(viewer: Viewer, list_id: int) -> Listing:
    """Return a list of the viewer's own, or raise NotFound."""
    found = _listings(_LISTS, {"viewer": viewer.id, "list": list_id})
    if not found:
        raise NotFound
    return found[0]


def lists_with(viewer: Viewer, account_id: int) -> list[Listing]:
    """Return those of the viewer's lists that hold somebody. Raises NotFound for nobody."""
    queries.get_person(viewer, account_id)
    return _listings(_WITH, {"viewer": viewer.id, "account": account_id})


def members(viewer: Viewer, list_id: int, page: Page) -> PeoplePage:
    """Return who stands on a list of the viewer's own, the last put there first. Raises NotFound."""
    get_list(viewer, list_id)
    rows = _rows(
        _MEMBERS.format(order="ASC" if page.upward else "DESC"),
        {
            "list": list_id,
            "viewer": viewer.id,
            "below": LARGEST if page.max_id is None else page.max_id,
            "above": page.above or 0,
            "limit": page.limit,
        },
    )
    rows.sort(reverse=True)
    people = queries.people(viewer, [account_id for _, account_id in rows])
    full = len(rows) == page.limit
    return PeoplePage(people, rows[0][0] if rows else None, rows[-1][0] if full else None)


def _listings(statement: str, row: dict[str, Any]) -> list[Listing]:
    return [Listing(*found) for found in _rows(statement, row)]


def _rows(statement: str, row: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, row)
        return list(cursor.fetchall())
