"""Notifications in groups: who liked one post in half a day, who followed in half a day.

A group is worked out when it is read: kind, post and half-day say which. A page looks at no more than WINDOW rows and
hydrates those of its groups; how many a group has in all is counted up to COUNTED.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection

from feed.queries import notifications as queries
from feed.queries.notifications import ACCEPTED, MARKED, Row, Told
from feed.timelines.fill import Wanted
from upscrolled import queries as ground
from upscrolled.core.errors import NotFound
from upscrolled.core.ids import LARGEST
from upscrolled.core.paging import Page
from upscrolled.models.notification import Notification
from upscrolled.viewer import Viewer

SPAN: Final = 12 * 3_600  # seconds
WINDOW, COUNTED, SAMPLES, MEMBERS = 400, 10_000, 8, 80  # of MEMBERS a group is shown with
GROUPED: Final = frozenset({"like", "repost", "follow"})


@dataclass(frozen=True, slots=True)
class Key:
    """Which group: a kind, the post it is about if any, and the half-day; or one notification alone."""

    kind: str
    subject_id: int | None = None
    span: int = 0
    alone: int = 0

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """From when to when."""
        return (
            datetime.fromtimestamp(self.span * SPAN, UTC),
            datetime.fromtimestamp((self.span + 1) * SPAN, UTC),
        )


@dataclass(frozen=True, slots=True)
class Group:
    """A group as its reader may see it; `told` are those on the page, the last first, `count` all of them."""

    key: Key
    told: list[Told]
    count: int


@dataclass(frozen=True, slots=True)
class Members:
    """A page of the notifications of one group with its two cursors; `last` is None when nothing is left."""

    told: list[Told]
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Grouped:
    """A page of groups with its two cursors; `last` is None when nothing is left."""

    groups: list[Group]
    first: int | None
    last: int | None


def key_of(row: Row, grouped: Collection[str] = GROUPED) -> Key:
    """Return the group that a notification belongs to."""
    number, kind, _, subject_id, created_at = row
    if kind not in grouped:
        return Key(kind, alone=number)
    return Key(kind, subject_id, int(created_at.timestamp()) // SPAN)


def page(
    viewer: Viewer,
    page: Page,
    *,
    kinds: Sequence[str] = Notification.Kind.values,
    actor_id: int = 0,
    grouped: Collection[str] = GROUPED,
    wanted: Wanted | None = None,
    verdicts: Collection[str] = ACCEPTED,
) -> Grouped:
    """Return the newest groups: those that were told something last come first.

    Where all of a page is hidden the next is looked at, as in a list of notifications.
    """
    newest = 0
    for _ in range(queries.ROUNDS):
        found = _page(viewer, page, kinds, actor_id, grouped, wanted, verdicts)
        newest = max(newest, found.first or 0)
        if found.groups or found.last is None:
            break
        page = replace(page, min_id=found.first) if page.upward else replace(page, max_id=found.last)
    return replace(found, first=newest or None)


def _page(
    viewer: Viewer,
    page: Page,
    kinds: Sequence[str],
    actor_id: int,
    grouped: Collection[str],
    wanted: Wanted | None,
    verdicts: Collection[str],
) -> Grouped:
    step = Page(page.max_id, page.since_id, page.min_id, WINDOW)
    rows = queries.newest(viewer, step, kinds=kinds, actor_id=actor_id)
    kept, more = _first(list(reversed(rows)) if page.upward else rows, page.limit, grouped)
    kept.sort(reverse=True)
    told = queries.told_of(viewer, kept, wanted, verdicts)
    keys = {row[0]: key_of(row, grouped) for row in kept}
    groups: dict[Key, list[Told]] = {}
    for one in told:
        groups.setdefault(keys[one.id], []).append(one)
    counts = _counts(viewer, [key for key in groups if not key.alone])
    found = [Group(key, some, max(counts.get(key, 1), len(some))) for key, some in groups.items()]
    more = more or len(rows) == WINDOW
    return Grouped(found, kept[0][0] if kept else None, kept[-1][0] if kept and more else None)


def group(viewer: Viewer, key: Key, *, wanted: Wanted | None = None) -> Group:
    """Return one group with the last of its members. Raises NotFound."""
    rows = _members(viewer, key, Page(limit=MEMBERS))
    told = queries.told_of(viewer, rows, wanted, queries.ALL_BUT_DROPPED)
    if not told:
        raise NotFound
    count = 1 if key.alone else max(_counts(viewer, [key]).get(key, 1), len(told))
    return Group(key, told, count)


def members(viewer: Viewer, key: Key, page: Page, *, wanted: Wanted | None = None) -> Members:
    """Return a page of what a group is made of, the last first; the bounds are ids of notifications. Raises NotFound.

    Whom the viewer may not see is left out of a page, which goes on behind them.
    """
    if key.alone:
        return Members([queries.notification(viewer, key.alone, wanted=wanted)], key.alone, None)
    rows = _members(viewer, key, page)
    if not rows and page == Page(limit=page.limit):
        raise NotFound
    told = queries.told_of(viewer, rows, wanted, queries.ALL_BUT_DROPPED)
    full = len(rows) == page.limit
    return Members(told, rows[0][0] if rows else None, rows[-1][0] if full else None)


def unread(
    viewer: Viewer,
    *,
    limit: int,
    kinds: Sequence[str],
    actor_id: int = 0,
    grouped: Collection[str] = GROUPED,
    wanted: Wanted | None = None,
) -> int:
    """Return how many groups have something above the viewer's marker, counted up to `limit`."""
    read = ground.positions(viewer, [MARKED])
    above = Page(since_id=read[0].last_read_id if read else None, limit=WINDOW)
    rows = queries.newest(viewer, above, kinds=kinds, actor_id=actor_id)
    keys = {row[0]: key_of(row, grouped) for row in rows}
    return min(limit, len({keys[one.id] for one in queries.told_of(viewer, rows, wanted)}))


