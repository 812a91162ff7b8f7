"""Hydration: from a page's ids to everything its rules and entities ask for, in two statements.

The first brings the posts (with what they share and quote) with counts and the viewer's own marks; the second
the people (`upscrolled/people.py`). A type of post that keeps rows of its own (a poll) has one statement more
where the page has such a post, and so have applications that this process meets for the first time. Nothing is
asked per row, and rules are applied to the result, never here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
from django.db import connection
from msgspec.structs import replace

from feed import counting, post_types
from upscrolled import clients, people
from upscrolled.core import ids
from upscrolled.models import Circle
from upscrolled.viewer import Viewer

_FOLLOWED = Circle.FOLLOWED.value
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_NO_PARTS: Mapping[int, Mapping[str, Any]] = MappingProxyType({})


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
    thread_id: int | None
    quote_of_id: int | None
    quote_state: str
    quoting: str
    replying: str
    parts: list[str]
    application_id: int | None
    quotes: int
    pinned: bool
    muted: bool
    original: PostFacts | None = None
    quoted: PostFacts | None = None
    attached: Mapping[str, Any] = _NOTHING

    @property
    def thread(self) -> int:
        """Id of the post that began the thread."""
        return self.thread_id or self.id


_ID, _REPOST_OF, _QUOTE_OF, _PARTS, _APPLICATION = map(
    PostFacts.__struct_fields__.index, ("id", "repost_of_id", "quote_of_id", "parts", "application_id")
)
_COLUMNS = """
    p.id, p.author_id, p.audience, p.html, p.warning, p.sensitive, p.language, p.in_reply_to_id,
    p.in_reply_to_account_id, p.repost_of_id, p.mentions, p.tags, p.edited_at, p.deleted_at IS NOT NULL,
    coalesce(c.likes, 0) + n.likes, coalesce(c.reposts, 0) + n.reposts, coalesce(c.replies, 0) + n.replies,
    ARRAY(SELECT r.kind FROM upscrolled_restriction r
          WHERE r.subject_kind = 'post' AND r.subject_id = p.id
            AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now())
            AND (r.countries = '{}' OR %(country)s = ANY(r.countries))),
    l.id IS NOT NULL, k.id IS NOT NULL, s.id IS NOT NULL,
    p.thread_id, p.quote_of_id, p.quote_state, p.quoting, p.replying, p.parts, p.application_id,
    coalesce(c.quotes, 0) + n.quotes, i.post_id IS NOT NULL, m.id IS NOT NULL
"""
# LATERAL with a LIMIT: one probe a post, however much this viewer has liked.
_VIEWERS_JOINS = """
    LEFT JOIN LATERAL (SELECT x.id FROM feed_like x
                       WHERE x.post_id = p.id AND x.account_id = %(viewer)s LIMIT 1) l ON true
    LEFT JOIN LATERAL (SELECT x.id FROM feed_bookmark x
                       WHERE x.post_id = p.id AND x.account_id = %(viewer)s LIMIT 1) k ON true
    LEFT JOIN LATERAL (SELECT x.id FROM feed_post x
                       WHERE x.repost_of_id = p.id AND x.author_id = %(viewer)s AND x.deleted_at IS NULL
                       LIMIT 1) s ON true
    LEFT JOIN LATERAL (SELECT x.post_id FROM feed_pin x
                       WHERE p.author_id = %(viewer)s AND x.post_id = p.id LIMIT 1) i ON true
    LEFT JOIN LATERAL (SELECT x.id FROM feed_threadmute x
                       WHERE x.account_id = %(viewer)s AND x.thread_id = coalesce(p.thread_id, p.id)
                       LIMIT 1) m ON true
"""
_JOINS = f"""
    LEFT JOIN feed_postcounters c ON c.post_id = p.id
    CROSS JOIN LATERAL {counting.beside("p.id")} n
    {_VIEWERS_JOINS}
"""
_BY_IDS = f"""
SELECT {_COLUMNS} FROM feed_post p {_JOINS}
WHERE p.id = ANY(%(ids)s)
   OR p.id = ANY(ARRAY(SELECT unnest(ARRAY[o.repost_of_id, o.quote_of_id,
                                           (SELECT s.quote_of_id FROM feed_post s WHERE s.id = o.repost_of_id)])
                       FROM feed_post o WHERE o.id = ANY(%(ids)s)
                         AND (o.repost_of_id IS NOT NULL OR o.quote_of_id IS NOT NULL)))
