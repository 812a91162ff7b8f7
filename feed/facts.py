"""Hydration: from a page's ids to everything its rules and entities ask for, in two statements.

The first brings the posts (and what they share) with counts and the viewer's own marks; the second the
people (`upscrolled/people.py`). Nothing is asked per row, and rules are applied to the result, never here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from upscrolled import people
from upscrolled.viewer import Viewer


class PostFacts(msgspec.Struct, frozen=True, weakref=False):
    """A post as this viewer meets it. The order of the fields is the order of the columns in `_COLUMNS`."""

    id: int
    author_id: int
    audience: str
    html: str
    warning: str
    sensitive: bool
    language: str
    in_reply_to_id: int | None
    in_reply_to_account_id: int | None
    repost_of_id: int | None
    mentions: list[int]
    tags: list[str]
    edited_at: datetime | None
    deleted: bool
    likes: int
    reposts: int
    replies: int
    restrictions: list[str]
    liked: bool
    bookmarked: bool
    reposted: bool
    original: PostFacts | None = None


_COLUMNS = """
    p.id, p.author_id, p.audience, p.html, p.warning, p.sensitive, p.language, p.in_reply_to_id,
    p.in_reply_to_account_id, p.repost_of_id, p.mentions, p.tags, p.edited_at, p.deleted_at IS NOT NULL,
    coalesce(c.likes, 0), coalesce(c.reposts, 0), coalesce(c.replies, 0),
    ARRAY(SELECT r.kind FROM upscrolled_restriction r
          WHERE r.subject_kind = 'post' AND r.subject_id = p.id
            AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now())
            AND (r.countries = '{}' OR %(country)s = ANY(r.countries))),
    l.id IS NOT NULL, k.id IS NOT NULL, s.id IS NOT NULL
"""
# LATERAL with a LIMIT: one probe a post, however much this viewer has liked.
_JOINS = """
    LEFT JOIN feed_postcounters c ON c.post_id = p.id
    LEFT JOIN LATERAL (SELECT x.id FROM feed_like x
                       WHERE x.post_id = p.id AND x.account_id = %(viewer)s LIMIT 1) l ON true
    LEFT JOIN LATERAL (SELECT x.id FROM feed_bookmark x
                       WHERE x.post_id = p.id AND x.account_id = %(viewer)s LIMIT 1) k ON true
    LEFT JOIN LATERAL (SELECT x.id FROM feed_post x
                       WHERE x.repost_of_id = p.id AND x.author_id = %(viewer)s AND x.deleted_at IS NULL
                       LIMIT 1) s ON true
"""
_BY_IDS = f"""
SELECT {_COLUMNS} FROM feed_post p {_JOINS}
WHERE p.id = ANY(%(ids)s)
   OR p.id = ANY(ARRAY(SELECT o.repost_of_id FROM feed_post o WHERE o.id = ANY(%(ids)s)
                                                                AND o.repost_of_id IS NOT NULL))
"""


def load(viewer: Viewer, post_ids: Sequence[int], *, beside: Iterable[int] = ()) -> list[PostFacts]:
    """Return the posts with these ids, in this order, each with what it shares; absent ids are left out.

    Everybody the posts speak of is in `viewer.people` afterwards, and the accounts `beside` them.
    """
    if not post_ids:
        people.load(viewer, beside)
        return []
    with connection.cursor() as cursor:
        cursor.execute(_BY_IDS, {"ids": list(post_ids), "viewer": viewer.id, "country": viewer.country})
        rows = cursor.fetchall()
    posts = together(rows)
    people.load(viewer, _people_of(posts.values()).union(beside))
    return [posts[post_id] for post_id in post_ids if post_id in posts]


def together(rows: Iterable[Sequence[Any]]) -> dict[int, PostFacts]:
    """Make posts of rows, and hand each share the post that it shares."""
    plain: dict[int, PostFacts] = {}
    shares: list[Sequence[Any]] = []
    for row in rows:
        if row[9] is None:
            plain[row[0]] = PostFacts(*row)
        else:
            shares.append(row)
    for row in shares:
        plain[row[0]] = PostFacts(*row, *[plain.get(row[9])])
    return plain


def _people_of(posts: Iterable[PostFacts]) -> set[int]:
    found: set[int] = set()
    for post in posts:
        found.add(post.author_id)
        found.update(post.mentions)
        if post.in_reply_to_account_id is not None:
            found.add(post.in_reply_to_account_id)
    return found
