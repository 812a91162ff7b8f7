"""What somebody is told, as they may still see it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from feed import facts
from feed.facts import PostFacts
from feed.queries import private, sieve
from feed.queries.private import About
from feed.timelines.fill import Wanted
from upscrolled import queries
from upscrolled.core.errors import NotFound
from upscrolled.core.ids import LARGEST
from upscrolled.core.paging import Page
from upscrolled.models.notification import Notification
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, why_hidden

# What moderation and the clock tell is about no post and by nobody else: no block, mute or suspension hides it.
OF_ONESELF = frozenset(
    {Notification.Kind.MODERATION_WARNING, Notification.Kind.REPORT, Notification.Kind.NOT_PUBLISHED}
)
# Mastodon has no types that say this, and applications show an error for types that they do not know: they are listed
# for whoever asks for them, and a mail reaches everybody (`moderation/notices.py`, `operations/scheduled.py`).
ASKED_ONLY = frozenset({Notification.Kind.REPORT, Notification.Kind.NOT_PUBLISHED})
UNASKED = tuple(kind for kind in Notification.Kind.values if kind not in ASKED_ONLY)
Row = tuple[Any, ...]  # id, kind, actor, subject, moment
ACCEPTED = frozenset({sieve.ACCEPT})
ALL_BUT_DROPPED = frozenset({sieve.ACCEPT, sieve.FILTER})
ROUNDS = 4  # pages that are looked at for one that shows something
MARKED = "notifications"  # the marker that says how far somebody has read these


@dataclass(frozen=True, slots=True)
class Told:
    """One notification, with the post or private message that it is about; what `OF_ONESELF` names has neither."""

    id: int
    kind: str
    actor_id: int
    created_at: datetime
    post: PostFacts | None
    subject_id: int | None = None
    verdict: str = sieve.ACCEPT
    private: About | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of notifications with its two cursors; `last` is None when nothing is left."""

    told: list[Told]
    first: int | None
    last: int | None


# Three ways to the same page, each by an index of its own: whoever has half a million likes is still told at once
# who named them, and what one person did.
_BOUNDS = "n.id < %(below)s AND n.id > %(above)s"
_LIST = f"""
SELECT n.id, n.kind, n.actor_id, n.subject_id, n.created_at FROM upscrolled_notification n
WHERE n.recipient_id = %(viewer)s AND n.kind <> ALL(%(unwanted)s::text[]) AND {_BOUNDS}
ORDER BY n.id {{order}} LIMIT %(limit)s
"""
_OF_KINDS = f"""
SELECT n.* FROM unnest(%(kinds)s::text[]) AS wanted (kind) CROSS JOIN LATERAL (
  SELECT n.id, n.kind, n.actor_id, n.subject_id, n.created_at FROM upscrolled_notification n
  WHERE n.recipient_id = %(viewer)s AND n.kind = wanted.kind AND {_BOUNDS}
  ORDER BY n.id {{order}} LIMIT %(limit)s) n
ORDER BY n.id {{order}} LIMIT %(limit)s
"""
_OF_ACTOR = f"""
WITH n AS MATERIALIZED (
  SELECT n.id, n.kind, n.actor_id, n.subject_id, n.created_at FROM upscrolled_notification n
  WHERE n.recipient_id = %(viewer)s AND n.actor_id = %(actor)s)
SELECT n.* FROM n WHERE n.kind = ANY(%(kinds)s::text[]) AND {_BOUNDS} ORDER BY n.id {{order}} LIMIT %(limit)s
"""


def notifications(
    viewer: Viewer,
    page: Page,
    *,
    kinds: Sequence[str] = Notification.Kind.values,
    actor_id: int = 0,
    wanted: Wanted | None = None,
    verdicts: Collection[str] = ACCEPTED,
) -> Listed:
    """Return what this person was told, the last first, without what they may or want no longer see.

    That is what the rules hide, what stands in a thread they muted, posts that are not `wanted`, and what their
    policies set aside, unless `verdicts` ask for that. Where all of a page is hidden the next is looked at, for
    applications take a page without anything for the end.
    """
    edges: list[int] = []
    told: list[Told] = []
    for _ in range(ROUNDS):
        rows = newest(viewer, page, kinds=kinds, actor_id=actor_id)
        edges += [row[0] for row in rows[:1] + rows[-1:]]
        told = told_of(viewer, rows, wanted, verdicts)
        if told or len(rows) < page.limit:
            break
        page = replace(page, min_id=max(edges)) if page.upward else replace(page, max_id=min(edges))
    full = len(rows) == page.limit
    return Listed(told, first=max(edges, default=None), last=min(edges) if edges and full else None)


