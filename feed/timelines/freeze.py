"""Freeze a pool: both parts of an epoch, out of PostgreSQL, in one statement (spec version 1; docs/ranking.md).

One statement sees one snapshot, whatever else goes on. It reads a few more posts than a pool holds, along two indexes,
and then asks of all of them together who is out: one look for each of three tables, not three for each post.
Its answer comes as arrays in binary COPY and goes into numpy as it is: twenty thousand rows one by one would cost more
than reading them does.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import cache
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from feed.ranking import formula
from feed.ranking.formula import NEWEST, Weights
from feed.ranking.pool import FRESH, POPULAR, ROW, Pool, ring_start
from feed.timelines.kinds import ALL, KINDS

log = logging.getLogger(__name__)

DAY_MS: Final = 86_400_000
# How many posts more than a part holds are read, as a share of it: so many may be out. When more are, the statement
# runs again with as many as it takes if posts further down are out as often, and half as many more.
SPARE: Final = 0.1
_AGAIN: Final = 1.5
_MOST: Final = 16  # times as many as before

_KEPT = "c.post_id, c.author_id, c.likes, c.comments, c.shares, c.base"
# The three literal limits are those of the partial index; without them the planner could not use it.
_ARC = f"""SELECT {_KEPT}, c.ring FROM feed_candidate c
  WHERE c.day = {{day}} AND c.ring {{side}} %(start)s AND c.likes <= 9 AND c.comments <= 4 AND c.shares <= 3
    AND 1 + %(w_like)s * c.likes + %(w_comment)s * c.comments + %(w_share)s * c.shares <= %(max_tickets)s
    AND c.post_id >= %(begins)s AND c.post_id < %(ends)s AND {{predicate}}
  ORDER BY c.ring LIMIT {{limit}}"""
# Round the top of the ring only as far as the first arc left room.
_ROOM = "%(fresh)s - (SELECT count(*) FROM up)"
# What is out of every pool although its row stands: restrictions in force everywhere, closed accounts, authors who
# opted out. A restriction for some countries takes a post out for the viewers there alone. The arrays make one walk
# along an index of each question. The same stands in `eligibility.py`, read from the posts themselves: an audit holds
# the two together in every snapshot.
_RESTRICTED = """SELECT r.subject_id FROM upscrolled_restriction r
  WHERE r.subject_kind = '{subject}' AND r.subject_id = ANY(ARRAY(SELECT {ids} FROM near))
    AND r.kind IN ({kinds}) AND cardinality(r.countries) = 0 AND r.starts_at <= %(at)s
    AND (r.ends_at IS NULL OR r.ends_at > %(at)s)"""
_POSTS_OUT = _RESTRICTED.format(
    subject="post", ids="post_id", kinds="'removed', 'hidden_from_discover', 'hold'"
)
_AUTHORS_OUT = f"""{
    _RESTRICTED.format(
        subject="account", ids="author_id", kinds="'account_suspended', 'hidden_from_discover', 'hold'"
    )
}
  UNION ALL
  SELECT a.id FROM upscrolled_account a
  WHERE a.id = ANY(ARRAY(SELECT author_id FROM near)) AND (NOT a.is_active OR NOT a.discoverable)"""
# Everything as one row of arrays.
_FIELDS: Final = {
    "id": ("post_id", ">i8"),
    "author_id": ("author_id", ">i8"),
    "likes": ("likes", ">i4"),
    "comments": ("comments", ">i4"),
    "shares": ("shares", ">i4"),
    "base": ("base", ">f8"),
    "part": ("part", ">i2"),
}
_POOL = f"""
WITH up AS MATERIALIZED ({{up}}), round AS MATERIALIZED ({{round}}),
popular AS (SELECT {_KEPT} FROM feed_candidate c WHERE c.post_id < %(ends)s AND {{predicate}}
            ORDER BY c.base DESC, c.post_id DESC LIMIT %(popular)s),
near AS MATERIALIZED (
  SELECT {_KEPT}, {POPULAR}::smallint AS part FROM popular c
  UNION ALL SELECT {_KEPT}, {FRESH}::smallint FROM up c
  UNION ALL SELECT {_KEPT}, {FRESH}::smallint FROM round c)
SELECT {", ".join(f"array_agg({column})" for column, _ in _FIELDS.values())},
  ARRAY({_POSTS_OUT}), ARRAY({_AUTHORS_OUT})
