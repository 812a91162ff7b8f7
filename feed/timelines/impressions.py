"""How often posts were part of a page, by surface: estimated from a sample, so that no page pays for it.

One page in `ONE_IN` is noted, and each of its posts counts `ONE_IN` times. The notes lie in Valkey until the clock adds
them to the rows; what a crash loses is a minute of an estimate. Nobody's name is in it, and one's own posts do
not count.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from random import random
from typing import Any, Final

import redis
from django.db import connection

from feed.facts import PostFacts
from feed.models import Impressions
from upscrolled.core import valkey
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface

log = logging.getLogger(__name__)

ONE_IN: Final = 16
_NOTES, _TAKEN = "impressions:{feed}:notes", "impressions:{feed}:taken"
_ADD = """
INSERT INTO feed_impressions AS i (post_id, surface, estimate)
SELECT n.post_id, n.surface, n.times * %(one_in)s
FROM unnest(%(posts)s::bigint[], %(surfaces)s::text[], %(times)s::bigint[]) AS n(post_id, surface, times)
JOIN feed_post p ON p.id = n.post_id ORDER BY n.post_id, n.surface
ON CONFLICT (post_id, surface) DO UPDATE SET estimate = i.estimate + excluded.estimate
"""


def note(surface: Surface, viewer: Viewer, posts: Iterable[PostFacts]) -> None:
    """Note the posts of a page, once in `ONE_IN` times. Never raises for Valkey."""
    if random() * ONE_IN >= 1:
        return
    try:
        notes = valkey.data().pipeline(transaction=False)
        for post in posts:
            shown = post.original or post
            if shown.author_id != viewer.id:
                notes.hincrby(_NOTES, f"{shown.id}:{surface.value}", 1)
        notes.execute()
    except redis.RedisError as error:
        log.warning("A page is not counted: %s", error)


def add_up() -> int:
    """Add what was noted to the rows; return how many rows that were. Raises redis.RedisError.

    What a run that died had taken is overwritten: too little is better than twice.
    """
    store = valkey.data()
    if not store.exists(_NOTES):
        return 0
    store.rename(_NOTES, _TAKEN)
    notes: Any = store.hgetall(_TAKEN)
    posts, surfaces = zip(*(field.decode().split(":") for field in notes), strict=True)
    row = {
        "posts": [int(post) for post in posts],
        "surfaces": list(surfaces),
        "times": [int(times) for times in notes.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, {**row, "one_in": ONE_IN})
    store.delete(_TAKEN)
    return len(notes)


def of(post_id: int) -> dict[str, int]:
    """The estimates for a post by surface; a surface on which it was not noted is absent."""
    rows = Impressions.objects.filter(post_id=post_id)
    return dict(rows.values_list("surface", "estimate"))
