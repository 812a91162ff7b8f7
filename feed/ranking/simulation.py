"""What constants do to a day of discover: variety, age, concentration, and the chance of a fresh post to be seen.

A day is a row of pools. A synthetic one has posts whose final tickets are heavy-tailed and come in as posts age;
a real one is made of the pools that were published. Other constants give the same posts other scores (`reweighed`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from feed.ranking import formula
from feed.ranking.formula import F64, NEWEST, Weights
from feed.ranking.pool import FRESH, NO_DIGEST, POPULAR, ROW, Pool, ring_start
from feed.ranking.shortlist import Ready

HOUR_MS: Final = 3_600_000
BEGAN_MS: Final = 1_767_225_600_000  # the synthetic world's first post: 1 January 2026
REFRESHES: Final = 20
PAGES: Final = 2
_TAIL, _GROWS_HOURS, _MOST = 1.1, 3.0, 50_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a day.

    `variety` is the mean number of different posts that one reader meets in `REFRESHES` refreshes of `PAGES`
    pages. Gini is 0 where all are shown alike, 1 where one is shown alone; over the posts (authors) of the pools.
    `fresh_seen` is the share of all new and quiet posts that at least one reader met; `fresh_slots` the share of
    slots of the fresh lane.
    """

    pools: int
    slots: int
    variety: float
    median_age_hours: float
    median_tickets: float
    gini_posts: float
    gini_authors: float
    fresh_slots: float
    fresh_seen: float


def synthetic_day(
    *, posts: int, authors: int, hours: int, every_hours: int, seed: int, weights: Weights = NEWEST
) -> Iterator[Pool]:
    """Freeze a pool every so many hours of a day's second half, of posts that come in evenly over `hours`."""
    rng = np.random.default_rng(seed)
    created = BEGAN_MS + np.sort(rng.integers(0, hours * HOUR_MS, posts))
    ids = (created.astype(np.uint64) << np.uint64(16)) | np.arange(posts, dtype=np.uint64) % np.uint64(65_536)
    ids = np.unique(ids)
    created = (ids >> np.uint64(16)).astype(np.int64)
    author = rng.zipf(1.3, len(ids)) % authors + 1
    final = np.minimum((1 - rng.random(len(ids))) ** (-1 / _TAIL) - 1, _MOST)
    previous = NO_DIGEST
    for hour in sorted(range(hours, max(hours - 25, 0), -every_hours)):
        now = BEGAN_MS + hour * HOUR_MS
        there = created <= now
        grown = 1 - np.exp(-(now - created[there]) / (_GROWS_HOURS * HOUR_MS))
        rows = np.zeros(int(there.sum()), ROW)
        rows["id"], rows["author_id"] = ids[there], author[there]
        rows["likes"] = (final[there] * grown).astype(np.uint32)
        pool = frozen(rows, epoch_ms=now, previous=previous, weights=weights)
        previous = pool.digest
        yield pool


def frozen(rows: NDArray[np.void], *, epoch_ms: int, previous: bytes, weights: Weights) -> Pool:
    """The pool of one epoch out of all eligible posts (rows with counts; base and part are worked out here)."""
    rows = rows.copy()
    held = _tickets(rows, weights)
    created = (rows["id"] >> np.uint64(16)).astype(np.float64)
    rows["base"] = formula.base_all(held, created, weights)
    best = np.lexsort((rows["id"], rows["base"]))[::-1][: weights.pool_size]
    quiet = np.flatnonzero(
        (held <= weights.fresh_max_tickets) & (created >= epoch_ms - weights.fresh_window_ms)
    )
    start = np.uint64(ring_start(previous, epoch_ms))
    met = quiet[np.argsort(formula.mix_all(rows["id"][quiet]) - start)][: weights.fresh_size]
    part = np.zeros(len(rows), np.uint8)
    part[best] |= POPULAR
    part[met] |= FRESH
    return Pool.of(
        rows[(part & POPULAR) > 0],
        rows[(part & FRESH) > 0],
        epoch_ms=epoch_ms,
        previous=previous,
        version=weights.version,
    )


