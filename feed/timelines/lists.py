"""A list's timeline: posts and shares by the people on it, newest first, as home would show them.

Nothing is kept: few people read lists, and at most 500 stand on one. Answers are narrower than in home where
the owner wants it so; those to the owner, and an author's to themselves, are always there.
"""

from __future__ import annotations

from feed.timelines.fan_in import SHARES_WANTED, FanIn
from feed.timelines.skeleton import Ids
from upscrolled.core.paging import Page
from upscrolled.viewer import Viewer

_WHO = """
WITH list AS (
  SELECT l.id, l.replies FROM feed_readinglist l WHERE l.id = %(list)s AND l.account_id = %(viewer)s
), who AS (
  SELECT m.account_id AS id FROM list
  JOIN feed_listmember m ON m.reading_list_id = list.id
  LEFT JOIN upscrolled_follow f ON f.id = m.follow_id
  WHERE f.id IS NOT NULL OR m.account_id = %(viewer)s
)"""
_TASTE = f"""
{SHARES_WANTED}
  AND (p.in_reply_to_account_id IS NULL OR p.in_reply_to_account_id IN (p.author_id, %(viewer)s)
       OR CASE (SELECT replies FROM list)
          WHEN 'list' THEN p.in_reply_to_account_id IN (SELECT w.id FROM who w)
          WHEN 'followed' THEN EXISTS (SELECT 1 FROM upscrolled_follow g
                                       WHERE g.account_id = %(viewer)s AND g.target_id = p.in_reply_to_account_id)
          ELSE false END)"""
_LIST = FanIn(who=_WHO, taste=_TASTE)


def ids(viewer: Viewer, page: Page, *, list_id: int) -> Ids:
    """Return one step of the skeleton; nothing for a list that is not the viewer's own."""
    return _LIST.ids({"viewer": viewer.id, "list": list_id}, page)
