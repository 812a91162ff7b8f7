"""Skeletons that walk one index under the policy's own SQL: public, tag, profile.

A step looks at no more than WINDOW rows of its index, however few of them it takes: somebody with a hundred
thousand replies and no post, or two hashtags with a million posts each and none in common, cost what any other page
costs. What was looked at is where the next step goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db import connection

from feed.timelines.skeleton import Ids
from upscrolled.core.ids import LARGEST as _ID_MAX
from upscrolled.core.paging import Page
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, sql_params, visible_sql

WINDOW = 400
WINDOW_OF_SEVERAL, ROUNDS_OF_SEVERAL = (
    200,
    2,
)  # where several hashtags are wanted, a row costs a probe for each
_COMMON = 200  # a hashtag with more posts than this is as good as any other with more


def public(viewer: Viewer, page: Page, *, only_media: bool = False) -> Ids:
    """Everything public by anybody, replies and shares apart; `only_media`: only what has media."""
    index = f"{_ORIGINALS} AND {_WITH_MEDIA}" if only_media else _ORIGINALS
    return _scan_posts(viewer, page, index, "true", Surface.PUBLIC, {})


def profile(
    viewer: Viewer,
    page: Page,
    *,
    author_id: int,
    replies: bool,
    reposts: bool,
    tag_name: str | None,
    only_media: bool = False,
) -> Ids:
    """What one account published, as this viewer may see it."""
    where = "true"
    if not replies:
        where += " AND (p.in_reply_to_account_id IS NULL OR p.in_reply_to_account_id = p.author_id)"
    if not reposts:
        where += " AND p.repost_of_id IS NULL"
    if tag_name is not None:
        where += f" AND {_carries('p.id', '(SELECT g.id FROM feed_tag g WHERE g.name = %(tag)s)')}"
    extra = {"author": author_id, "tag": tag_name}
    mine = "p.author_id = %(author)s AND p.deleted_at IS NULL"
    if only_media:
        mine += f" AND {_WITH_MEDIA}"
    return _scan_posts(viewer, page, mine, where, Surface.PROFILE, extra)


def quotes(viewer: Viewer, page: Page, *, quoted_id: int) -> Ids:
    """What quotes this post, unless its author took it out of there."""
    where = "p.quote_state = 'accepted' AND p.deleted_at IS NULL"
    return _scan_posts(
        viewer, page, "p.quote_of_id = %(quoted)s", where, Surface.THREAD, {"quoted": quoted_id}
    )


def tag(
    viewer: Viewer,
    page: Page,
    *,
    every: list[int],
    some: list[int],
    without: list[int],
    only_media: bool = False,
) -> Ids:
    """Public posts with all tags of `every`, any of `some`, and none of `without` (ids of tags).

    `some` must not be empty. The rarest tag of `every` drives the walk; without one, all of `some` do.
    """
    where = f"p.deleted_at IS NULL AND NOT {_ANY.format(tags='without')}"
    if only_media:
        where += f" AND {_WITH_MEDIA}"
    extra: dict[str, Any] = {"one": some[0], "some": some, "every": every, "without": without}
    if every:
        ids = _TAGGED.format(tag=f"({_RAREST})", bounds=_BOUNDS, order=_order(page))
        where += f" AND NOT {_ANY_MISSING} AND {_ANY.format(tags='some')}"
    elif len(some) == 1:
        ids = _TAGGED.format(tag="%(one)s", bounds=_BOUNDS, order=_order(page))
    else:
        each = _TAGGED.format(tag="s.tag_id", bounds=_BOUNDS, order=_order(page))
        ids = f"""SELECT DISTINCT t.post_id FROM unnest(%(some)s::bigint[]) s (tag_id)
                  CROSS JOIN LATERAL ({each}) t ORDER BY t.post_id {_order(page)} LIMIT %(window)s"""
    source = f"({ids}) t JOIN feed_post p ON p.id = t.post_id"
    rows, window = f"SELECT w.post_id AS id FROM ({ids}) w", WINDOW_OF_SEVERAL if every else WINDOW
    return _scan(viewer, page, source, rows, where, Surface.TAG, extra, window)


def link(viewer: Viewer, page: Page, *, digest: bytes) -> Ids:
    """Public posts that carry the link with this digest."""
    ids = f"""SELECT t.post_id FROM feed_postlink t
        WHERE t.link_id = (SELECT l.id FROM feed_link l WHERE l.digest = %(digest)s) AND {_BOUNDS}
        ORDER BY t.post_id {_order(page)} LIMIT %(window)s"""
    source = f"({ids}) t JOIN feed_post p ON p.id = t.post_id"
    rows = f"SELECT w.post_id AS id FROM ({ids}) w"
    return _scan(viewer, page, source, rows, "p.deleted_at IS NULL", Surface.TAG, {"digest": digest})


# Conditions of the partial indexes that a walk may use, and of the tags'.
_WITH_MEDIA = "p.parts @> (ARRAY['media'])::text[]"
_ORIGINALS = """p.audience = 'public' AND p.repost_of_id IS NULL AND p.in_reply_to_account_id IS NULL
    AND p.deleted_at IS NULL"""
_BOUNDS = "t.post_id < %(below)s AND t.post_id > %(above)s"
_TAGGED = """SELECT t.post_id FROM feed_posttag t WHERE t.tag_id = {tag} AND {bounds}
    ORDER BY t.post_id {order} LIMIT %(window)s"""
_RAREST = f"""SELECT e.tag_id FROM unnest(%(every)s::bigint[]) e (tag_id) ORDER BY (
    SELECT count(*) FROM (SELECT 1 FROM feed_posttag c WHERE c.tag_id = e.tag_id LIMIT {_COMMON}) c),
    e.tag_id LIMIT 1"""


def _carries(post: str, tag: str) -> str:
    """SQL for whether a post has a hashtag: a probe for the pair, as a scalar that no plan makes a join of."""
    return f"""((SELECT 1 FROM feed_posttag c WHERE c.tag_id = {tag} AND c.post_id = {post} LIMIT 1) IS NOT NULL)"""


# Asked of the walk's ids, before the posts themselves are looked at.
_ANY = f"""EXISTS (SELECT 1 FROM unnest(%({{tags}})s::bigint[]) a (tag_id) WHERE {_carries("t.post_id", "a.tag_id")})"""
_ANY_MISSING = f"""EXISTS (
    SELECT 1 FROM unnest(%(every)s::bigint[]) a (tag_id) WHERE NOT {_carries("t.post_id", "a.tag_id")})"""


def _scan_posts(
    viewer: Viewer, page: Page, index: str, where: str, surface: Surface, extra: Mapping[str, Any]
) -> Ids:
    """Walk an index of posts themselves; `index` is the condition under which they are in it."""
    walk = f"""SELECT {{columns}} FROM feed_post p
        WHERE {index} AND p.id < %(below)s AND p.id > %(above)s
        ORDER BY p.id {_order(page)} LIMIT %(window)s"""
    rows, ids = (walk.format(columns=columns) for columns in ("p.*", "p.id"))
    return _scan(viewer, page, f"({rows}) p", ids, where, surface, extra)


# The second column is where a window ends that gave less than a page: it is asked for only then.
_SCAN = """
WITH found AS MATERIALIZED (
  SELECT p.id FROM {source} WHERE {where} AND {visible} ORDER BY p.id {order} LIMIT %(limit)s
)
SELECT ARRAY(SELECT id FROM found),
  CASE WHEN (SELECT count(*) FROM found) < %(limit)s
       THEN (SELECT w.id FROM ({ids}) w ORDER BY w.id {order} OFFSET %(window)s - 1 LIMIT 1) END
"""


def _scan(
    viewer: Viewer,
    page: Page,
    source: str,
    ids: str,
    where: str,
    surface: Surface,
    extra: Mapping[str, Any],
    window: int = 0,
) -> Ids:
    sql = _statement(source, ids, where, surface, _order(page))
    params = {
        **sql_params(viewer),
        **extra,
        "below": _ID_MAX if page.max_id is None else page.max_id,
        "above": page.above or 0,
        "limit": page.limit,
        "window": max(window or WINDOW, page.limit),
    }
    with connection.cursor() as run:
        run.execute(sql, params)
        row = run.fetchone()
    assert row is not None
    found: list[int] = row[0]
    floor = found[-1] if len(found) == page.limit else row[1]
    return Ids(sorted(found, reverse=True), floor)


@lru_cache(maxsize=256)
def _statement(source: str, ids: str, where: str, surface: Surface, order: str) -> str:
    """Few statements serve all pages; to put one together takes longer than to send it."""
    return _SCAN.format(source=source, ids=ids, where=where, visible=visible_sql(surface), order=order)


def _order(page: Page) -> str:
    return "ASC" if page.upward else "DESC"
