"""Trends of hashtags and links: a public formula over days of use, the same for everybody.

With `r` the people who used it lately (today's, and yesterday's as far as yesterday still lies within the last
24 hours) and `b` the people of an ordinary day among the six days before yesterday, the score is r² / (1 + b).
Fewer than 3 people are no trend. The figures are counted in `feed/usage.py`; docs/ranking.md explains.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any

from django.db import connection

from feed.cards import shown
from feed.cards.shown import CardFacts

PEOPLE_MIN, KEPT, DAYS = 3, 100, 7
FRESH = 30.0  # seconds for which a process shows the order that it made
_LOOKED_AT = 2_000  # most used ones of a day, among which trends are found


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """How often something was used on a UTC day, and by how many people."""

    day: date
    uses: int
    people: int


@dataclass(frozen=True, slots=True)
class Trend:
    """A hashtag (`name` as it was first written) or a link (`name` is its address) with a week of use.

    `card` is what is known of the link's page.
    """

    id: int
    name: str
    score: float
    history: tuple[DayOfUse, ...]
    card: CardFacts | None = None


_TREND = """
WITH recent AS (
  SELECT d.{key}_id AS id,
         sum(d.people * CASE WHEN d.day = %(today)s THEN 1.0 ELSE %(left)s::float8 END) AS people
  FROM (
    (SELECT * FROM feed_{key}day WHERE day = %(today)s ORDER BY people DESC LIMIT {looked})
    UNION ALL
    (SELECT * FROM feed_{key}day WHERE day = %(yesterday)s ORDER BY people DESC LIMIT {looked})
  ) d
  GROUP BY d.{key}_id HAVING sum(d.people) >= {least}
), scored AS (
  SELECT r.id, r.people * r.people / (1 + b.people / 6.0) AS score
  FROM recent r CROSS JOIN LATERAL (
    SELECT coalesce(sum(d.people), 0)::float8 AS people FROM feed_{key}day d
    WHERE d.{key}_id = r.id AND d.day < %(yesterday)s AND d.day >= %(week)s) b
)
SELECT s.id, {name}, s.score FROM scored s JOIN feed_{key} x ON x.id = s.id
WHERE NOT EXISTS (
  SELECT 1 FROM upscrolled_restriction h WHERE h.subject_kind = 'hashtag' AND h.subject_id = s.id
    AND '{key}' = 'tag' AND h.starts_at <= now() AND (h.ends_at IS NULL OR h.ends_at > now()))
ORDER BY s.score DESC, s.id DESC LIMIT {kept}
"""
_HISTORY = """
SELECT {key}_id, day, uses, people FROM feed_{key}day
WHERE {key}_id = ANY(%(ids)s) AND day >= %(since)s AND day <= %(today)s
"""
_NAMES = {"tag": "x.display", "link": "x.url"}


def tags(*, now: datetime) -> Sequence[Trend]:
    """Return the hashtags that trend, the strongest first; at most KEPT, at most FRESH seconds old."""
    return _shown("tag", now)


def links(*, now: datetime) -> Sequence[Trend]:
    """Return the links that trend, the strongest first."""
    return _shown("link", now)


def history(key: str, subject_ids: Sequence[int], *, now: datetime) -> dict[int, tuple[DayOfUse, ...]]:
    """Return the last seven days of each hashtag (key "tag") or link ("link"), the newest first, one statement."""
    days = [day.day for day in no_use(now)]
    found: dict[int, dict[date, DayOfUse]] = {subject_id: {} for subject_id in subject_ids}
    if subject_ids:
        with connection.cursor() as cursor:
            bounds = {"since": days[-1], "today": days[0]}
            cursor.execute(_HISTORY.format(key=key), {"ids": list(subject_ids), **bounds})
            for subject_id, day, uses, people in cursor.fetchall():
                found[subject_id][day] = DayOfUse(day, uses, people)
    return {
        subject_id: tuple(used.get(day, DayOfUse(day, 0, 0)) for day in days)
        for subject_id, used in found.items()
    }


def no_use(now: datetime) -> tuple[DayOfUse, ...]:
    """Return the last seven days of something that nobody used, the newest first."""
    today = now.astimezone(UTC).date()
    return tuple(DayOfUse(today - timedelta(days=back), 0, 0) for back in range(DAYS))


_lock = Lock()
_known: dict[str, tuple[float, Sequence[Trend]]] = {}


def forget() -> None:
    """Let the next reader see the present figures."""
    _known.clear()


def _shown(key: str, now: datetime) -> Sequence[Trend]:
    made_at, shown = _known.get(key, (float("-inf"), ()))
    if time.monotonic() - made_at >= FRESH:
        with _lock:  # one of the threads makes it, the others need not
            made_at, shown = _known.get(key, (float("-inf"), ()))
            if time.monotonic() - made_at >= FRESH:
                shown = _trending(key, now)
                _known[key] = (time.monotonic(), shown)
    return shown


def _trending(key: str, now: datetime) -> Sequence[Trend]:
    now = now.astimezone(UTC)
    today = now.date()
    past = (now - datetime(now.year, now.month, now.day, tzinfo=UTC)) / timedelta(days=1)
    statement = _TREND.format(key=key, name=_NAMES[key], looked=_LOOKED_AT, least=PEOPLE_MIN, kept=KEPT)
    params: dict[str, Any] = {
        "today": today,
        "yesterday": today - timedelta(days=1),
        "week": today - timedelta(days=7),
        "left": 1 - past,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows = cursor.fetchall()
    found = [row[0] for row in rows]
    days = history(key, found, now=now)
    cards = shown.of_links(found) if key == "link" and found else {}
    return tuple(Trend(row[0], row[1], row[2], days[row[0]], cards.get(row[0])) for row in rows)
