"""Hashtags as a viewer meets them: with a week of use, and what the viewer has to do with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from feed.queries import trends
from feed.queries.trends import DayOfUse
from upscrolled import queries
from upscrolled.core import ids, text
from upscrolled.core.errors import NotFound
from upscrolled.core.paging import Page
from upscrolled.viewer import Viewer

LOOKED_AT = 5_000  # newest posts of somebody, among which those with a featured hashtag are counted
SUGGESTED, SUGGESTED_FROM = 10, 500


@dataclass(frozen=True, slots=True)
class TagFacts:
    """A hashtag (`id` 0 when nobody has used it), and whether the viewer follows and features it."""

    id: int
    display: str
    following: bool
    featuring: bool
    history: tuple[DayOfUse, ...] = ()


@dataclass(frozen=True, slots=True)
class Featured:
    """A hashtag on somebody's profile, with how many of their posts carry it and the day of the last one."""

    id: int
    display: str
    posts: int
    last_on: date | None


_MINE = """
       EXISTS (SELECT 1 FROM feed_tagfollow f WHERE f.account_id = %(viewer)s AND f.tag_id = t.id),
       EXISTS (SELECT 1 FROM feed_featuredtag f WHERE f.account_id = %(viewer)s AND f.tag_id = t.id)"""
_BY_NAMES = f"SELECT t.id, t.display, {_MINE} FROM feed_tag t WHERE t.name = ANY(%(names)s::text[])"
_FOLLOWED = f"""
SELECT w.id, t.id, t.display, {_MINE} FROM feed_tagfollow w JOIN feed_tag t ON t.id = w.tag_id
WHERE w.account_id = %(viewer)s AND w.id < %(below)s AND w.id > %(above)s
ORDER BY w.id {{order}} LIMIT %(limit)s
"""
# From the author's newest posts to the hashtag, never from the hashtag: that one may have a million posts.
_FEATURED = """
WITH newest AS (
  SELECT p.id FROM feed_post p
  WHERE p.author_id = %(account)s AND p.deleted_at IS NULL ORDER BY p.id DESC LIMIT %(looked)s
)
SELECT f.id, t.display, n.posts, n.last
FROM feed_featuredtag f JOIN feed_tag t ON t.id = f.tag_id
CROSS JOIN LATERAL (
  SELECT count(*) AS posts, max(e.post_id) AS last FROM newest
  JOIN feed_posttag e ON e.tag_id = f.tag_id AND e.post_id = newest.id
  JOIN feed_post p ON p.id = e.post_id AND p.audience IN ('public', 'unlisted')) n
WHERE f.account_id = %(account)s ORDER BY n.posts DESC, f.id
"""
_USED = """
SELECT e.tag_id FROM (
  SELECT p.id FROM feed_post p
  WHERE p.author_id = %(viewer)s AND p.deleted_at IS NULL ORDER BY p.id DESC LIMIT %(looked)s) newest
JOIN feed_posttag e ON e.post_id = newest.id
WHERE NOT EXISTS (SELECT 1 FROM feed_featuredtag f WHERE f.account_id = %(viewer)s AND f.tag_id = e.tag_id)
GROUP BY e.tag_id ORDER BY count(*) DESC, e.tag_id LIMIT %(limit)s
"""


def get_tag(viewer: Viewer, name: str, *, now: datetime) -> TagFacts:
    """Return a hashtag by any spelling of its name, used or not. Raises NotFound for what is no hashtag."""
    display = name.removeprefix("#")
    if not text.is_hashtag(display):
        raise NotFound
    found = _with_history(_run(_BY_NAMES, {"viewer": viewer.id, "names": [text.tag_name(display)]}), now)
    return found[0] if found else TagFacts(0, display, False, False, trends.no_use(now))


def by_names(viewer: Viewer, names: Sequence[str], *, now: datetime) -> list[TagFacts]:
    """Return those of these hashtags that have been used, in this order and in any spelling."""
    places = {text.tag_name(name): place for place, name in enumerate(names)}
    if not places:
        return []
    found = _with_history(_run(_BY_NAMES, {"viewer": viewer.id, "names": list(places)}), now)
    return sorted(found, key=lambda tag: places[text.tag_name(tag.display)])


def followed(viewer: Viewer, page: Page, *, now: datetime) -> tuple[list[TagFacts], list[int]]:
    """Return a page of the hashtags that the viewer follows, the last followed first, and the rows' ids."""
    statement = _FOLLOWED.format(order="ASC" if page.upward else "DESC")
    bounds = {"below": page.max_id or ids.LARGEST, "above": page.above or 0, "limit": page.limit}
    rows = sorted(_run(statement, {"viewer": viewer.id, **bounds}), reverse=True)
    return _with_history([row[1:] for row in rows], now), [row[0] for row in rows]


def followed_ids(viewer: Viewer) -> list[int]:
    """Return the ids of all hashtags that the viewer follows; there are few (`operations.tags.FOLLOWED_MAX`)."""
    statement = "SELECT tag_id FROM feed_tagfollow WHERE account_id = %(viewer)s"
    return [row[0] for row in _run(statement, {"viewer": viewer.id})]


def featured(viewer: Viewer, account_id: int) -> list[Featured]:
    """Return the hashtags on somebody's profile, the most used first. Raises NotFound for nobody.

    Posts are counted among the newest LOOKED_AT of the account.
    """
    queries.get_person(viewer, account_id)
    rows = _run(_FEATURED, {"account": account_id, "looked": LOOKED_AT})
    return [
        Featured(row_id, display, posts, ids.created_at(last).date() if last else None)
        for row_id, display, posts, last in rows
    ]


def suggested(viewer: Viewer, *, now: datetime) -> list[TagFacts]:
    """Return hashtags that the viewer uses most and does not feature yet."""
    params = {"viewer": viewer.id, "looked": SUGGESTED_FROM, "limit": SUGGESTED}
    statement = f"SELECT t.id, t.display, {_MINE} FROM ({_USED}) u JOIN feed_tag t ON t.id = u.tag_id"
    return _with_history(_run(statement, params), now)


def _with_history(rows: Sequence[tuple[Any, ...]], now: datetime) -> list[TagFacts]:
    days = trends.history("tag", [row[0] for row in rows], now=now)
    return [
        TagFacts(tag_id, display, following, featuring, days[tag_id])
        for tag_id, display, following, featuring in rows
    ]


def _run(statement: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