def _first(rows: Iterable[Row], limit: int, grouped: Collection[str]) -> tuple[list[Row], bool]:
    """Return the rows of the first so many groups, and whether any is left out."""
    kept: list[Row] = []
    keys: set[Key] = set()
    for row in rows:
        key = key_of(row, grouped)
        if key not in keys and len(keys) == limit:
            return kept, True
        keys.add(key)
        kept.append(row)
    return kept, False


_MEMBERS = """
SELECT n.id, n.kind, n.actor_id, n.subject_id, n.created_at FROM upscrolled_notification n
WHERE n.recipient_id = %(viewer)s AND n.kind = %(kind)s
  AND (n.id = %(alone)s OR (%(alone)s = 0 AND n.subject_id IS NOT DISTINCT FROM %(subject)s::bigint
       AND n.created_at >= %(begins)s AND n.created_at < %(ends)s))
  AND n.id < %(under)s AND n.id > %(over)s
ORDER BY n.id {direction} LIMIT %(limit)s
"""
_COUNTS = """
SELECT k.number, (SELECT count(*) FROM (
  SELECT 1 FROM upscrolled_notification n
  WHERE n.recipient_id = %(viewer)s AND n.kind = k.kind AND n.subject_id IS NOT DISTINCT FROM k.subject
    AND n.created_at >= k.begins AND n.created_at < k.ends LIMIT %(most)s) AS first_ones)
FROM unnest(%(numbers)s::int[], %(kinds)s::text[], %(subjects)s::bigint[], %(begins)s::timestamptz[],
            %(ends)s::timestamptz[]) AS k (number, kind, subject, begins, ends)
"""


def _members(viewer: Viewer, key: Key, page: Page) -> list[Row]:
    begins, ends = key.bounds
    row: dict[str, Any] = {
        "viewer": viewer.id,
        "kind": key.kind,
        "alone": key.alone,
        "subject": key.subject_id,
        "begins": begins,
        "ends": ends,
        "under": page.max_id or LARGEST,
        "over": page.above or 0,
        "limit": page.limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS.format(direction="ASC" if page.upward else "DESC"), row)
        return sorted(cursor.fetchall(), reverse=True)


def _counts(viewer: Viewer, keys: Sequence[Key]) -> dict[Key, int]:
    if not keys:
        return {}
    row: dict[str, Any] = {
        "viewer": viewer.id,
        "most": COUNTED,
        "numbers": list(range(len(keys))),
        "kinds": [key.kind for key in keys],
        "subjects": [key.subject_id for key in keys],
        "begins": [key.bounds[0] for key in keys],
        "ends": [key.bounds[1] for key in keys],
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, row)
        return {keys[number]: count for number, count in cursor.fetchall()}
