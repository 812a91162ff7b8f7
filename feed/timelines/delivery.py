"""Who gets a post into their home list: everybody who follows the author, and the author."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import redis
from django.db import connection, transaction

from feed.timelines import store
from upscrolled import activity, switches

MANY = 20_000  # beyond so many readers rows are fetched in pieces through a cursor of the server
_PIECE = 5_000
Push = tuple[int, int, int]  # reader, version of their relations, post
log = logging.getLogger(__name__)

# A reply goes only to those who follow both; the reader's own rules are applied again when home is read.
# The last two columns say whether this follower wants to be told of the post, and whether it is their own. A list
# stands for seven days after it was made (`store.LIFETIME`), so who was not here for longer has none: nothing is missed
# by leaving them out. Whoever keeps the author `apart`, on an exclusive list, may want to be told, but has no home (no
# version) to push to.
_READERS = """
WITH apart AS MATERIALIZED (
  SELECT DISTINCT m.follow_id FROM feed_post p JOIN feed_listmember m ON m.account_id = p.author_id
  JOIN feed_readinglist l ON l.id = m.reading_list_id AND l.exclusive
  WHERE p.id = ANY(%(ids)s)
)
SELECT f.account_id, CASE WHEN apart.follow_id IS NULL THEN c.graph_version END, p.id,
       f.notify AND p.repost_of_id IS NULL AND p.in_reply_to_account_id IS NULL, false
FROM feed_post p
JOIN upscrolled_follow f ON f.target_id = p.author_id
JOIN upscrolled_accountcounters c ON c.account_id = f.account_id
LEFT JOIN apart ON apart.follow_id = f.id
WHERE p.id = ANY(%(ids)s) AND p.deleted_at IS NULL AND (p.repost_of_id IS NULL OR f.reposts)
  AND (f.notify OR NOT %(active_only)s OR c.active_on >= (now() AT TIME ZONE 'UTC')::date - %(days)s)
  AND (f.notify OR apart.follow_id IS NULL)
  AND (p.in_reply_to_account_id IS NULL OR p.in_reply_to_account_id IN (p.author_id, f.account_id)
       OR EXISTS (SELECT 1 FROM upscrolled_follow g
                  WHERE g.account_id = f.account_id AND g.target_id = p.in_reply_to_account_id))
UNION ALL
SELECT p.author_id, c.graph_version, p.id, false, true
FROM feed_post p JOIN upscrolled_accountcounters c ON c.account_id = p.author_id
WHERE p.id = ANY(%(ids)s) AND p.deleted_at IS NULL
"""


def push(post_ids: list[int], *, readers: int) -> dict[int, list[int]]:
    """Push these posts to the lists that stand; `readers` says how many rows to expect.

    Return, by post, the followers who asked to be told of it.
    """
    told: dict[int, list[int]] = {}
    own: list[Push] = []
    store.push(_pushes(post_ids, told, own, chunked=readers > MANY))
    store.push(own, once=True)
    return told


def push_own(post_id: int, *, author_id: int, version: int) -> None:
    """Push a post to the author's own list after the commit: whoever posts and then reads home sees it there.

    Nothing is lost where Valkey does not answer: the delivery brings it to the author too.
    """
    transaction.on_commit(lambda: _push_own((author_id, version, post_id)), robust=True)


def _push_own(push: Push) -> None:
    try:
        store.push([push], once=True)
    except (redis.RedisError, OSError) as error:
        log.warning("An author's own list gets a post later: %s", error)


def _pushes(
    post_ids: list[int], told: dict[int, list[int]], own: list[Push], *, chunked: bool
) -> Iterator[Push]:
    with connection.chunked_cursor() if chunked else connection.cursor() as cursor:
        active_only = switches.value("fan_out") == "active"
        cursor.execute(_READERS, {"ids": post_ids, "active_only": active_only, "days": activity.DAYS})
        while rows := cursor.fetchmany(_PIECE):
            for reader, version, post_id, bell, is_own in rows:
                if bell:
                    told.setdefault(post_id, []).append(reader)
                if is_own:
                    own.append((reader, version, post_id))
                elif version is not None:
                    yield reader, version, post_id
