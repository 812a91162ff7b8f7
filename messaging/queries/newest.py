"""The newest messages of all conversations of one person, which old clients of the Mastodon API read as a timeline."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection

from messaging.visibility import FOUND, SEEN
from upscrolled.core.ids import LARGEST
from upscrolled.core.paging import Page
from upscrolled.viewer import Viewer


class Newest(NamedTuple):
    """Ids of messages, the newest first, and those of the ends of the page, by which the pages go."""

    ids: list[int]
    first: int | None = None
    last: int | None = None


_PAGE = f"""
SELECT x.id FROM messaging_member m
JOIN messaging_conversation c ON c.id = m.conversation_id
JOIN messaging_message x ON x.conversation_id = m.conversation_id
WHERE m.account_id = %(viewer)s AND m.state = 'accepted' AND {FOUND} AND x.deleted_at IS NULL
  AND x.id < %(under)s::bigint AND x.id > %(over)s::bigint AND {SEEN}
ORDER BY x.id {{direction}} LIMIT %(limit)s
"""


def across(viewer: Viewer, page: Page) -> Newest:
    """Return a page of the messages of accepted conversations, whichever they are in; not those that are deleted."""
    row: dict[str, Any] = {
        "viewer": viewer.id,
        "under": page.max_id or LARGEST,
        "over": page.above or 0,
        "limit": page.limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PAGE.format(direction="ASC" if page.upward else "DESC"), row)
        found = sorted((number for (number,) in cursor.fetchall()), reverse=True)
    if not found:
        return Newest([])
    return Newest(found, found[0], found[-1] if len(found) == page.limit else None)
