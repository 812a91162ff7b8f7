"""What the ground owes by rows: media that wait to be looked at, and such as wait to be made anew."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from upscrolled.backlog import Waiting

_COUNTED = 10_000
_DUE = """
SELECT (x.looked IS NOT NULL), count(*), min(x.due_at) FROM (
  SELECT looked, due_at FROM upscrolled_mediaattachment
  WHERE due_at <= %(now)s AND deleted_at IS NULL ORDER BY due_at LIMIT %(most)s) x GROUP BY 1
"""


def owed(now: datetime) -> list[Waiting]:
    """Tell how many uploads wait for a worker, and since when the first; at most 10,000 are counted."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, "most": _COUNTED})
        found = {known: (count, since) for known, count, since in cursor.fetchall()}
    return [
        _waiting("uploads", *found.get(False, (0, None)), now),
        _waiting("videos", *found.get(True, (0, None)), now),
    ]


def _waiting(name: str, count: int, since: datetime | None, now: datetime) -> Waiting:
    return Waiting(name, count, None if since is None else max((now - since).total_seconds(), 0.0))
