"""The numbers of the surge world, each made of the rows that it counts; and who is told of them."""

from __future__ import annotations

import numpy as np
from django.db import connection

from feed import candidates
from feed.models import Candidate, PostCounters
from feed.ranking import formula
from upscrolled.core import ids
from upscrolled.demo import bulk
from upscrolled.demo.surge import TOLD, Surge, moment
from upscrolled.models import Notification


def write_posts() -> int:
    """A post that somebody reacted to has a row of numbers; the others have none."""
    return bulk.insert(
        PostCounters,
        {"post_id": "c.id", "likes": "c.likes", "reposts": "c.reposts", "replies": "c.replies"},
        """(SELECT id, sum(likes) AS likes, sum(reposts) AS reposts, sum(replies) AS replies FROM (
              SELECT post_id AS id, likes, 0 AS reposts, 0 AS replies FROM scratch.likes UNION ALL
              SELECT original_id, 0, count(*), 0 FROM scratch.share GROUP BY 1 UNION ALL
              SELECT parent_id, 0, 0, count(*) FROM scratch.answer GROUP BY 1) one
            GROUP BY id) c ORDER BY c.id""",
    )


def write_candidates() -> int:
    """Enter every public post into discover with its tickets: each person counts once, the author never."""
    bulk.keep(
        "ticket",
        """SELECT p.id, p.author_id, coalesce(l.likes, 0) AS likes, coalesce(c.comments, 0)::int AS comments,
          coalesce(s.shares, 0)::int AS shares
        FROM scratch.post p LEFT JOIN scratch.likes l ON l.post_id = p.id
        LEFT JOIN (SELECT parent_id, count(DISTINCT author_id) AS comments FROM scratch.answer
                   WHERE author_id <> parent_author_id GROUP BY 1) c ON c.parent_id = p.id
        LEFT JOIN (SELECT original_id, count(*) AS shares FROM scratch.share
                   WHERE author_id <> original_author_id GROUP BY 1) s ON s.original_id = p.id
        WHERE p.audience = 'public'""",
    )
    _place()
    given = {name: f"p.{name}" for name in ("base", "ring", "day")}
    counts = {name: f"t.{name}" for name in ("author_id", "likes", "comments", "shares")}
    return bulk.insert(
        Candidate,
        {"post_id": "p.id", **counts, **given},
        "scratch.place p JOIN scratch.ticket t ON t.id = p.id ORDER BY p.id",
    )


# Binary COPY: a header, rows of how many fields and then length and value of each (big-endian), a trailer.
_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def _place() -> None:
    """Compute where discover finds each candidate, by the ranking's own formulas, into `scratch.place`."""
    bulk.run("CREATE UNLOGGED TABLE scratch.place (id bigint, base float8, ring bigint, day int)")
    w = formula.V1
    tickets = f"1 + {w.w_like} * likes + {w.w_comment} * comments + {w.w_share} * shares"
    asked = _layout(id=">i8", tickets=">i4")
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY (SELECT id, {tickets} FROM scratch.ticket) TO STDOUT (FORMAT binary)") as out:
            data = b"".join(bytes(block) for block in out)
        count = (len(data) - len(_HEADER) - len(_TRAILER)) // asked.itemsize
        rows = np.frombuffer(data, asked, count=count, offset=len(_HEADER))
        post_ids = rows["id"].astype(np.int64)
        created = post_ids >> ids.LOW_BITS
        placed = np.zeros(count, _layout(id=">i8", base=">f8", ring=">i8", day=">i4"))
        placed["fields"] = 4
        for name, size in (("id", 8), ("base", 8), ("ring", 8), ("day", 4)):
            placed[f"{name}_length"] = size
        placed["id"], placed["day"] = post_ids, created // candidates.DAY_MS
        placed["base"] = formula.base_all(rows["tickets"].astype(np.float64), created.astype(np.float64))
        mixed = formula.mix_all(post_ids.astype(np.uint64))
        placed["ring"] = (mixed ^ np.uint64(1 << 63)).astype(np.uint64).view(np.int64)
        with cursor.copy("COPY scratch.place (id, base, ring, day) FROM STDIN (FORMAT binary)") as into:
            into.write(_HEADER)
            into.write(placed.tobytes())
            into.write(_TRAILER)
    bulk.run("ANALYZE scratch.place")


def _layout(**fields: str) -> np.dtype[np.void]:
    pairs = [pair for name, kind in fields.items() for pair in ((f"{name}_length", ">i4"), (name, kind))]
    return np.dtype([("fields", ">i2"), *pairs])


def write_accounts() -> int:
    """Count each account's posts and replies, and note the day of the last."""
    return bulk.run(
        """UPDATE upscrolled_accountcounters c SET posts = n.posts,
          last_post_on = (to_timestamp((n.last >> 16) / 1000.0) AT TIME ZONE 'UTC')::date
        FROM (SELECT author_id, count(*) AS posts, max(id) AS last FROM (
                SELECT id, author_id FROM scratch.post UNION ALL SELECT id, author_id FROM scratch.answer) said
              GROUP BY 1) n
        WHERE c.account_id = n.author_id"""
    )


def write_news(surge: Surge) -> int:
    """Tell people of the last hours' likes, shares and mentions."""
    since = surge.until_ms - int(TOLD.total_seconds() * 1_000)
    kinds = Notification.Kind
    given = {
        "recipient_id": "n.recipient",
        "actor_id": "n.actor",
        "kind": "n.kind",
        "subject_id": "n.subject",
        "created_at": moment("n.ms"),
    }
    return bulk.insert(
        Notification,
        given,
        f"""(SELECT author_id AS recipient, account_id AS actor, '{kinds.LIKE.value}' AS kind, post_id AS subject, ms
             FROM scratch.mark UNION ALL
             SELECT original_author_id, author_id, '{kinds.REPOST.value}', original_id, id >> {ids.LOW_BITS}
             FROM scratch.share UNION ALL
             SELECT parent_author_id, author_id, '{kinds.MENTION.value}', id, id >> {ids.LOW_BITS}
             FROM scratch.answer WHERE naming) n
        WHERE n.ms >= {since} AND n.recipient <> n.actor ORDER BY n.ms""",
    )
