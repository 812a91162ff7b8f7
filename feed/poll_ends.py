"""Tell the author and the voters of a poll that it has ended: owed by the row itself until it says `told`."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from upscrolled.models import Notification
from upscrolled.operations.notify import notify_many

_PIECE = 5_000  # people told by one statement
# Whoever else is at a poll keeps it; a poll of a deleted post is no news.
_TAKE = """
UPDATE feed_poll SET told = true WHERE post_id = (
  SELECT q.post_id FROM feed_poll q WHERE NOT q.told AND q.expires_at <= %(now)s
  ORDER BY q.expires_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING post_id, (SELECT p.author_id FROM feed_post p WHERE p.id = post_id AND p.deleted_at IS NULL)
"""
_VOTERS = """
SELECT v.account_id FROM feed_pollvote v WHERE v.poll_id = %(poll)s AND v.account_id > %(above)s
ORDER BY v.account_id LIMIT %(limit)s
"""


def announce(*, now: datetime, at_most: int) -> int:
    """Announce polls that have ended, the oldest end first; return how many. Each is a transaction of its own."""
    count = 0
    while count < at_most and _announce_one(now):
        count += 1
    return count


@transaction.atomic
def _announce_one(now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"now": now})
        taken = cursor.fetchone()
        if taken is None:
            return False
        post_id, author_id = taken
        above = 0
        people = [author_id] if author_id is not None else []
        while people:
            notify_many(people, Notification.Kind.POLL, actor_id=author_id, subject_id=post_id, now=now)
            cursor.execute(_VOTERS, {"poll": post_id, "above": above, "limit": _PIECE})
            people = [row[0] for row in cursor.fetchall()]
            above = people[-1] if people else above
        return True
