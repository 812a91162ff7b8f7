"""Home: posts and shares by the people you follow and by you, newest first, from before and after the follow.

The truth is PostgreSQL (`_FAN_IN`); a list in Valkey saves most of its cost for people who read often.
Nothing here decides visibility: taste and permission are rules applied to the hydrated page.
"""

from __future__ import annotations

import logging
from bisect import bisect_left, bisect_right
from operator import neg
from typing import Any

import redis
from django.db import connection

from feed.timelines import store
from feed.timelines.skeleton import Ids
from upscrolled.core.ids import LARGEST as _ID_MAX
from upscrolled.core.paging import Page
from upscrolled.viewer import Viewer

log = logging.getLogger(__name__)

# The newest of each followee, merged. `first` finds how far back this step reaches from 20 of each, so that
# the second pass reads little more than the step, whether a hundred people are followed or five thousand.
# Replies to strangers are left out here already, or talkative people would fill the list with what the
# rules drop anyway; a stranger followed later makes a new graph_version, hence a new list.
_WHO = """
WITH who AS (
  SELECT f.target_id AS id, f.reposts FROM upscrolled_follow f WHERE f.account_id = %(viewer)s
  UNION ALL SELECT %(viewer)s::bigint, true
)"""
_TASTE = """
(p.repost_of_id IS NULL OR who.reposts)
  AND (p.in_reply_to_account_id IS NULL OR who.id = %(viewer)s OR p.in_reply_to_account_id = %(viewer)s
       OR EXISTS (SELECT 1 FROM upscrolled_follow g
                  WHERE g.account_id = %(viewer)s AND g.target_id = p.in_reply_to_account_id))"""
_DOWN = f"""{_WHO}, first AS (
  SELECT p.id FROM who CROSS JOIN LATERAL (
    SELECT p.id FROM feed_post p
    WHERE p.author_id = who.id AND p.deleted_at IS NULL AND p.id < %(below)s AND p.id > %(above)s
    ORDER BY p.id DESC LIMIT 20) p
  ORDER BY p.id DESC LIMIT %(limit)s
), cut AS (
  SELECT CASE WHEN count(*) = %(limit)s THEN min(id) - 1 ELSE %(above)s END AS id FROM first
), found AS (
  SELECT p.id FROM who CROSS JOIN cut CROSS JOIN LATERAL (
    SELECT p.id, p.repost_of_id, p.in_reply_to_account_id FROM feed_post p
    WHERE p.author_id = who.id AND p.deleted_at IS NULL AND p.id < %(below)s AND p.id > cut.id
    ORDER BY p.id DESC LIMIT %(limit)s) p
  WHERE {_TASTE}
  ORDER BY p.id DESC LIMIT %(limit)s
)
SELECT (SELECT id FROM cut), ARRAY(SELECT id FROM found ORDER BY id DESC)
"""
_UP = f"""{_WHO}
SELECT p.id FROM who CROSS JOIN LATERAL (
  SELECT p.id, p.repost_of_id, p.in_reply_to_account_id FROM feed_post p
  WHERE p.author_id = who.id AND p.deleted_at IS NULL AND p.id > %(above)s
  ORDER BY p.id LIMIT %(limit)s) p
WHERE {_TASTE}
ORDER BY p.id LIMIT %(limit)s
"""


def ids(viewer: Viewer, page: Page) -> Ids:
    """Return one step of the skeleton: from the reader's list where it reaches, else from PostgreSQL."""
    name = store.key(viewer.id, viewer.graph_version)
    try:
        held = store.read(name) or _build(viewer, name)
    except redis.RedisError as error:
        log.warning("Home is read from PostgreSQL: %s", error)
        held = None
    if held is not None:
        entries, complete = held
        found = _cut(entries, page)
        reaches = page.min_id is None or (bool(entries) and entries[-1] <= page.min_id)
        if complete or (reaches and len(found) >= page.limit):
            edge = 0 if page.min_id is not None else -1
            return Ids(found, floor=found[edge] if len(found) >= page.limit else None)
    return _up(viewer, page) if page.min_id is not None else _down(viewer, page)


def _cut(entries: list[int], page: Page) -> list[int]:
    """`Page.cut` for ids that are in order already: two searches instead of a walk."""
    start = 0 if page.max_id is None else bisect_right(entries, -page.max_id, key=neg)
    end = len(entries) if page.above is None else bisect_left(entries, -page.above, key=neg)
    within = entries[start:end]
    return within[-page.limit :] if page.upward else within[: page.limit]


def _build(viewer: Viewer, name: str) -> tuple[list[int], bool] | None:
    """Make the reader's list, unless somebody else is at it. The marker stands before the SELECT runs."""
    marker = store.claim(name)
    if marker is None:
        return None
    step = _down(viewer, Page(limit=store.KEPT))
    complete = step.floor is None
    store.fill(name, marker, step.ids, complete=complete)
    return step.ids, complete


def _down(viewer: Viewer, page: Page) -> Ids:
    row = _run(_DOWN, viewer, page)[0]
    cut, found = row
    if len(found) >= page.limit:
        return Ids(found, floor=found[-1])
    return Ids(found, floor=cut + 1 if cut > (page.since_id or 0) else None)


def _up(viewer: Viewer, page: Page) -> Ids:
    found = [row[0] for row in _run(_UP, viewer, page)]
    return Ids(found[::-1], floor=found[-1] if len(found) >= page.limit else None)


def _run(sql: str, viewer: Viewer, page: Page) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "viewer": viewer.id,
                "below": _ID_MAX if page.max_id is None else page.max_id,
                "above": page.above or 0,
                "limit": page.limit,
            },
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
