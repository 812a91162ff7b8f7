"""The newest posts of many authors merged, read from PostgreSQL: home and the lists, each with its own authors.

`first` finds how far back a step reaches from 20 posts of each author, of 250 authors at most (what some of them have
newer than that, all of them have), so that the second pass reads little more than the step, whether there are a
hundred authors or five thousand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from feed.timelines.skeleton import Ids
from upscrolled.core.ids import LARGEST
from upscrolled.core.paging import Page

_DOWN = """
{who}, first AS (
  SELECT p.id FROM (SELECT id FROM who LIMIT 250) who CROSS JOIN LATERAL (
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
  WHERE {taste}
  ORDER BY p.id DESC LIMIT %(limit)s
)
SELECT (SELECT id FROM cut), ARRAY(SELECT id FROM found ORDER BY id DESC)
"""
_UP = """
{who}
SELECT p.id FROM who CROSS JOIN LATERAL (
  SELECT p.id, p.repost_of_id, p.in_reply_to_account_id FROM feed_post p
  WHERE p.author_id = who.id AND p.deleted_at IS NULL AND p.id > %(above)s
  ORDER BY p.id LIMIT %(limit)s) p
WHERE {taste}
ORDER BY p.id LIMIT %(limit)s
"""


class FanIn:
    """Two statements, for older and for newer posts.

    `who` is a WITH clause that defines `who (id, reposts)`: the authors, and whether their shares are wanted.
    `taste` is a condition on the post `p` (id, repost_of_id, in_reply_to_account_id) and its author `who`.
    """

    def __init__(self, *, who: str, taste: str) -> None:
        self._down = _DOWN.format(who=who, taste=taste)
        self._up = _UP.format(who=who, taste=taste)

    def ids(self, params: Mapping[str, Any], page: Page) -> Ids:
        """Return one step; `params` are those of `who` and `taste`."""
        if page.min_id is not None:
            found = [row[0] for row in _run(self._up, params, page)]
            return Ids(found[::-1], floor=found[-1] if len(found) >= page.limit else None)
        cut, found = _run(self._down, params, page)[0]
        if len(found) >= page.limit:
            return Ids(found, floor=found[-1])
        return Ids(found, floor=cut + 1 if cut > (page.since_id or 0) else None)


def _run(statement: str, params: Mapping[str, Any], page: Page) -> list[tuple[Any, ...]]:
    bounds = {"below": LARGEST if page.max_id is None else page.max_id, "above": page.above or 0}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**params, **bounds, "limit": page.limit})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