FROM near"""
# Of COPY in binary: before the first field. Of an array in it: before the first element.
_BEGIN, _ARRAY_BEGIN = 19 + 2, 20


@cache
def _pool_sql(predicate: str) -> str:
    arcs = {"up": _arc(">=", "%(fresh)s", predicate), "round": _arc("<", _ROOM, predicate)}
    return _POOL.format(predicate=predicate, **arcs)


def _arc(side: str, limit: str, predicate: str) -> str:
    """Both days of the window, up the ring."""
    days = (
        f"({_ARC.format(day=day, side=side, limit=limit, predicate=predicate)})"
        for day in ("%(today)s - 1", "%(today)s")
    )
    return f"SELECT c.* FROM ({' UNION ALL '.join(days)}) c ORDER BY c.ring LIMIT {limit}"


def freeze(
    *, now: datetime, previous: bytes, after_ms: int = 0, kind: str = ALL, weights: Weights = NEWEST
) -> Pool:
    """Freeze the pool of this moment. Its epoch is later than `after_ms`, even if the clock went back."""
    epoch_ms = max(after_ms + 1, int(now.timestamp() * 1000))
    start = ring_start(previous, epoch_ms)
    asked = {part: size + int(size * SPARE) + 1 for part, size in _sizes(weights).items()}
    while True:
        rows, out = _read(kind, epoch_ms, start, weights, asked)
        parts = {part: rows[(rows["part"] == part) & ~out] for part in asked}
        short = {
            part
            for part, size in _sizes(weights).items()
            if len(parts[part]) < size and np.count_nonzero(rows["part"] == part) == asked[part]
        }
        if not short:
            break
        for part in short:
            asked[part] = _more(asked[part], kept=len(parts[part]), size=_sizes(weights)[part])
        log.info("Of what is first for pool %s more is out than was read to spare.", kind)
    popular, fresh = parts[POPULAR], parts[FRESH]
    best = np.lexsort((popular["id"], popular["base"]))[::-1][: weights.pool_size]
    met = np.argsort(formula.mix_all(fresh["id"]) - np.uint64(start))[: weights.fresh_size]
    return Pool.of(popular[best], fresh[met], epoch_ms=epoch_ms, previous=previous, version=weights.version)


def _sizes(w: Weights) -> dict[int, int]:
    return {POPULAR: w.pool_size, FRESH: w.fresh_size}


def _more(asked: int, *, kept: int, size: int) -> int:
    """How many posts to read, when of so many only these were kept, to keep enough."""
    return int(asked * min(_MOST, _AGAIN * size / max(kept, 1))) + 1


def statement(kind: str, epoch_ms: int, start: int, w: Weights, asked: dict[int, int]) -> str:
    """What is asked of PostgreSQL for the first `asked` posts of each part, whole: COPY takes no parameters."""
    numbers = {
        "at": f"to_timestamp({epoch_ms} / 1000.0)",
        "ends": epoch_ms + 1 << 16,
        "begins": epoch_ms - w.fresh_window_ms << 16,
        "today": epoch_ms // DAY_MS,
        "start": start - 2**63,  # as `candidates.ring` stores it
        "popular": asked[POPULAR],
        "fresh": asked[FRESH],
        "max_tickets": w.fresh_max_tickets,
        "w_like": w.w_like,
        "w_comment": w.w_comment,
        "w_share": w.w_share,
    }
    return _pool_sql(KINDS[kind].predicate) % numbers


def _read(
    kind: str, epoch_ms: int, start: int, w: Weights, asked: dict[int, int]
) -> tuple[NDArray[np.void], NDArray[np.bool_]]:
    """The first posts of each part, as they stand, and which of them are out."""
    asking = f"COPY ({statement(kind, epoch_ms, start, w, asked)}) TO STDOUT (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(asking) as copy:
        data = b"".join(map(bytes, copy))
    *columns, posts_out, authors_out = _arrays(data, [kind for _, kind in _FIELDS.values()] + [">i8", ">i8"])
    rows = np.empty(len(columns[0]), ROW)
    for name, column in zip(_FIELDS, columns, strict=True):
        # Counts are below zero until the next fold, if at all (`feed/counting.py`); `base` takes it for zero as well.
        rows[name] = np.maximum(column, 0) if name in ("likes", "comments", "shares") else column
    return rows, np.isin(rows["id"], posts_out) | np.isin(rows["author_id"], authors_out)


def _arrays(data: bytes, kinds: list[str]) -> list[NDArray[Any]]:
    """The arrays of a row of binary COPY: each has its length, a head, and the length of every element before it."""
    found, at = [], _BEGIN
    for kind in kinds:
        length = int.from_bytes(data[at : at + 4], "big", signed=True)  # below zero: NULL
        at += 4
        element = np.dtype([("length", ">i4"), ("value", kind)])
        count = max(length - _ARRAY_BEGIN, 0) // element.itemsize
        found.append(np.frombuffer(data, element, count, at + _ARRAY_BEGIN if count else 0)["value"])
        at += max(length, 0)
    return found
