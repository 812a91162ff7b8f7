"""The numbers beside a post and a name: exact, changed in the transaction that changes what they count."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection

_BUMP = """
INSERT INTO feed_postcounters AS c (post_id, likes, reposts, replies)
VALUES (%(post)s, greatest(%(likes)s, 0), greatest(%(reposts)s, 0), greatest(%(replies)s, 0))
ON CONFLICT (post_id) DO UPDATE SET likes = c.likes + %(likes)s, reposts = c.reposts + %(reposts)s,
                                    replies = c.replies + %(replies)s
RETURNING likes, reposts, replies
"""
_PUBLISHED = """
UPDATE upscrolled_accountcounters
SET posts = posts + %(step)s, last_post_on = greatest(last_post_on, %(on)s)
WHERE account_id = %(account)s
"""
# The truth of every number beside a post.
_DRIFT = """
SELECT p.id, coalesce(c.likes, 0), coalesce(c.reposts, 0), coalesce(c.replies, 0), t.likes, t.reposts, t.replies
FROM feed_post p LEFT JOIN feed_postcounters c ON c.post_id = p.id
CROSS JOIN LATERAL (SELECT
  (SELECT count(*) FROM feed_like l WHERE l.post_id = p.id) AS likes,
  (SELECT count(*) FROM feed_post s WHERE s.repost_of_id = p.id AND s.deleted_at IS NULL) AS reposts,
  (SELECT count(*) FROM feed_post r WHERE r.in_reply_to_id = p.id AND r.deleted_at IS NULL) AS replies) t
WHERE p.id > %(above)s AND p.deleted_at IS NULL AND p.repost_of_id IS NULL
  AND (coalesce(c.likes, 0), coalesce(c.reposts, 0), coalesce(c.replies, 0)) <> (t.likes, t.reposts, t.replies)
ORDER BY p.id LIMIT %(limit)s
"""


def bump(post_id: int, *, likes: int = 0, reposts: int = 0, replies: int = 0) -> tuple[int, int, int]:
    """Change the numbers of a post by these steps; return (likes, reposts, replies) as they then stand.

    The row stays locked until the transaction ends, so this is a verb's last write but for notifications.
    """
    steps = {"post": post_id, "likes": likes, "reposts": reposts, "replies": replies}
    row = _one(_BUMP, steps)
    assert row is not None
    return row[0], row[1], row[2]


def published(account_id: int, *, step: int, on: date | None) -> None:
    """Count a post of this account (or its deletion, `step` -1)."""
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISHED, {"account": account_id, "step": step, "on": on})


def drift(*, above: int = 0, limit: int = 1_000) -> list[tuple[int, ...]]:
    """Return posts whose numbers differ from the rows: (id, likes, reposts, replies held, then counted)."""
    with connection.cursor() as cursor:
        cursor.execute(_DRIFT, {"above": above, "limit": limit})
        rows: list[tuple[int, ...]] = cursor.fetchall()
        return rows


def recount(post_id: int) -> None:
    """Write the numbers of a post anew from the rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO feed_postcounters (post_id, likes, reposts, replies)
               SELECT %(post)s,
                 (SELECT count(*) FROM feed_like WHERE post_id = %(post)s),
                 (SELECT count(*) FROM feed_post WHERE repost_of_id = %(post)s AND deleted_at IS NULL),
                 (SELECT count(*) FROM feed_post WHERE in_reply_to_id = %(post)s AND deleted_at IS NULL)
               ON CONFLICT (post_id) DO UPDATE
               SET likes = excluded.likes, reposts = excluded.reposts, replies = excluded.replies""",
            {"post": post_id},
        )


def _one(sql: str, params: dict[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
