"""The rows that discover draws from, kept in step with what people do, in the transaction in which they do it.

Tickets count distinct people (docs/ranking.md): confirmed, neither suspended nor on hold nor uncounted by a decision,
never the author. A verb counts its actor, unless a row of `Uncounted` says not to; when somebody's standing changes,
the clock has what they touched counted again from the rows (`feed/standing.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, transaction

from feed import counters, counting
from feed.ranking import formula
from upscrolled.core import ids

DAY_MS = 86_400_000
# Whether the post `p` shows a video: the pool of videos takes it then. A post gets attachments when they can be played.
HAS_VIDEO = """EXISTS (SELECT 1 FROM feed_postmedia m JOIN upscrolled_mediaattachment v ON v.id = m.attachment_id
  WHERE m.post_id = p.id AND m.position IS NOT NULL AND v.kind = 'video')"""
_ENTER = f"""
INSERT INTO feed_candidate (post_id, author_id, likes, comments, shares, base, ring, day, video)
SELECT post_id, author_id, 0, 0, 0, {counting.base("0", "0", "0")}, ring, day,
       {HAS_VIDEO.replace("p.id", "new.post_id")}
FROM (VALUES (%(post)s::bigint, %(author)s::bigint, %(ring)s::bigint, %(day)s::int))
     AS new (post_id, author_id, ring, day)
ON CONFLICT (post_id) DO NOTHING
"""
_LOOK = f"""
UPDATE feed_candidate c SET video = NOT c.video FROM feed_post p
WHERE c.post_id = %(post)s AND p.id = c.post_id AND c.video <> {HAS_VIDEO}
"""
# Who counts, and what: the definition from which every count can be made again.
_COUNTS_FOR = """
  {who} <> c.author_id
  AND EXISTS (SELECT 1 FROM upscrolled_account a
              WHERE a.id = {who} AND a.is_active AND a.confirmed_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM upscrolled_restriction r WHERE r.subject_kind = 'account'
                  AND r.subject_id = {who} AND r.kind IN ('account_suspended', 'hold', 'uncounted')
                  AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now()))"""
# What a row has to hold: the truth without what was counted beside it and is not folded in yet.
_DUE = f"""
SELECT c.post_id,
  (SELECT count(*) FROM feed_like l
   WHERE l.post_id = c.post_id AND {_COUNTS_FOR.format(who="l.account_id")}) - n.likes AS likes,
  (SELECT count(DISTINCT p.author_id) FROM feed_post p
   WHERE p.in_reply_to_id = c.post_id AND p.deleted_at IS NULL AND p.audience <> 'followers'
     AND {_COUNTS_FOR.format(who="p.author_id")}) - n.comments AS comments,
  (SELECT count(DISTINCT s.author_id) FROM feed_post s
   WHERE s.repost_of_id = c.post_id AND s.deleted_at IS NULL AND s.audience = 'public'
     AND {_COUNTS_FOR.format(who="s.author_id")}) - n.shares AS shares
FROM feed_candidate c CROSS JOIN LATERAL (
  SELECT coalesce(sum(ticket_likes), 0) AS likes, coalesce(sum(ticket_comments), 0) AS comments,
         coalesce(sum(ticket_shares), 0) AS shares
  FROM feed_sidecount WHERE post_id = c.post_id) n
WHERE c.post_id = ANY(%(ids)s)
"""
_RECOUNT = f"""
UPDATE feed_candidate f SET likes = t.likes, comments = t.comments, shares = t.shares,
    base = {counting.base("t.likes", "t.comments", "t.shares", post="f.post_id")}
FROM ({_DUE}) t
WHERE f.post_id = t.post_id AND (f.likes, f.comments, f.shares) <> (t.likes, t.comments, t.shares)
"""
_MISCOUNTED = f"""
SELECT f.post_id FROM feed_candidate f JOIN ({_DUE}) t ON f.post_id = t.post_id
WHERE (f.likes, f.comments, f.shares) <> (t.likes, t.comments, t.shares) ORDER BY f.post_id
"""
# Two replies of one person at the same moment have to see each other, or both would count, or neither end.
_ALONE = "SELECT pg_advisory_xact_lock(hashint8extended(%(post)s, %(by)s))"
_OTHER_REPLY = """
SELECT EXISTS (SELECT 1 FROM feed_post p
               WHERE p.in_reply_to_id = %(post)s AND p.author_id = %(by)s AND p.id <> %(reply)s
                 AND p.deleted_at IS NULL AND p.audience <> 'followers')
"""


def ring(post_id: int) -> int:
    """Place of a post on the ring of `mix(id)`, shifted into PostgreSQL's signed numbers, order kept."""
    return formula.mix(post_id) - 2**63


def enter(post_id: int, *, author_id: int) -> None:
    """Let discover draw this post: it is public and original, and has its attachments."""
    day = ids.created_ms(post_id) // DAY_MS
    _run(_ENTER, {"post": post_id, "author": author_id, "ring": ring(post_id), "day": day})


def look_for_video(post_id: int) -> None:
    """Let the pool of videos take a post whose attachments were changed, or leave it."""
    _run(_LOOK, {"post": post_id})


def leave(post_id: int) -> None:
    """Take a post out of discover: deleted, or no longer for everybody."""
    _run("DELETE FROM feed_candidate WHERE post_id = %(post)s", {"post": post_id})


def shared(post_id: int, *, by: int, step: int) -> None:
    """Count a public share, or its end (`step` -1)."""
    _count(post_id, by=by, shares=step)


def answered(post_id: int, *, by: int, reply_id: int, step: int) -> None:
    """Count a public or unlisted reply, or its end (`step` -1), once for each person."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, {"post": post_id, "by": by})
        cursor.execute(_OTHER_REPLY, {"post": post_id, "by": by, "reply": reply_id})
        row = cursor.fetchone()
    if row is not None and not row[0]:
        _count(post_id, by=by, comments=step)


@transaction.atomic
def recount(post_ids: Sequence[int]) -> int:
    """Count the tickets of these posts again from the rows that are the truth; return how many differed.

    People may go on meanwhile: they count beside the rows.
    """
    counters.hold(post_ids)
    return _run(_RECOUNT, {"ids": list(post_ids)})


def miscounted(post_ids: Sequence[int]) -> list[int]:
    """Return those of the posts whose tickets differ from the rows that are the truth."""
    with connection.cursor() as cursor:
        cursor.execute(_MISCOUNTED, {"ids": list(post_ids)})
        return [row[0] for row in cursor.fetchall()]


def _count(post_id: int, *, by: int, **tickets: int) -> None:
    steps = {f"ticket_{name}": step for name, step in tickets.items()}
    _run(_counted(tuple(tickets)), {"post": post_id, "by": by, **steps})


@cache
def _counted(tickets: tuple[str, ...]) -> str:
    return f"WITH {counting.steps((), tickets)} SELECT 1"


def _run(sql: str, params: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)
