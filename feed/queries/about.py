"""Who gets shown: figures for the public page about discover, worked out now and then."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.core.cache import cache

from feed.ranking import shares
from feed.ranking.shares import Shares
from feed.timelines import pools

DRAWS: Final = 100
KEPT: Final = 600  # seconds
_SHARES: Final = "discover:shares"


def who_is_shown(*, now: datetime) -> Shares:
    """Return how the slots of many first pages fall; worked out at most every ten minutes."""
    known = cache.get(_SHARES)
    if not isinstance(known, Shares):
        known = shares.of_first_pages(pools.current(now=now), draws=DRAWS)
        cache.set(_SHARES, known, KEPT)
    return known