def newest(
    viewer: Viewer, page: Page, *, kinds: Sequence[str] = Notification.Kind.values, actor_id: int = 0
) -> list[Row]:
    """Return one page of rows, the last first; whether they may be seen is asked next (`told_of`)."""
    unwanted = set(Notification.Kind.values).difference(kinds)
    params: dict[str, Any] = {
        "viewer": viewer.id,
        "below": LARGEST if page.max_id is None else page.max_id,
        "above": page.above or 0,
        "kinds": list(dict.fromkeys(kinds)),
        "unwanted": sorted(unwanted),
        "actor": actor_id,
        "limit": page.limit,
    }
    statement = _OF_ACTOR if actor_id else _LIST if unwanted <= ASKED_ONLY else _OF_KINDS
    with connection.cursor() as cursor:
        cursor.execute(statement.format(order="ASC" if page.upward else "DESC"), params)
        return sorted(cursor.fetchall(), reverse=True)


def notification(viewer: Viewer, notification_id: int, *, wanted: Wanted | None = None) -> Told:
    """Return one notification of this person, or raise NotFound."""
    page = Page(max_id=notification_id + 1, since_id=notification_id - 1, limit=1)
    listed = notifications(viewer, page, wanted=wanted)
    if not listed.told:
        raise NotFound
    return listed.told[0]


_SOME = """
SELECT n.id, n.kind, n.actor_id, n.subject_id, n.created_at FROM upscrolled_notification n
WHERE n.recipient_id = %(viewer)s AND n.id = ANY(%(ids)s::bigint[]) ORDER BY n.id
"""


def some(viewer: Viewer, ids: Iterable[int], *, wanted: Wanted | None = None) -> list[Told]:
    """Return these notifications of this person, the oldest first, without what they may or want no longer see."""
    with connection.cursor() as cursor:
        cursor.execute(_SOME, {"viewer": viewer.id, "ids": list(ids)})
        return told_of(viewer, cursor.fetchall(), wanted)


def unread_count(
    viewer: Viewer,
    *,
    limit: int,
    kinds: Sequence[str] = Notification.Kind.values,
    actor_id: int = 0,
    wanted: Wanted | None = None,
) -> int:
    """Return how many there are that the viewer's marker does not say are read, counted up to `limit`."""
    read = queries.positions(viewer, [MARKED])
    page = Page(since_id=read[0].last_read_id if read else None, limit=limit)
    return len(notifications(viewer, page, kinds=kinds, actor_id=actor_id, wanted=wanted).told)


def _hidden(post: PostFacts, viewer: Viewer, wanted: Wanted | None) -> bool:
    if why_hidden(post, viewer, Surface.NOTIFICATIONS) or (post.original or post).muted:
        return True
    return wanted is not None and not wanted(post)


def told_of(
    viewer: Viewer,
    rows: Sequence[Row],
    wanted: Wanted | None,
    verdicts: Collection[str] = ACCEPTED,
) -> list[Told]:
    """Return of these rows what their reader may and wants to see, in the same order."""
    if not rows:
        return []
    strained, now = sieve.of(viewer), datetime.now(UTC)
    actors = {row[2] for row in rows}
    messages = private.of(viewer, [row[:4] for row in rows])
    about = [
        row[3]
        for row in rows
        if row[3] is not None and row[1] not in OF_ONESELF and not private.is_private(row[1], row[3])
    ]
    loaded = facts.load(viewer, about, beside=actors)
    posts = {post.id: post for post in loaded}
    known = viewer.people
    told = []
    for number, kind, actor_id, subject_id, created_at in rows:
        if kind in OF_ONESELF:
            if sieve.ACCEPT in verdicts:
                told.append(Told(number, kind, actor_id, created_at, None, subject_id))
            continue
        actor = known.get(actor_id)
        if actor is None or not actor.active or actor.blocked or actor.muting_notifications:
            continue
        if "account_suspended" in actor.restrictions:
            continue
        if private.is_private(kind, subject_id):
            if number in messages and sieve.ACCEPT in verdicts:
                told.append(
                    Told(number, kind, actor_id, created_at, None, subject_id, private=messages[number])
                )
            continue
        post = posts.get(subject_id)
        if subject_id is not None and (post is None or _hidden(post, viewer, wanted)):
            continue
        verdict = strained.verdict(kind, actor, now)
        if verdict in verdicts:
            told.append(Told(number, kind, actor_id, created_at, post, subject_id, verdict))
    return told
