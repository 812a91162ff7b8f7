"""Is a frozen pool complete? Compared with the posts themselves, in the snapshot in which it was frozen.

What is found is kept and public. `missing` and `surplus` have to be empty; that they are is worth something because
anybody can prove the opposite: the cut and the arc of a pool say of every post whether it had to be in.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection

from feed.models import PoolAudit
from feed.ranking.formula import VERSIONS
from feed.ranking.pool import Pool
from feed.ranking.statement import Statement
from feed.timelines.eligibility import OWN, WHY_OUT
from feed.timelines.kinds import KINDS
from upscrolled.core import ids

log = logging.getLogger(__name__)

KEPT: Final = timedelta(days=90)
NAMED: Final = 1_000
_SHIFT: Final = 2**63
_DAY_MS: Final = 86_400_000
# Candidates that must be in, by what is published of the pool, unless something stands in the way.
_DUE = f"""
SELECT c.post_id, {WHY_OUT} AS why
FROM feed_candidate c LEFT JOIN feed_post p ON p.id = c.post_id LEFT JOIN upscrolled_account a ON a.id = c.author_id
WHERE {{predicate}} AND c.post_id < %(ends)s AND {{due}}
"""
_ABOVE_THE_CUT = "c.base > %(cut)s"
# With the literal limits of the partial index, as in `freeze.py`.
_ON_THE_ARC = """c.day IN (%(today)s - 1, %(today)s) AND c.post_id >= %(begins)s AND ({arc})
  AND c.likes <= 9 AND c.comments <= 4 AND c.shares <= 3
  AND 1 + %(w_like)s * c.likes + %(w_comment)s * c.comments + %(w_share)s * c.shares <= %(max_tickets)s"""
_UP = "c.ring BETWEEN %(start)s AND %(end)s"
_ROUND = "c.ring >= %(start)s OR c.ring <= %(end)s"
# Posts that have no place in discover at all.
_NOWHERE = f"""
WITH nowhere AS MATERIALIZED (
  SELECT p.id, p.author_id, p.audience, p.repost_of_id, p.in_reply_to_account_id, p.deleted_at FROM feed_post p
  WHERE p.audience = 'public' AND p.repost_of_id IS NULL AND p.in_reply_to_account_id IS NULL
    AND p.deleted_at IS NULL AND p.id < %(ends)s AND p.id >= %(since)s AND {{truth}}
    AND NOT EXISTS (SELECT 1 FROM feed_candidate c WHERE c.post_id = p.id AND {{predicate}})
)
SELECT p.id FROM nowhere p JOIN upscrolled_account a ON a.id = p.author_id WHERE {WHY_OUT} IS NULL LIMIT %(named)s
"""
_INSIDE = f"""
SELECT i.id FROM unnest(%(inside)s::bigint[]) AS i(id)
LEFT JOIN feed_post p ON p.id = i.id LEFT JOIN upscrolled_account a ON a.id = p.author_id
WHERE {WHY_OUT} IS NOT NULL OR ({{truth}}) IS NOT TRUE LIMIT %(named)s
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What an audit found. `looked_at` counts the posts that were compared."""

    looked_at: int
    missing: tuple[int, ...]
    surplus: tuple[int, ...]
    restricted: dict[str, int]

    @property
    def is_clean(self) -> bool:
        """Whether the pool is what it has to be."""
        return not self.missing and not self.surplus


def record(kind: str, pool: Pool, *, now: datetime) -> Found:
    """Compare a pool that was frozen in this snapshot, and keep what is found."""
    found = compare(kind, pool)
    if not found.is_clean:
        log.error(
            "Pool %s: missing %s, surplus %s.", pool.digest.hex(), found.missing[:20], found.surplus[:20]
        )
    PoolAudit.objects.create(
        pool=kind,
        epoch_ms=pool.epoch_ms,
        digest=pool.digest,
        audited_at=now,
        looked_at=found.looked_at,
        missing=list(found.missing),
        surplus=list(found.surplus),
        restricted=found.restricted,
    )
    return found


def compare(kind: str, pool: Pool, *, since_ms: int | None = None) -> Found:
    """Compare a pool with the posts as this snapshot has them.

    Posts without a place in discover are looked for since `since_ms`, by default as far back as the fresh part goes.
    """
    w = VERSIONS[pool.version]
    facts = Statement.of(kind, pool)
    begins_ms = pool.epoch_ms - w.fresh_window_ms
    start, end = facts.arc_start - _SHIFT, facts.arc_end - _SHIFT
    inside = pool.id.tolist()
    row: dict[str, Any] = {
        "at": datetime.fromtimestamp(pool.epoch_ms / 1000, UTC),
        "ends": pool.epoch_ms + 1 << ids.LOW_BITS,
        "begins": begins_ms << ids.LOW_BITS,
        "since": (begins_ms if since_ms is None else since_ms) << ids.LOW_BITS,
        "today": pool.epoch_ms // _DAY_MS,
        "cut": float("-inf") if facts.cut is None else facts.cut,
        "start": start,
        "end": end,
        "max_tickets": w.fresh_max_tickets,
        "w_like": w.w_like,
        "w_comment": w.w_comment,
        "w_share": w.w_share,
        "inside": inside,
        "named": NAMED,
    }
    arc = _ON_THE_ARC.format(arc=_UP if start <= end else _ROUND)
    popular, fresh = _rows(_sql(_DUE, kind, due=_ABOVE_THE_CUT), row), _rows(_sql(_DUE, kind, due=arc), row)
    missing = _absent(popular, pool.id[pool.popular].tolist()) | _absent(fresh, pool.id[pool.fresh].tolist())
    missing.update(post_id for (post_id,) in _rows(_sql(_NOWHERE, kind), row))
    surplus = {post_id for (post_id,) in _rows(_sql(_INSIDE, kind), row)}
    due = dict(popular) | dict(fresh)
    return Found(
        looked_at=len(due.keys() | set(inside)),
        missing=tuple(sorted(missing)[:NAMED]),
        surplus=tuple(sorted(surplus)),
        restricted=dict(Counter(why for why in due.values() if why is not None and why not in OWN)),
    )


def listed(kind: str, *, limit: int) -> Sequence[PoolAudit]:
    """The last audits of a kind of pool, the newest first."""
    return list(PoolAudit.objects.filter(pool=kind).order_by("-id")[:limit])


def sweep(*, now: datetime) -> int:
    """Forget audits that were kept for long enough; return how many."""
    return PoolAudit.objects.filter(audited_at__lt=now - KEPT).delete()[0]


def _absent(due: list[Any], inside: list[int]) -> set[int]:
    return {post_id for post_id, why in due if why is None}.difference(inside)


def _sql(sql: str, kind: str, **parts: str) -> str:
    return sql.format(predicate=KINDS[kind].predicate, truth=KINDS[kind].truth, **parts)


def _rows(sql: str, params: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[Any] = cursor.fetchall()
        return found
