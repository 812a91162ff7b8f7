"""What one reads of one's own: positions, news of the house."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import msgspec

from upscrolled.queries.rows import rows
from upscrolled.viewer import Viewer


class Position(NamedTuple):
    """How far somebody has read in a timeline."""

    timeline: str
    last_read_id: int
    version: int
    updated_at: datetime


class Reaction(msgspec.Struct, kw_only=True):
    """How many answer with this emoji, and whether the viewer does."""

    name: str
    count: int
    me: bool


class News(NamedTuple):
    """An announcement, whether the viewer has read it, and the answers as JSON text."""

    id: int
    text: str
    starts_at: datetime | None
    ends_at: datetime | None
    all_day: bool
    published_at: datetime
    updated_at: datetime
    read: bool
    answers: str

    def reactions(self) -> list[Reaction]:
        """Return the answers, the oldest emoji first."""
        return msgspec.json.decode(self.answers, type=list[Reaction])


_POSITIONS = """
SELECT timeline, last_read_id, version, updated_at FROM upscrolled_marker
WHERE account_id = %(viewer)s AND timeline = ANY(%(timelines)s::text[])
"""
_NEWS = """
SELECT n.id, n.text, n.starts_at, n.ends_at, n.all_day, n.published_at, n.updated_at, r.id IS NOT NULL,
  coalesce((SELECT json_agg(json_build_object('name', t.name, 'count', t.count, 'me',
              EXISTS (SELECT 1 FROM upscrolled_announcementreaction mine WHERE mine.account_id = %(viewer)s
                      AND mine.announcement_id = n.id AND mine.name = t.name)) ORDER BY t.id)
            FROM upscrolled_announcementtally t WHERE t.announcement_id = n.id AND t.count > 0), '[]')::text
FROM upscrolled_announcement n
LEFT JOIN LATERAL (SELECT x.id FROM upscrolled_announcementread x
                   WHERE x.account_id = %(viewer)s AND x.announcement_id = n.id LIMIT 1) r ON true
WHERE n.published_at <= %(now)s AND (n.ends_at IS NULL OR n.ends_at > %(now)s)
  AND (r.id IS NULL OR %(read_too)s)
ORDER BY coalesce(n.starts_at, n.published_at), n.id
LIMIT 100
"""


def positions(viewer: Viewer, timelines: Collection[str]) -> list[Position]:
    """Return how far the viewer has read in these timelines, where they have said so."""
    found = rows(_POSITIONS, {"viewer": viewer.id, "timelines": list(timelines)})
    return [Position(*row) for row in found]


def announcements(viewer: Viewer, *, read_too: bool, now: datetime) -> list[News]:
    """Return the news of the house that are shown now, the oldest first."""
    return [News(*row) for row in rows(_NEWS, {"viewer": viewer.id, "now": now, "read_too": read_too})]