"""


# The marks of many viewers on a few posts; who has made none is left out.
_MARKS = f"""
SELECT v.id, p.id, l.id IS NOT NULL, k.id IS NOT NULL, s.id IS NOT NULL, i.post_id IS NOT NULL, m.id IS NOT NULL
FROM unnest(%(viewers)s::bigint[]) v (id) CROSS JOIN feed_post p
{_VIEWERS_JOINS.replace("%(viewer)s", "v.id")}
WHERE p.id = ANY(%(ids)s)
  AND coalesce(l.id, k.id, s.id, i.post_id, m.id) IS NOT NULL
"""
Marks = tuple[bool, bool, bool, bool, bool]  # liked, bookmarked, reposted, pinned, thread muted
UNMARKED: Marks = (False,) * 5


def marks(viewer_ids: Iterable[int], post_ids: Iterable[int]) -> dict[int, dict[int, Marks]]:
    """Return by viewer and post what each of them marked, in one statement."""
    found: dict[int, dict[int, Marks]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, {"viewers": list(viewer_ids), "ids": list(post_ids)})
        for viewer_id, post_id, *made in cursor.fetchall():
            found.setdefault(viewer_id, {})[post_id] = tuple(made)
    return found


def marked(post: PostFacts, by_post: Mapping[int, Marks]) -> PostFacts:
    """Return the post, with what it shares and quotes, as somebody meets it who made these marks."""
    liked, bookmarked, reposted, pinned, muted = by_post.get(post.id, UNMARKED)
    return replace(
        post,
        liked=liked,
        bookmarked=bookmarked,
        reposted=reposted,
        pinned=pinned,
        muted=muted,
        original=None if post.original is None else marked(post.original, by_post),
        quoted=None if post.quoted is None else marked(post.quoted, by_post),
    )


def load(viewer: Viewer, post_ids: Sequence[int], *, beside: Iterable[int] = ()) -> list[PostFacts]:
    """Return the posts with these ids, in this order, each with what it shares and quotes; without absent ids.

    Everybody the posts speak of is in `viewer.people` afterwards, and the accounts `beside` them.
    """
    if not post_ids:
        people.load(viewer, beside)
        return []
    with connection.cursor() as cursor:
        cursor.execute(_BY_IDS, {"ids": ids.array(post_ids), "viewer": viewer.id, "country": viewer.country})
        rows = cursor.fetchall()
    attached = post_types.load(viewer, [(row[_ID], row[_PARTS]) for row in rows if row[_PARTS]])
    posts = together(rows, attached)
    clients.load([row[_APPLICATION] for row in rows])
    others = set(beside)
    # Whether an author follows the viewer decides what may be answered and quoted, if the author wants it so.
    both_ways = bool(others) or any(
        post.replying == _FOLLOWED or post.quoting == _FOLLOWED for post in posts.values()
    )
    people.load(viewer, _people_of(posts.values()) | others, both_ways=both_ways)
    return [posts[post_id] for post_id in post_ids if post_id in posts]


def together(
    rows: Iterable[Sequence[Any]], attached: Mapping[int, Mapping[str, Any]] = _NO_PARTS
) -> dict[int, PostFacts]:
    """Make posts of rows, and hand each share the post that it shares, each quote the post that it quotes."""
    made: dict[int, PostFacts] = {}
    composed: dict[int, Sequence[Any]] = {}
    shares: list[Sequence[Any]] = []
    for row in rows:
        if row[_REPOST_OF] is not None:
            shares.append(row)
        elif row[_PARTS]:
            composed[row[_ID]] = row
        else:
            made[row[_ID]] = PostFacts(*row)
    for post_id, row in composed.items():
        quoted, later = made.get(row[_QUOTE_OF]), composed.get(row[_QUOTE_OF])
        if quoted is None and later is not None:
            quoted = _post(later, attached, None)  # nobody looks two quotes deep
        made[post_id] = _post(row, attached, quoted)
    for row in shares:
        made[row[_ID]] = PostFacts(*row, *[made.get(row[_REPOST_OF])])
    return made


def _post(
    row: Sequence[Any], attached: Mapping[int, Mapping[str, Any]], quoted: PostFacts | None
) -> PostFacts:
    return PostFacts(*row, *[None, quoted, attached.get(row[_ID], _NOTHING)])


def _people_of(posts: Iterable[PostFacts]) -> set[int]:
    found: set[int] = set()
    for post in posts:
        found.add(post.author_id)
        found.update(post.mentions)
        if post.in_reply_to_account_id is not None:
            found.add(post.in_reply_to_account_id)
    return found
