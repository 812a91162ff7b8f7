"""Mute a thread: no notification of anything in it, whoever does it (`upscrolled/operations/notify.py` asks)."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from msgspec.structs import replace

from feed.facts import PostFacts
from upscrolled import acting
from upscrolled.models import Account

_MUTE = f"""
INSERT INTO feed_threadmute (account_id, thread_id, created_at)
SELECT %(by)s, %(thread)s, %(now)s FROM {acting.HAND}
ON CONFLICT (account_id, thread_id) DO NOTHING
"""
_UNMUTE = (
    f"DELETE FROM feed_threadmute USING {acting.HAND} WHERE account_id = %(by)s AND thread_id = %(thread)s"
)


def mute_thread(post: PostFacts, *, by: Account, now: datetime) -> PostFacts:
    """Be told nothing more of the thread that this post stands in, and return the post so; nobody else learns of it."""
    with connection.cursor() as cursor:
        cursor.execute(_MUTE, {"actor": by.id, "by": by.id, "thread": post.thread, "now": now})
    return replace(post, muted=True)


def unmute_thread(post: PostFacts, *, by: Account) -> PostFacts:
    """Take the mute of a thread back, from whichever of its posts, and return the post so."""
    with connection.cursor() as cursor:
        cursor.execute(_UNMUTE, {"actor": by.id, "by": by.id, "thread": post.thread})
    return replace(post, muted=False)
