"""The site itself: its size, its weeks, the rules of the house."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.core.cache import cache

from upscrolled.queries.rows import rows

_FIGURES = "figures"
FIGURES_KEPT = 900  # seconds; a worker counts them anew well before (upscrolled/schedule.py)


class Figures(NamedTuple):
    """The size of the site. Active is who was here in the last 30 days."""

    people: int
    posts: int
    active: int


def figures(now: datetime) -> Figures:
    """Return the size of the site, counted at most a quarter of an hour ago, and looked up once a minute."""
    return _figures(int(now.timestamp()) // 60)


@lru_cache(maxsize=1)
def _figures(minute: int) -> Figures:
    held = cache.get(_FIGURES)
    return Figures(*held) if held else count_figures()


def forget() -> None:
    """Look up the figures anew in this process."""
    _figures.cache_clear()


def count_figures() -> Figures:
    """Count everybody, which takes seconds when there are millions, and keep the figures for every process."""
    counted = Figures(
        *rows(
            """SELECT count(*), coalesce(sum(c.posts), 0)::bigint,
                      count(*) FILTER (WHERE c.active_on > (now() AT TIME ZONE 'UTC')::date - 30)
               FROM upscrolled_account a JOIN upscrolled_accountcounters c ON c.account_id = a.id
               WHERE a.is_active AND a.confirmed_at IS NOT NULL""",
            {},
        )[0]
    )
    cache.set(_FIGURES, tuple(counted), FIGURES_KEPT)
    return counted
