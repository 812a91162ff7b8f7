"""One's own filters, as rows for the screen that edits them and compiled for the pages that ask them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

import msgspec
from django.db import connection

from feed import filters, post_types
from feed.facts import PostFacts
from feed.filters import Filter, FilteredPost, Filters, Keyword, Match
from feed.timelines.fill import Wanted
from upscrolled.core.errors import NotFound
from upscrolled.viewer import Viewer

T = TypeVar("T")

# Readers whose filters a process remembers. Nearly all have none, and share one empty object; what one person
# may have is bounded where it is written (operations/filters.py).
REMEMBERED = 65_536

_FILTERS = """
SELECT f.id, f.title, f.contexts, f.action, f.irreversible, f.expires_at,
       ARRAY(SELECT jsonb_build_array(k.id, k.keyword, k.whole_word)::text FROM feed_filterkeyword k
             WHERE k.filter_id = f.id ORDER BY k.id),
       ARRAY(SELECT p.id FROM feed_filterpost p WHERE p.filter_id = f.id ORDER BY p.id),
       ARRAY(SELECT p.post_id FROM feed_filterpost p WHERE p.filter_id = f.id ORDER BY p.id)
FROM feed_filter f WHERE f.account_id = %(account)s ORDER BY f.id
"""


def all_of(viewer: Viewer) -> list[Filter]:
    """Return the viewer's filters, the oldest first; those that have expired too."""
    return _read(viewer.id)


def get_filter(viewer: Viewer, filter_id: int) -> Filter:
    """Return a filter of the viewer's own, or raise NotFound."""
    return _only(each for each in all_of(viewer) if each.id == filter_id)


def keyword(viewer: Viewer, keyword_id: int) -> tuple[Filter, Keyword]:
    """Return a word of a filter of the viewer's own, with the filter. Raises NotFound."""
    return _only((each, word) for each in all_of(viewer) for word in each.keywords if word.id == keyword_id)


def filtered_post(viewer: Viewer, row_id: int) -> FilteredPost:
    """Return a post of a filter of the viewer's own by its place there, which has an id. Raises NotFound."""
    return _only(post for each in all_of(viewer) for post in each.posts if post.id == row_id)


def of(viewer: Viewer) -> Filters:
    """Return the viewer's filters, compiled. One statement when this process meets this version of the viewer first.

    A filter changes `graph_version` with its own transaction, so whoever has read the new version reads the new
    filters.
    """
    if viewer.account is None:
        return filters.NONE
    return _compiled(viewer.id, viewer.graph_version)


def matches(mine: Filters, post: PostFacts, *, context: str | None, now: datetime) -> list[Match]:
    """Return the filters that a post meets; a share meets those of what it shares, too."""
    if not mine.all:
        return []
    shown = post.original or post
    said = (shown.warning, *post_types.words(shown))
    return mine.matches(said, shown.html, {post.id, shown.id}, context=context, now=now)


def wanted(viewer: Viewer, context: str, *, now: datetime) -> Wanted | None:
    """Return the test by which the server itself leaves posts out here; None where it leaves none out."""
    hiding = of(viewer).irreversible(context)
    if not hiding.all:
        return None
    return lambda post: not hides(hiding, post, viewer_id=viewer.id, context=context, now=now)


def hides(hiding: Filters, post: PostFacts, *, viewer_id: int, context: str, now: datetime) -> bool:
    """Say whether filters that hide leave a post out here; nobody's own posts are kept from them."""
    return post.author_id != viewer_id and bool(matches(hiding, post, context=context, now=now))


def forget() -> None:
    """Remember nobody's filters any more."""
    _compiled.cache_clear()


@lru_cache(maxsize=REMEMBERED)
def _compiled(account_id: int, graph_version: int) -> Filters:
    found = _read(account_id)
    return Filters(tuple(found)) if found else filters.NONE


def _read(account_id: int) -> list[Filter]:
    with connection.cursor() as cursor:
        cursor.execute(_FILTERS, {"account": account_id})
        return [_filter(*row) for row in cursor.fetchall()]


def _filter(
    filter_id: int,
    title: str,
    contexts: list[str],
    action: str,
    irreversible: bool,
    expires_at: datetime | None,
    keywords: list[str],
    rows: list[int],
    post_ids: list[int],
) -> Filter:
    words = [Keyword(*msgspec.json.decode(row, type=tuple[int, str, bool])) for row in keywords]
    posts = [FilteredPost(*pair) for pair in zip(rows, post_ids, strict=True)]
    return Filter(filter_id, title, contexts, action, irreversible, expires_at, words, posts)


def _only(found: Iterable[T]) -> T:
    """The one there is. Raises NotFound."""
    for each in found:
        return each
    raise NotFound
