"""What is still owed to readers: a row written with the post, deleted in the transaction that delivers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from upscrolled.backlog import Waiting
from upscrolled.core import ids


@dataclass(frozen=True, slots=True)
class Owed:
    """Posts taken from the outbox, and how many followers their authors have together."""

    post_ids: list[int]
    readers: int


# Ends a statement that makes a `post`: its delivery is owed from the very moment it exists.
OWE = "INSERT INTO feed_delivery (post_id) SELECT id FROM post"

# Taken is struck off: whoever takes and then fails rolls back, and the rows stand again. The function takes the oldest
# that nobody is at; web and workers strike off a live post's delivery in no other way. Nothing else is read in the same
# statement: the function sees what was committed since that began, and a post that only it saw would be struck off
# and delivered to nobody.
_TAKE = "SELECT feed_take_deliveries(%(limit)s)"
_READERS = """
SELECT p.id, coalesce(c.followers, 0) FROM feed_post p
LEFT JOIN upscrolled_accountcounters c ON c.account_id = p.author_id
WHERE p.id = ANY(%(ids)s::bigint[]) ORDER BY p.id
"""


def anything() -> bool:
    """Say whether a delivery is owed; cheap, for whoever looks often."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM feed_delivery LIMIT 1")
        return cursor.fetchone() is not None


def take(limit: int) -> Owed:
    """Take the oldest deliveries that nobody else is at; they come back if this transaction fails."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"limit": limit})
        taken = [row[0] for row in cursor.fetchall()]
        cursor.execute(_READERS, {"ids": taken})
        rows = cursor.fetchall()
    return Owed([row[0] for row in rows], sum(row[1] for row in rows))


# A post's id says when it was made, so the first of the primary key is the oldest. Nobody needs the exact number
# of a heap.
_COUNTED = 10_000
_OLDEST = """
SELECT (SELECT min(post_id) FROM feed_delivery),
       (SELECT count(*) FROM (SELECT 1 FROM feed_delivery LIMIT %(most)s) AS first_ones),
       (SELECT min(due_at) FROM feed_card WHERE due_at <= %(now)s),
       (SELECT count(*) FROM (SELECT 1 FROM feed_card WHERE due_at <= %(now)s LIMIT %(most)s) AS first_ones),
       (SELECT count(*) FROM (SELECT 1 FROM feed_unindexed LIMIT %(most)s) AS first_ones)
"""


def owed(now: datetime) -> list[Waiting]:
    """Tell how many posts still have to be delivered, pages to be asked, old posts to be found, and since when.

    At most 10,000 of each are counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST, {"most": _COUNTED, "now": now})
        post_id, posts, due_at, pages, unfound = cursor.fetchone()
    return [
        Waiting("deliveries", posts, _age(None if post_id is None else ids.created_at(post_id), now)),
        Waiting("previews", pages, _age(due_at, now)),
        Waiting("search", unfound, None),  # noted when somebody asked for it, which no row remembers
    ]


def _age(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else max((now - since).total_seconds(), 0.0)
