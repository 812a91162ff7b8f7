"""The newest posts of many authors merged, read from PostgreSQL: home and the lists, each with its own authors.

To ask five thousand authors is cheap; to read what most of them wrote is not. So `first` asks some of them, drawn by
their ids, and `cut` guesses from that how far back the answer reaches; then all are asked for what is newer. A guess
that falls short costs another step, never a post: everything on this side of `cut` was looked at. What is left out of
`merged` lies beyond its last post, so taste is asked only there, and of few.

Whoever reads thousands reads a part of all that is written, so before all that it is tried without asking anybody: the
newest posts of the site are `walked`, as many as are likely to hold enough. Where they do not, the authors are asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from feed.timelines.skeleton import Ids
from upscrolled.core.ids import LARGEST
from upscrolled.core.paging import Page

SAMPLE, EACH = 250, 20  # authors who are asked first, about, and for how many of their posts at least
FEWEST = 10  # posts of the sample from which it is guessed
CROWD, PER_AUTHOR = 500, 3  # authors from which on it is walked first, and posts that are walked for each
SHORT = 80  # posts that are looked for so where more were asked for: the next step is as cheap
# Posts merged beyond those that are asked for, as a part of them and at least: taste leaves out some, and another step
# costs more than a few posts too many.
SPARE, SPARE_LEAST = 1.0, 20
# A condition on the post `p`: no share, or by somebody whose shares the viewer takes (and by themselves). A scalar
# subquery, which stays a probe for each share; an EXISTS may become a reading of all that they follow.
SHARES_WANTED = """
(p.repost_of_id IS NULL OR p.author_id = %(viewer)s OR (
  SELECT f.reposts FROM upscrolled_follow f WHERE f.account_id = %(viewer)s AND f.target_id = p.author_id))"""

_MERGE = """
{who}, crowd AS MATERIALIZED (
  SELECT part, greatest({fewest}, %(wanted)s::int / part) AS enough,
    greatest({each}, 2 * %(wanted)s::int / people) AS each,
    CASE WHEN people > {crowd} THEN {per_author} * people ELSE 0 END AS window
  FROM (SELECT 1 + count(*)::int / {sample} AS part, 1 + count(*)::int AS people FROM who) counted
), walked AS MATERIALIZED (
  SELECT p.id, p.author_id, p.repost_of_id, p.in_reply_to_account_id FROM (
    SELECT p.id, p.author_id, p.repost_of_id, p.in_reply_to_account_id FROM feed_post p
    WHERE p.deleted_at IS NULL AND p.id < %(below)s AND p.id > %(above)s
    ORDER BY p.id {order} LIMIT (SELECT w.window FROM crowd w)) p
  WHERE (p.author_id IN (SELECT id FROM who)) IS TRUE LIMIT least(%(wanted)s::int, {short})
), sparse AS MATERIALIZED (
  SELECT count(*) < least(%(wanted)s::int, {short}) AS yes FROM walked
), first AS (
  SELECT p.id FROM who CROSS JOIN LATERAL (
    SELECT p.id FROM feed_post p
    WHERE p.author_id = who.id AND p.deleted_at IS NULL AND p.id < %(below)s AND p.id > %(above)s
    ORDER BY p.id {order} LIMIT (SELECT each FROM crowd)) p
  WHERE (SELECT yes FROM sparse) AND hashint8(who.id) %% (SELECT part FROM crowd) = 0
  ORDER BY p.id {order} LIMIT (SELECT enough FROM crowd)
), cut AS MATERIALIZED (
  SELECT CASE WHEN count(*) = (SELECT enough FROM crowd) THEN {last}(id) END AS id FROM first
), merged AS MATERIALIZED (
  SELECT p.id, who.id AS author_id, p.repost_of_id, p.in_reply_to_account_id FROM who CROSS JOIN LATERAL (
    SELECT p.id, p.repost_of_id, p.in_reply_to_account_id FROM feed_post p
    WHERE p.author_id = who.id AND p.deleted_at IS NULL AND p.id < %(below)s AND p.id > %(above)s
      AND p.id {within} (SELECT coalesce(id, %({end})s) FROM cut)
    ORDER BY p.id {order} LIMIT %(wanted)s) p
  WHERE (SELECT yes FROM sparse)
  UNION ALL SELECT p.* FROM walked p WHERE NOT (SELECT yes FROM sparse)
  ORDER BY id {order} LIMIT %(wanted)s
)
SELECT (SELECT CASE WHEN count(*) = %(wanted)s OR NOT (SELECT yes FROM sparse) THEN {last}(id)
                    ELSE (SELECT id FROM cut) END FROM merged),
  ARRAY(SELECT p.id FROM merged p WHERE {taste} ORDER BY p.id {order} LIMIT %(limit)s)
"""
_DOWN = {"order": "DESC", "last": "min", "end": "above", "within": ">="}
_UP = {"order": "ASC", "last": "max", "end": "below", "within": "<="}


class FanIn:
    """Two statements, for older and for newer posts.

    `who` is a WITH clause that defines `who (id)`, the authors, each once. `taste` is a condition on the post `p`
    (author_id, repost_of_id, in_reply_to_account_id).
    """

    def __init__(self, *, who: str, taste: str) -> None:
        known = {
            "who": who,
            "taste": taste,
            "sample": SAMPLE,
            "each": EACH,
            "fewest": FEWEST,
            "crowd": CROWD,
            "per_author": PER_AUTHOR,
            "short": SHORT,
        }
        self._down, self._up = (_MERGE.format(**known, **way) for way in (_DOWN, _UP))

    def ids(self, params: Mapping[str, Any], page: Page) -> Ids:
        """Return one step; `params` are those of `who` and `taste`."""
        row = {
            **params,
            "below": LARGEST if page.max_id is None else page.max_id,
            "above": page.above or 0,
            "limit": page.limit,
            "wanted": page.limit + max(int(SPARE * page.limit), SPARE_LEAST),
        }
        with connection.cursor() as cursor:
            cursor.execute(self._up if page.upward else self._down, row)
            answer = cursor.fetchone()
        assert answer is not None
        looked_at, found = answer
        floor = found[-1] if len(found) == page.limit else looked_at
        return Ids(sorted(found, reverse=True), floor)
