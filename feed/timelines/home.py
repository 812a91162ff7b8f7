"""Home: posts and shares by the people you follow and by you, newest first, from before and after the follow.

The truth is PostgreSQL (`fan_in.py`); a list in Valkey saves most of its cost for people who read often.
Nothing here decides visibility: taste and permission are rules applied to the hydrated page.
"""

from __future__ import annotations

import logging
from bisect import bisect_left, bisect_right
from operator import neg

import redis

from feed.models import Delivery
from feed.timelines import store
from feed.timelines.fan_in import SHARES_WANTED, FanIn
from feed.timelines.skeleton import Ids
from upscrolled.core.paging import Page
from upscrolled.database import reading
from upscrolled.viewer import Viewer

log = logging.getLogger(__name__)

ROUNDS = 4  # steps from which a list is made at most
ENOUGH = 40  # posts that do for a list: two pages. What it does not hold is read from rows

# Whoever stands on an exclusive list is read there instead. The authors are read from the index of pairs alone (hence
# its order): who follows thousands has them all over the table.
_WHO = """
WITH who AS (
  (SELECT f.target_id AS id FROM upscrolled_follow f WHERE f.account_id = %(viewer)s AND f.target_id NOT IN (
     SELECT g.target_id FROM feed_readinglist l JOIN feed_listmember m ON m.reading_list_id = l.id
     JOIN upscrolled_follow g ON g.id = m.follow_id WHERE l.account_id = %(viewer)s AND l.exclusive)
   ORDER BY f.target_id)
  UNION ALL SELECT %(viewer)s::bigint
)"""
# Replies to strangers are left out here already, or talkative people would fill the list with what the
# rules drop anyway; a stranger followed later makes a new graph_version, hence a new list.
_TASTE = f"""
{SHARES_WANTED}
  AND (p.in_reply_to_account_id IS NULL OR p.author_id = %(viewer)s OR p.in_reply_to_account_id = %(viewer)s
       OR (SELECT true FROM upscrolled_follow g
           WHERE g.account_id = %(viewer)s AND g.target_id = p.in_reply_to_account_id))"""
_HOME = FanIn(who=_WHO, taste=_TASTE)


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
    return _from_rows(viewer, page)


def lacking(viewer: Viewer) -> list[int]:
    """Return the posts that this reader's list lacks, as far down as it reaches; none where no list stands.

    What is being delivered at this moment is not missed. Raises redis.RedisError when Valkey does not answer.
    """
    name = store.key(viewer.id, viewer.graph_version)
    if store.read(name) is None:
        return []
    with reading.on_primary():
        told, _ = _newest(viewer)
        owed = set(Delivery.objects.filter(post__in=told).values_list("post_id", flat=True))
    held = store.read(name)  # after the rows: what was delivered since then stands in it
    if held is None:
        return []
    entries, complete = held
    lowest, there = 0 if complete or not entries else entries[-1], owed.union(entries)
    return [post for post in told if post >= lowest and post not in there]


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
    with reading.on_primary():  # a replica may lack a post whose push the marker came too late for
        entries, complete = _newest(viewer)
    store.fill(name, marker, entries, complete=complete)
    return entries, complete


def _newest(viewer: Viewer) -> tuple[list[int], bool]:
    """Return what a list holds, and whether that is all there is: one step, more only where most is left out."""
    entries: list[int] = []
    floor: int | None = None
    for _ in range(ROUNDS):
        step = _from_rows(viewer, Page(limit=store.KEPT, max_id=floor))
        entries += step.ids
        floor = step.floor
        if floor is None or len(entries) >= ENOUGH:
            break
    return entries, floor is None


def _from_rows(viewer: Viewer, page: Page) -> Ids:
    return _HOME.ids({"viewer": viewer.id}, page)
