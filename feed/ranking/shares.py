"""Who gets shown: how the slots of many first pages fall to posts by worth, by age and by lane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from feed.ranking.shortlist import Ready

HOUR_MS: Final = 3_600_000
# Upper ends of the groups by age, in hours; the last has none.
AGES: Final = (1, 6, 24, 48)
TENTHS: Final = 10


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of slots, each adding up to 1 (or all 0 for an empty pool).

    `tenths` go by worth at the epoch (tickets after decay), the tenth of the pool that is worth least first. `ages` are
    groups by age as `AGES` has them; `pool_ages` is how the pool itself is made up. `fresh` is the share of the
    fresh lane.
    """

    draws: int
    posts: int
    different: int
    tenths: tuple[float, ...]
    ages: tuple[float, ...]
    pool_ages: tuple[float, ...]
    fresh: float


def of_first_pages(ready: Ready, *, draws: int) -> Shares:
    """Draw so many first pages from a pool, each with another nonce, and count who is on them."""
    pool = ready.pool
    shown: list[int] = []
    fresh = 0
    for number in range(draws):
        places = ready.draw(f"shares {number}").page(0)
        shown += [place.id for place in places]
        fresh += sum(place.lane == "fresh" for place in places)
    at = np.searchsorted(pool.id, np.array(shown, np.uint64))
    by_worth = np.empty(len(pool), np.intp)
    by_worth[np.argsort(pool.base, kind="stable")] = np.arange(len(pool))
    tenth = by_worth[at] * TENTHS // max(len(pool), 1)
    age = _age_groups(pool.epoch_ms - (pool.id >> np.uint64(16)).astype(np.int64))
    return Shares(
        draws=draws,
        posts=len(pool),
        different=len(set(shown)),
        tenths=_shares(tenth, TENTHS),
        ages=_shares(age[at], len(AGES) + 1),
        pool_ages=_shares(age, len(AGES) + 1),
        fresh=fresh / len(shown) if shown else 0.0,
    )


def _age_groups(
    age_ms: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return np.searchsorted(np.array(AGES) * HOUR_MS, age_ms, side="right")


def _shares(groups: np.ndarray[tuple[int], np.dtype[np.intp]], count: int) -> tuple[float, ...]:
    held = np.bincount(groups, minlength=count)
    return tuple((held / max(int(held.sum()), 1)).tolist())
