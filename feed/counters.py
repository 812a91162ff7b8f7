"""The numbers beside a post and a name: exact, changed in the transaction that changes what they count.

How a step is taken without anybody waiting stands in `feed/counting.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from feed import counting

_PUBLISHED = """
UPDATE upscrolled_accountcounters
SET posts = posts + %(step)s, last_post_on = greatest(last_post_on, %(on)s)
WHERE account_id = %(account)s RETURNING graph_version
"""
# The truth of every number beside a post; what was counted aside is not in the row yet.
_COUNTED = """
  (SELECT count(*) FROM feed_like l WHERE l.post_id = {post}) AS likes,
  (SELECT count(*) FROM feed_post s WHERE s.repost_of_id = {post} AND s.deleted_at IS NULL) AS reposts,
  (SELECT count(*) FROM feed_post r WHERE r.in_reply_to_id = {post} AND r.deleted_at IS NULL) AS replies,
  (SELECT count(*) FROM feed_post q
   WHERE q.quote_of_id = {post} AND q.deleted_at IS NULL AND q.quote_state = 'accepted') AS quotes"""
_DRIFT = f"""
SELECT p.id, h.likes, h.reposts, h.replies, h.quotes, t.likes, t.reposts, t.replies, t.quotes
FROM feed_post p LEFT JOIN feed_postcounters c ON c.post_id = p.id
CROSS JOIN LATERAL {counting.beside("p.id")} n
CROSS JOIN LATERAL (SELECT
  coalesce(c.likes, 0) + n.likes AS likes, coalesce(c.reposts, 0) + n.reposts AS reposts,
  coalesce(c.replies, 0) + n.replies AS replies, coalesce(c.quotes, 0) + n.quotes AS quotes) h
CROSS JOIN LATERAL (SELECT {_COUNTED.format(post="p.id")}) t
WHERE p.id > %(above)s AND p.deleted_at IS NULL AND p.repost_of_id IS NULL
  AND (h.likes, h.reposts, h.replies, h.quotes) <> (t.likes, t.reposts, t.replies, t.quotes)
ORDER BY p.id LIMIT %(limit)s
"""
_RECOUNT = f"""
UPDATE feed_postcounters c
SET likes = t.likes - n.likes, reposts = t.reposts - n.reposts, replies = t.replies - n.replies,
    quotes = t.quotes - n.quotes
FROM (SELECT {_COUNTED.format(post="%(post)s")}) t, {counting.beside("%(post)s")} n
WHERE c.post_id = %(post)s
"""
_ASIDE = "SELECT DISTINCT post_id FROM feed_sidecount ORDER BY post_id LIMIT %(limit)s"
# Whoever is at a row of theirs keeps it until the next fold; a row that is taken is not in anybody's way.
_FOLD = f"""
WITH taken AS (
  DELETE FROM feed_sidecount s USING (
    SELECT post_id, backend FROM feed_sidecount WHERE post_id = %(post)s FOR UPDATE SKIP LOCKED) f
  WHERE s.post_id = f.post_id AND s.backend = f.backend
  RETURNING s.*
), total AS (
  SELECT {", ".join(f"sum({name}) AS {name}" for name in counting.NUMBERS)},
         {", ".join(f"sum(ticket_{name}) AS ticket_{name}" for name in counting.TICKETS)}
  FROM taken HAVING count(*) > 0
), counted AS (
  UPDATE feed_postcounters c SET {", ".join(f"{name} = c.{name} + t.{name}" for name in counting.NUMBERS)}
  FROM total t WHERE c.post_id = %(post)s
)
UPDATE feed_candidate k
SET {", ".join(f"{name} = k.{name} + t.ticket_{name}" for name in counting.TICKETS)},
    base = {counting.base(*(f"k.{name} + t.ticket_{name}" for name in counting.TICKETS))}
FROM total t WHERE k.post_id = %(post)s AND (t.ticket_likes, t.ticket_comments, t.ticket_shares) <> (0, 0, 0)
"""
_FOLDS_WAIT = "2s"  # for the row of a post that is answered without pause


def bump(post_id: int, **steps: int) -> dict[str, int]:
    """Change numbers of a post (`likes`, `reposts`, `replies`, `quotes`) by these steps; return them afterwards.

    Never waits for anybody but whoever gives the post its very first number. Its row may stay locked until the
    transaction ends, which makes others count beside it (`counting`).
    """
    names = tuple(steps)
    row = _one(_bump(names), {"post": post_id, **steps})
    assert row is not None
    return dict(zip(names, row, strict=True))


@cache
def _bump(names: tuple[str, ...]) -> str:
    return f"WITH {counting.steps(names)} {counting.standing(names)}"


def published(account_id: int, *, step: int, on: date | None) -> int:
    """Count a post of this account (or its deletion, `step` -1); return the version of its relations."""
    row = _one(_PUBLISHED, {"account": account_id, "step": step, "on": on})
    assert row is not None
    return int(row[0])


def drift(*, above: int = 0, limit: int = 1_000) -> list[tuple[int, ...]]:
    """Return posts whose numbers differ from the rows: (id, the four numbers held, then the four counted)."""
    with connection.cursor() as cursor:
        cursor.execute(_DRIFT, {"above": above, "limit": limit})
        rows: list[tuple[int, ...]] = cursor.fetchall()
        return rows


@transaction.atomic
def recount(post_id: int) -> None:
    """Write the numbers of a post anew from the rows. People may go on meanwhile: they count beside it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO feed_postcounters (post_id, likes, reposts, replies, quotes)
               VALUES (%(post)s, 0, 0, 0, 0) ON CONFLICT (post_id) DO NOTHING""",
            {"post": post_id},
        )
        hold([post_id])
        cursor.execute(_RECOUNT, {"post": post_id})


def hold(post_ids: Sequence[int]) -> None:
    """Keep the rows of these posts' numbers, and with them their tickets, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT 1 FROM feed_postcounters WHERE post_id = ANY(%(ids)s::bigint[])
               ORDER BY post_id FOR NO KEY UPDATE""",
            {"ids": list(post_ids)},
        )


def fold(*, limit: int = 1_000) -> int:
    """Put what was counted beside posts into their rows and tickets; return how many posts were folded.

    Anybody may call it at any time: no number that is shown changes by it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ASIDE, {"limit": limit})
        post_ids = [row[0] for row in cursor.fetchall()]
    return sum(_fold(post_id) for post_id in post_ids)


def _fold(post_id: int) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{_FOLDS_WAIT}'")
            hold([post_id])
            cursor.execute(_FOLD, {"post": post_id})
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        return False  # the next fold tries again
    return True


def _one(sql: str, params: dict[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