def reweighed(pool: Pool, weights: Weights) -> Pool:
    """The posts of a pool under other constants. Who is in it does not change."""
    rows = np.empty(len(pool), ROW)
    for name in ROW.names or ():
        rows[name] = getattr(pool, name)
    created = (pool.id >> np.uint64(16)).astype(np.float64)
    rows["base"] = formula.base_all(_tickets(rows, weights), created, weights)
    return Pool.of(
        rows[pool.popular],
        rows[pool.fresh],
        epoch_ms=pool.epoch_ms,
        previous=pool.previous,
        version=weights.version,
    )


def outcome(pools: Sequence[Pool], weights: Weights = NEWEST, *, readers: int = 20) -> Outcome:
    """Let so many readers refresh at each pool, and sum up what they met."""
    shown: dict[int, int] = {}
    authors: dict[int, int] = {}
    quiet: set[int] = set()
    varieties: list[int] = []
    ages: list[F64] = []
    tickets: list[F64] = []
    fresh_slots = slots = 0
    for pool in pools:
        ready, begins = Ready(pool, weights), pool.epoch_ms - weights.fresh_window_ms
        held = _tickets(_columns(pool), weights)
        is_new = (pool.id >> np.uint64(16)).astype(np.int64) >= begins
        quiet.update(pool.id[is_new & (held <= weights.fresh_max_tickets)].tolist())
        shown.update({post: 0 for post in pool.id.tolist() if post not in shown})
        authors.update({author: 0 for author in pool.author_id.tolist() if author not in authors})
        for reader in range(readers):
            met: list[int] = []
            for refresh in range(REFRESHES):
                draw = ready.draw(f"{reader}:{refresh}")
                places = [place for page in range(PAGES) for place in draw.page(page)]
                met += [place.id for place in places]
                fresh_slots += sum(place.lane == "fresh" for place in places)
            varieties.append(len(set(met)))
            slots += len(met)
            at = np.searchsorted(pool.id, np.array(met, np.uint64))
            for post in met:
                shown[post] += 1
            for author in pool.author_id[at].tolist():
                authors[author] += 1
            ages.append((pool.epoch_ms - (pool.id[at] >> np.uint64(16)).astype(np.float64)) / HOUR_MS)
            tickets.append(held[at])
    seen = sum(shown[post] > 0 for post in quiet)
    return Outcome(
        pools=len(pools),
        slots=slots,
        variety=float(np.mean(varieties)) if varieties else 0.0,
        median_age_hours=float(np.median(np.concatenate(ages))) if slots else 0.0,
        median_tickets=float(np.median(np.concatenate(tickets))) if slots else 0.0,
        gini_posts=gini(list(shown.values())),
        gini_authors=gini(list(authors.values())),
        fresh_slots=fresh_slots / slots if slots else 0.0,
        fresh_seen=seen / len(quiet) if quiet else 0.0,
    )


def gini(counts: Sequence[int]) -> float:
    """How unevenly counts are spread: 0 for all alike, towards 1 for one that has everything."""
    held = np.sort(np.array(counts, np.float64))
    if not len(held) or not held.sum():
        return 0.0
    rank = np.arange(1, len(held) + 1)
    return float(2 * (rank * held).sum() / (len(held) * held.sum()) - (len(held) + 1) / len(held))


def changed(weights: Weights, **constants: float) -> Weights:
    """Other constants, under a number that no version in force has."""
    return replace(weights, version=0, **constants)  # type: ignore[arg-type]


def _columns(pool: Pool) -> dict[str, NDArray[np.uint32]]:
    return {"likes": pool.likes, "comments": pool.comments, "shares": pool.shares}


def _tickets(rows: NDArray[np.void] | dict[str, NDArray[np.uint32]], w: Weights) -> F64:
    held: F64 = (
        1.0
        + w.w_like * rows["likes"].astype(np.float64)
        + w.w_comment * rows["comments"].astype(np.float64)
        + w.w_share * rows["shares"].astype(np.float64)
    )
    return held
