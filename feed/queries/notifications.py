"""What somebody is told, as they may still see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from feed import facts
from feed.facts import PostFacts
from upscrolled.core.errors import NotFound
from upscrolled.core.ids import LARGEST
from upscrolled.core.paging import Page
from upscrolled.models.notification import Notification
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, why_hidden


@dataclass(frozen=True, slots=True)
class Told:
    """One notification, with the post that it is about."""

    id: int
    kind: str
    actor_id: int
    created_at: datetime
    post: PostFacts | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of notifications with its two cursors; `last` is None when nothing is left."""

    told: list[Told]
    first: int | None
    last: int | None


_LIST = """
SELECT n.id, n.kind, n.actor_id, n.subject_id, n.created_at FROM upscrolled_notification n
WHERE n.recipient_id = %(viewer)s AND n.id < %(below)s AND n.id > %(above)s
  AND n.kind = ANY(%(kinds)s::text[]) AND (%(actor)s = 0 OR n.actor_id = %(actor)s)
ORDER BY n.id {order} LIMIT %(limit)s
"""


def notifications(
    viewer: Viewer, page: Page, *, kinds: Sequence[str] = Notification.Kind.values, actor_id: int = 0
) -> Listed:
    """Return what this person was told, the last first, without what they may or want no longer see."""
    params: dict[str, Any] = {
        "viewer": viewer.id,
        "below": LARGEST if page.max_id is None else page.max_id,
        "above": page.above or 0,
        "kinds": list(kinds),
        "actor": actor_id,
        "limit": page.limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LIST.format(order="ASC" if page.upward else "DESC"), params)
        rows = sorted(cursor.fetchall(), reverse=True)
    full = len(rows) == page.limit
    return Listed(
        _told(viewer, rows), first=rows[0][0] if rows else None, last=rows[-1][0] if rows and full else None
    )


def notification(viewer: Viewer, notification_id: int) -> Told:
    """Return one notification of this person, or raise NotFound."""
    listed = notifications(viewer, Page(max_id=notification_id + 1, since_id=notification_id - 1, limit=1))
    if not listed.told:
        raise NotFound
    return listed.told[0]


def unread_count(viewer: Viewer, *, limit: int) -> int:
    """Return how many there are, counted up to `limit`."""
    return len(notifications(viewer, Page(limit=limit)).told)


def _told(viewer: Viewer, rows: list[tuple[Any, ...]]) -> list[Told]:
    actors = {row[2] for row in rows}
    loaded = facts.load(viewer, [row[3] for row in rows if row[3] is not None], beside=actors)
    posts = {post.id: post for post in loaded}
    known = viewer.people
    told = []
    for number, kind, actor_id, subject_id, created_at in rows:
        actor = known.get(actor_id)
        if actor is None or not actor.active or actor.blocked or actor.muting_notifications:
            continue
        if "account_suspended" in actor.restrictions:
            continue
        post = posts.get(subject_id)
        if subject_id is not None and (post is None or why_hidden(post, viewer, Surface.NOTIFICATIONS)):
            continue
        told.append(Told(number, kind, actor_id, created_at, post))
    return told
