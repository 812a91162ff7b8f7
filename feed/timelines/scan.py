"""Skeletons that are one index scan of posts under the policy's own SQL: public, tag, profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from feed.timelines.skeleton import Ids
from upscrolled.core.ids import LARGEST as _ID_MAX
from upscrolled.core.paging import Page
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, sql_params, visible_sql


def public(viewer: Viewer, page: Page, *, only_media: bool = False) -> Ids:
    """Everything public by anybody, replies and shares apart."""
    return _scan(viewer, page, "feed_post p", _ORIGINALS, Surface.PUBLIC)


def tag(viewer: Viewer, page: Page, *, every: list[int], some: list[int], without: list[int]) -> Ids:
    """Public posts with all tags of `every`, any of `some`, and none of `without` (ids of tags).

    The first tag of `every`, or `some`, drives the scan; it must not be empty.
    """
    source = """(SELECT DISTINCT t.post_id FROM feed_posttag t WHERE t.tag_id = ANY(%(some)s)
                 AND t.post_id < %(below)s AND t.post_id > %(above)s) t JOIN feed_post p ON p.id = t.post_id"""
    if len(some) == 1:  # one tag: walk its own index in order, however many posts it has
        source = "feed_posttag t JOIN feed_post p ON p.id = t.post_id"
    where = "t.tag_id = %(one)s AND" if len(some) == 1 else ""
    where += """ p.deleted_at IS NULL
        AND (cardinality(%(every)s::bigint[]) = 0 OR cardinality(%(every)s::bigint[]) = (
          SELECT count(*) FROM feed_posttag e WHERE e.post_id = p.id AND e.tag_id = ANY(%(every)s::bigint[])))
        AND NOT EXISTS (
          SELECT 1 FROM feed_posttag n WHERE n.post_id = p.id AND n.tag_id = ANY(%(without)s::bigint[]))"""
    extra = {"one": some[0], "some": some, "every": every, "without": without}
    return _scan(viewer, page, source, where, Surface.TAG, extra, cursor="t.post_id")


def profile(
    viewer: Viewer, page: Page, *, author_id: int, replies: bool, reposts: bool, tag_name: str | None
) -> Ids:
    """What one account published, as this viewer may see it."""
    where = "p.author_id = %(author)s AND p.deleted_at IS NULL"
    if not replies:
        where += " AND (p.in_reply_to_account_id IS NULL OR p.in_reply_to_account_id = p.author_id)"
    if not reposts:
        where += " AND p.repost_of_id IS NULL"
    if tag_name is not None:
        where += """ AND EXISTS (SELECT 1 FROM feed_posttag t JOIN feed_tag g ON g.id = t.tag_id
                     WHERE t.post_id = p.id AND g.name = %(tag)s)"""
    extra = {"author": author_id, "tag": tag_name}
    return _scan(viewer, page, "feed_post p", where, Surface.PROFILE, extra)


_ORIGINALS = """p.audience = 'public' AND p.repost_of_id IS NULL AND p.in_reply_to_account_id IS NULL
    AND p.deleted_at IS NULL"""


def _scan(
    viewer: Viewer,
    page: Page,
    source: str,
    where: str,
    surface: Surface,
    extra: Mapping[str, Any] | None = None,
    *,
    cursor: str = "p.id",
) -> Ids:
    order = "ASC" if page.upward else "DESC"
    sql = f"""SELECT {cursor} FROM {source} WHERE {where}
        AND {cursor} < %(below)s AND {cursor} > %(above)s AND {visible_sql(surface)}
        ORDER BY {cursor} {order} LIMIT %(limit)s"""
    params = {
        **sql_params(viewer),
        **(extra or {}),
        "below": _ID_MAX if page.max_id is None else page.max_id,
        "above": page.above or 0,
        "limit": page.limit,
    }
    with connection.cursor() as run:
        run.execute(sql, params)
        found: list[int] = [row[0] for row in run.fetchall()]
    floor = found[-1] if len(found) == page.limit else None
    return Ids(sorted(found, reverse=True), floor)
