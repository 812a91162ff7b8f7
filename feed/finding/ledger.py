"""Entering posts into the search: new ones when they are delivered, edited ones at once, all of them when asked to."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from feed.finding import backend, document

BATCH = 500
_TAKE = """
DELETE FROM feed_unindexed WHERE post_id IN (
  SELECT u.post_id FROM feed_unindexed u ORDER BY u.post_id DESC LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING post_id
"""
_OWE = """
INSERT INTO feed_unindexed (post_id) SELECT p.id FROM feed_post p
WHERE p.repost_of_id IS NULL AND p.deleted_at IS NULL
  AND (%(all)s OR NOT EXISTS (SELECT 1 FROM feed_postwords w WHERE w.post_id = p.id))
ON CONFLICT DO NOTHING
"""


def enter(post_ids: Iterable[int]) -> None:
    """Let new posts be found; whoever edited one in the meantime has entered it already."""
    backend().enter(document.read(post_ids))


def enter_anew(post_id: int) -> None:
    """Let an edited post be found by what it says now. The caller holds the lock on it."""
    backend().enter(document.read([post_id]), anew=True)


def forget(post_id: int) -> None:
    """Let a deleted post be found no more."""
    backend().forget([post_id])


def owe(*, everything: bool) -> int:
    """Note posts that a worker shall enter, those that are missing or `everything`; return how many were noted."""
    with connection.cursor() as cursor:
        cursor.execute(_OWE, {"all": everything})
        return int(cursor.rowcount)


def enter_owed() -> int:
    """Enter some of the posts that are noted, the newest first; return how many."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, {"limit": BATCH})
            taken = [row[0] for row in cursor.fetchall()]
        if taken:
            backend().enter(document.read(taken, locked=True), anew=True)
    return len(taken)
