"""The rows that discover draws from, kept in step with what people do, in the transaction in which they do it.

Tickets count distinct people (docs/ranking.md): confirmed, neither suspended nor on hold, never the author.
Whoever is not may not act at all (`visibility.require_interact`), so a verb counts its actor; when
somebody's standing changes, what they touched has to be counted again from the rows (`recount`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from feed.ranking import formula
from upscrolled.core import ids

DAY_MS = 86_400_000
_W = formula.V1


def _base(likes: str, comments: str, shares: str) -> str:
    """The formula of `ranking.formula.base` in SQL; an id carries its created_ms above 16 bits."""
    return f"""(ln((1 + {_W.w_like} * ({likes}) + {_W.w_comment} * ({comments}) + {_W.w_share} * ({shares}))::float8)
        + ((post_id >> 16) - {_W.origin_ms})::float8 / ({_W.half_life_ms}::float8 / ln(2::float8)))"""


_ENTER = f"""
INSERT INTO feed_candidate (post_id, author_id, likes, comments, shares, base, ring, day)
SELECT post_id, author_id, 0, 0, 0, {_base("0", "0", "0")}, ring, day
FROM (VALUES (%(post)s::bigint, %(author)s::bigint, %(ring)s::bigint, %(day)s::int))
     AS new (post_id, author_id, ring, day)
ON CONFLICT (post_id) DO NOTHING
"""
_COUNT = f"""
UPDATE feed_candidate
SET likes = likes + %(likes)s, comments = comments + %(comments)s, shares = shares + %(shares)s,
    base = {_base("likes + %(likes)s", "comments + %(comments)s", "shares + %(shares)s")}
WHERE post_id = %(post)s AND author_id <> %(by)s
"""
# Who counts, and what: the definition from which every count can be made again.
_COUNTS_FOR = """
  {who} <> c.author_id
  AND EXISTS (SELECT 1 FROM upscrolled_account a
              WHERE a.id = {who} AND a.is_active AND a.confirmed_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM upscrolled_restriction r WHERE r.subject_kind = 'account'
                  AND r.subject_id = {who} AND r.kind IN ('account_suspended', 'hold')
                  AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now()))"""
_TRUTH = f"""
SELECT c.post_id,
  (SELECT count(*) FROM feed_like l
   WHERE l.post_id = c.post_id AND {_COUNTS_FOR.format(who="l.account_id")}) AS likes,
  (SELECT count(DISTINCT p.author_id) FROM feed_post p
   WHERE p.in_reply_to_id = c.post_id AND p.deleted_at IS NULL AND p.audience <> 'followers'
     AND {_COUNTS_FOR.format(who="p.author_id")}) AS comments,
  (SELECT count(DISTINCT s.author_id) FROM feed_post s
   WHERE s.repost_of_id = c.post_id AND s.deleted_at IS NULL AND s.audience = 'public'
     AND {_COUNTS_FOR.format(who="s.author_id")}) AS shares
FROM feed_candidate c WHERE c.post_id = ANY(%(ids)s)
"""
_RECOUNT = f"""
UPDATE feed_candidate f SET likes = t.likes, comments = t.comments, shares = t.shares,
    base = {_base("t.likes", "t.comments", "t.shares").replace("post_id", "f.post_id")}
FROM ({_TRUTH}) t
WHERE f.post_id = t.post_id AND (f.likes, f.comments, f.shares) <> (t.likes, t.comments, t.shares)
"""
_MISCOUNTED = f"""
SELECT f.post_id FROM feed_candidate f JOIN ({_TRUTH}) t ON f.post_id = t.post_id
WHERE (f.likes, f.comments, f.shares) <> (t.likes, t.comments, t.shares) ORDER BY f.post_id
"""
_OTHER_REPLY = """
SELECT EXISTS (SELECT 1 FROM feed_post p
               WHERE p.in_reply_to_id = %(post)s AND p.author_id = %(by)s AND p.id <> %(reply)s
                 AND p.deleted_at IS NULL AND p.audience <> 'followers')
"""


def ring(post_id: int) -> int:
    """Place of a post on the ring of `mix(id)`, shifted into PostgreSQL's signed numbers, order kept."""
    return formula.mix(post_id) - 2**63


def enter(post_id: int, *, author_id: int) -> None:
    """Let discover draw this post: it is public and original."""
    day = ids.created_ms(post_id) // DAY_MS
    _run(_ENTER, {"post": post_id, "author": author_id, "ring": ring(post_id), "day": day})


def leave(post_id: int) -> None:
    """Take a post out of discover: deleted, or no longer for everybody."""
    _run("DELETE FROM feed_candidate WHERE post_id = %(post)s", {"post": post_id})


def liked(post_id: int, *, by: int, step: int) -> None:
    """Count a like, or its end (`step` -1)."""
    _count(post_id, by=by, likes=step)


def shared(post_id: int, *, by: int, step: int) -> None:
    """Count a public share, or its end (`step` -1)."""
    _count(post_id, by=by, shares=step)


def answered(post_id: int, *, by: int, reply_id: int, step: int) -> None:
    """Count a public or unlisted reply, or its end (`step` -1), once for each person.

    The caller has changed the post's count of replies before (`counters.bump`) and so holds its row: without
    that, two replies of one person at the same moment would not see each other and count twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OTHER_REPLY, {"post": post_id, "by": by, "reply": reply_id})
        row = cursor.fetchone()
    if row is not None and not row[0]:
        _count(post_id, by=by, comments=step)


def recount(post_ids: Sequence[int]) -> int:
    """Count the tickets of these posts again from the rows that are the truth; return how many differed."""
    return _run(_RECOUNT, {"ids": list(post_ids)})


def miscounted(post_ids: Sequence[int]) -> list[int]:
    """Return those of the posts whose tickets differ from the rows that are the truth."""
    with connection.cursor() as cursor:
        cursor.execute(_MISCOUNTED, {"ids": list(post_ids)})
        return [row[0] for row in cursor.fetchall()]


def _count(post_id: int, *, by: int, likes: int = 0, comments: int = 0, shares: int = 0) -> None:
    _run(_COUNT, {"post": post_id, "by": by, "likes": likes, "comments": comments, "shares": shares})


def _run(sql: str, params: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)
