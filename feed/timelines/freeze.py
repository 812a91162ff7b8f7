"""Freeze a pool: both parts of an epoch, out of PostgreSQL, in one statement (spec version 1; docs/ranking.md).

One statement sees one snapshot, whatever else goes on. Its answer comes as binary COPY and goes into numpy
as it is: twenty thousand rows as Python objects would cost more than reading them does.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from feed.ranking.formula import NEWEST, Weights
from feed.ranking.pool import FRESH, POPULAR, Pool, ring_start
from feed.timelines.kinds import ALL, KINDS

DAY_MS: Final = 86_400_000

# What is out of every pool although its row stands: restrictions in force everywhere, closed accounts, authors who
# opted out. A restriction for some countries takes a post out for the viewers there alone. `IS FALSE` rather than
# NOT keeps the planner from making joins of them: with statistics that lag behind, a nested one took a second. The same
# stands in `eligibility.py`, read from the posts themselves: an audit holds the two together in every snapshot.
_IN_FORCE = """r.countries = '{{}}' AND r.starts_at <= %(at)s
  AND (r.ends_at IS NULL OR r.ends_at > %(at)s)"""
_ELIGIBLE = f"""
  c.post_id < %(ends)s AND {{predicate}}
  AND EXISTS (SELECT 1 FROM upscrolled_restriction r
              WHERE r.subject_kind = 'post' AND r.subject_id = c.post_id
                AND r.kind IN ('removed', 'hidden_from_discover', 'hold') AND {_IN_FORCE}) IS FALSE
  AND EXISTS (SELECT 1 FROM upscrolled_restriction r
              WHERE r.subject_kind = 'account' AND r.subject_id = c.author_id
                AND r.kind IN ('account_suspended', 'hidden_from_discover', 'hold') AND {_IN_FORCE}) IS FALSE
  AND EXISTS (SELECT 1 FROM upscrolled_account a WHERE a.id = c.author_id AND a.is_active AND a.discoverable)"""
_KEPT = "c.post_id, c.author_id, c.likes, c.comments, c.shares, c.base"
# Below zero until the next fold, if at all (`feed/counting.py`); `base` takes it for zero as well.
_COLUMNS = """c.post_id, c.author_id, greatest(c.likes, 0), greatest(c.comments, 0), greatest(c.shares, 0),
  c.base"""
# The three literal limits are those of the partial index; without them the planner could not use it.
_ARC = f"""SELECT {_KEPT}, c.ring FROM feed_candidate c
  WHERE c.day = {{day}} AND c.ring {{side}} %(start)s AND c.likes <= 9 AND c.comments <= 4 AND c.shares <= 3
    AND 1 + %(w_like)s * c.likes + %(w_comment)s * c.comments + %(w_share)s * c.shares <= %(max_tickets)s
    AND c.post_id >= %(begins)s AND {_ELIGIBLE}
  ORDER BY c.ring LIMIT {{limit}}"""


# Round the top of the ring only as far as the first arc left room.
_ROOM = "%(fresh_size)s - (SELECT count(*) FROM up)"
_POOL = f"""COPY (
WITH up AS MATERIALIZED ({{up}}), round AS MATERIALIZED ({{round}}),
popular AS (SELECT {_KEPT} FROM feed_candidate c WHERE {_ELIGIBLE}
            ORDER BY c.base DESC, c.post_id DESC LIMIT %(pool_size)s)
SELECT {_COLUMNS}, {POPULAR}::smallint FROM popular c
UNION ALL SELECT {_COLUMNS}, {FRESH}::smallint FROM up c
UNION ALL SELECT {_COLUMNS}, {FRESH}::smallint FROM round c
) TO STDOUT (FORMAT binary)"""


@cache
def _pool_sql(predicate: str) -> str:
    arcs = {"up": _arc(">=", "%(fresh_size)s", predicate), "round": _arc("<", _ROOM, predicate)}
    return _POOL.format(predicate=predicate, **arcs)


def _arc(side: str, limit: str, predicate: str) -> str:
    """Both days of the window, up the ring."""
    days = (
        f"({_ARC.format(day=day, side=side, limit=limit, predicate=predicate)})"
        for day in ("%(today)s - 1", "%(today)s")
    )
    return f"SELECT c.* FROM ({' UNION ALL '.join(days)}) c ORDER BY c.ring LIMIT {limit}"


# A binary row: how many fields, then length and value of each, all big-endian.
_FIELDS = (
    ("id", ">i8"),
    ("author_id", ">i8"),
    ("likes", ">i4"),
    ("comments", ">i4"),
    ("shares", ">i4"),
    ("base", ">f8"),
    ("part", ">i2"),
)
_ROW: Final = np.dtype(
    [
        ("fields", ">i2"),
        *(pair for name, kind in _FIELDS for pair in ((f"{name}_length", ">i4"), (name, kind))),
    ]
)
_HEADER, _TRAILER = 19, 2


def freeze(
    *, now: datetime, previous: bytes, after_ms: int = 0, kind: str = ALL, weights: Weights = NEWEST
) -> Pool:
    """Freeze the pool of this moment. Its epoch is later than `after_ms`, even if the clock went back."""
    epoch_ms = max(after_ms + 1, int(now.timestamp() * 1000))
    rows = _read(_pool_sql(KINDS[kind].predicate), epoch_ms, ring_start(previous, epoch_ms), weights)
    popular = rows["part"] == POPULAR
    return Pool.of(
        rows[popular], rows[~popular], epoch_ms=epoch_ms, previous=previous, version=weights.version
    )


def _read(sql: str, epoch_ms: int, start: int, w: Weights) -> NDArray[np.void]:
    numbers = {
        "at": f"to_timestamp({epoch_ms} / 1000.0)",
        "ends": epoch_ms + 1 << 16,
        "begins": epoch_ms - w.fresh_window_ms << 16,
        "today": epoch_ms // DAY_MS,
        "start": start - 2**63,  # as `candidates.ring` stores it
        "pool_size": w.pool_size,
        "fresh_size": w.fresh_size,
        "max_tickets": w.fresh_max_tickets,
        "w_like": w.w_like,
        "w_comment": w.w_comment,
        "w_share": w.w_share,
    }
    # COPY takes no parameters; these are numbers of ours.
    with connection.cursor() as cursor, cursor.copy(sql % numbers) as copy:
        data = b"".join(bytes(block) for block in copy)
    return np.frombuffer(data, _ROW, count=(len(data) - _HEADER - _TRAILER) // _ROW.itemsize, offset=_HEADER)
