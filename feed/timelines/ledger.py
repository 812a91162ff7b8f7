"""The ledger of pools: every frozen pool as a row, chained, signed, kept for a day, rebuilt by anybody from its frames.

A pool's row is committed before the pool is drawn from, so there is no draw from a pool that is not public. What
stands in Valkey is a copy; what a flushed Valkey forgot is made again from here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import connection

from feed.models import FrozenPool
from feed.ranking import frames
from feed.ranking.pool import Pool
from feed.ranking.statement import Statement
from upscrolled import keys

PURPOSE: Final = "pools"
RECENT: Final = 4
_SHIFT: Final = 2**63  # between points of the ring and PostgreSQL's signed numbers
_LEAD = "SELECT pg_try_advisory_xact_lock(hashtextextended('discover ' || %(pool)s, 0))"
_LEAD_SOON = "SELECT pg_advisory_xact_lock(hashtextextended('discover ' || %(pool)s, 0)) IS NOT NULL"
_NEWEST = """
SELECT p.id, p.epoch_ms, p.frozen_at, p.digest,
       (SELECT k.frozen_at FROM feed_frozenpool k WHERE k.pool = p.pool AND k.is_keyframe ORDER BY k.id DESC LIMIT 1)
FROM feed_frozenpool p WHERE p.pool = %(pool)s ORDER BY p.id DESC LIMIT 1
"""
# From the last keyframe up to the pool that is wanted.
_FRAMES = """
SELECT f.frame
FROM (SELECT id, pool FROM feed_frozenpool WHERE digest = %(digest)s ORDER BY id LIMIT 1) w
JOIN feed_frozenpool f ON f.pool = w.pool AND f.id <= w.id
 AND f.id >= (SELECT k.id FROM feed_frozenpool k WHERE k.pool = w.pool AND k.is_keyframe AND k.id <= w.id
              ORDER BY k.id DESC LIMIT 1)
ORDER BY f.id
"""
# The first keyframe that is kept: deltas that are kept need the keyframe before them. The newest always stays.
_FIRST_KEPT = """
SELECT max(k.id) FROM (
  SELECT p.id, p.is_keyframe, p.frozen_at, sum(p.size) OVER (ORDER BY p.id DESC) AS down_to
  FROM feed_frozenpool p WHERE p.pool = %(pool)s) k
WHERE k.is_keyframe AND (k.frozen_at <= %(before)s OR k.down_to > %(most)s)
"""


class Newest(NamedTuple):
    """What is known of the newest pool without reading it."""

    id: int
    epoch_ms: int
    frozen_at: datetime
    digest: bytes
    keyframe_at: datetime


def lead(kind: str, *, waits: bool = False) -> bool:
    """Be the one who freezes this pool, until the transaction ends; False while somebody else is, unless one `waits`.

    The lock belongs to the connection: a leader that dies leaves it at once.
    """
    return bool(_rows(_LEAD_SOON if waits else _LEAD, {"pool": kind})[0][0])


def newest(kind: str) -> Newest | None:
    """The newest pool of this kind."""
    found = _rows(_NEWEST, {"pool": kind})
    if not found:
        return None
    number, epoch_ms, frozen_at, digest, keyframe_at = found[0]
    return Newest(number, epoch_ms, frozen_at, bytes(digest), keyframe_at)


def publish(
    kind: str, pool: Pool, *, before: Pool | None, keyframe_at: datetime | None, now: datetime
) -> None:
    """Write a pool down: signed, and as a delta to `before` where that is at hand and a keyframe is not due.

    Raises IntegrityError if the pool before has a successor already.
    """
    due = keyframe_at is None or not timedelta(0) <= now - keyframe_at < settings.DISCOVER_KEYFRAME
    whole = due or before is None or before.digest != pool.previous
    frame = frames.keyframe(pool) if whole or before is None else frames.delta(before, pool)
    facts = Statement.of(kind, pool)
    signed = keys.sign(PURPOSE, facts.text().encode(), now=now)
    FrozenPool.objects.create(
        pool=kind,
        epoch_ms=pool.epoch_ms,
        frozen_at=now,
        version=pool.version,
        digest=pool.digest,
        previous=pool.previous,
        posts=facts.posts,
        popular=facts.popular,
        fresh=facts.fresh,
        cut=facts.cut,
        arc_start=facts.arc_start - _SHIFT,
        arc_end=facts.arc_end - _SHIFT,
        key_id=signed.key_id,
        signature=signed.signature,
        is_keyframe=whole,
        size=len(frame),
        frame=frame,
    )


def statement(row: FrozenPool) -> Statement:
    """What was signed of a pool."""
    return Statement(
        pool=row.pool,
        epoch_ms=row.epoch_ms,
        version=row.version,
        digest=bytes(row.digest),
        previous=bytes(row.previous),
        posts=row.posts,
        popular=row.popular,
        fresh=row.fresh,
        cut=row.cut,
        arc_start=row.arc_start + _SHIFT,
        arc_end=row.arc_end + _SHIFT,
    )


def rebuilt(digest: bytes) -> Pool | None:
    """A pool of the last day by its digest; None if it is not kept, or its frames do not lead to it."""
    data = b""
    for (frame,) in _rows(_FRAMES, {"digest": digest}):
        data = frames.unfold(bytes(frame), data)
    return Pool.from_bytes(data, digest=digest) if data else None


def pool_of(digest: bytes) -> Pool | None:
    """`rebuilt`, with the last few held for those who ask about the same page."""
    found = _recent.get(digest)
    if found is None and (found := rebuilt(digest)) is not None:
        _recent[digest] = found
        while len(_recent) > RECENT:
            _recent.popitem(last=False)
    return found


def forget() -> None:
    """Hold no pool (tests)."""
    _recent.clear()


def row_of(digest: bytes) -> FrozenPool | None:
    """What is published of a pool."""
    return FrozenPool.objects.filter(digest=digest).order_by("id").first()


def listed(kind: str, *, below: int | None, limit: int) -> Sequence[FrozenPool]:
    """The newest pools of a kind with a number below this, without their frames."""
    rows = FrozenPool.objects.filter(pool=kind).defer("frame").order_by("-id")
    return list((rows if below is None else rows.filter(pk__lt=below))[:limit])


def sweep(kind: str, *, now: datetime) -> int:
    """Forget pools that were kept for long enough, or are more than the disk is to hold; return how many.

    What is forgotten ends before a keyframe, so that every pool which is listed can be rebuilt.
    """
    limits = {
        "pool": kind,
        "before": now - settings.DISCOVER_POOLS_KEPT,
        "most": settings.DISCOVER_POOLS_MB * 1_000_000,
    }
    first = _rows(_FIRST_KEPT, limits)[0][0]
    if first is None:
        return 0
    return FrozenPool.objects.filter(pool=kind, pk__lt=first).delete()[0]


def _rows(sql: str, params: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[Any] = cursor.fetchall()
        return found


_recent: Final[OrderedDict[bytes, Pool]] = OrderedDict()
