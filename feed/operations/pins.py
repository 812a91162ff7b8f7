"""Pins: the few posts that somebody shows on top of their profile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from msgspec.structs import replace

from feed.facts import PostFacts
from upscrolled import acting
from upscrolled.core.errors import Invalid
from upscrolled.graph import alone
from upscrolled.models import Account

PINS_MAX = 5

# Pins of posts that were deleted since do not count, whoever deleted them.
_HELD = """
SELECT count(*), count(*) FILTER (WHERE i.post_id = %(post)s) FROM feed_pin i
JOIN feed_post p ON p.id = i.post_id AND p.deleted_at IS NULL WHERE i.account_id = %(by)s
"""
_PIN = """
INSERT INTO feed_pin (post_id, account_id, created_at) VALUES (%(post)s, %(by)s, %(now)s)
ON CONFLICT (post_id) DO NOTHING
"""
_UNPIN = f"DELETE FROM feed_pin USING {acting.HAND} WHERE post_id = %(post)s AND account_id = %(by)s"


@transaction.atomic
def pin(post: PostFacts, *, by: Account, now: datetime) -> PostFacts:
    """Pin a post of one's own and return it so; pinning it again changes nothing.

    Raises Invalid for somebody else's post, for a share, and beyond PINS_MAX.
    """
    if post.author_id != by.id:
        raise Invalid("Validation failed: Someone else's post cannot be pinned")
    if post.repost_of_id is not None:
        raise Invalid("Validation failed: A share cannot be pinned")
    alone(by.id, by.id)
    acting.as_owner(by.id)
    row: dict[str, Any] = {"post": post.id, "by": by.id, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_HELD, row)
        held, already = cursor.fetchone()
        if held >= PINS_MAX and not already:
            raise Invalid(f"Validation failed: At most {PINS_MAX} posts can be pinned; you have {held}")
        cursor.execute(_PIN, row)
    return replace(post, pinned=True)


def unpin(post: PostFacts, *, by: Account) -> PostFacts:
    """Take a pin back and return the post so; a post that is not pinned stays as it is."""
    with connection.cursor() as cursor:
        cursor.execute(_UNPIN, {"post": post.id, "by": by.id, "actor": by.id})
    return replace(post, pinned=False)
