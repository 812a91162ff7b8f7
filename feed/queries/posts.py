"""One post, and the thread around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from feed import facts
from feed.facts import PostFacts
from feed.models import Post, PostEdit
from upscrolled.core.errors import NotFound
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, visible, why_hidden

ANCESTORS_MAX, DESCENDANTS_MAX, DEPTH_MAX = 4_096, 4_096, 512
ANONYMOUS_ANCESTORS_MAX, ANONYMOUS_DESCENDANTS_MAX, ANONYMOUS_DEPTH_MAX = 40, 60, 20


@dataclass(frozen=True, slots=True)
class Thread:
    """What a post answers, oldest first, and what answers it, depth first."""

    ancestors: list[PostFacts]
    descendants: list[PostFacts]


def get_post(viewer: Viewer, post_id: int) -> PostFacts:
    """Return a post this viewer may see, or raise NotFound: never say that it exists."""
    found = facts.load(viewer, [post_id])
    if not found or why_hidden(found[0], viewer, Surface.THREAD):
        raise NotFound
    return found[0]


def get_original(viewer: Viewer, post_id: int) -> PostFacts:
    """Return a post, or what it shares if it is a share: likes and replies belong to the original."""
    post = get_post(viewer, post_id)
    return post.original or post


def own_post(viewer: Viewer, post_id: int) -> PostFacts:
    """Return a post of the viewer's own, or raise NotFound."""
    post = get_post(viewer, post_id)
    if post.author_id != viewer.id:
        raise NotFound
    return post


def posts(viewer: Viewer, post_ids: list[int]) -> list[PostFacts]:
    """Return those of the posts that this viewer may see, in this order."""
    return visible(facts.load(viewer, post_ids), viewer, Surface.THREAD)


def source(viewer: Viewer, post_id: int) -> Post:
    """Return what was typed; only the author asks."""
    own_post(viewer, post_id)
    return Post.objects.get(pk=post_id)


def history(viewer: Viewer, post_id: int) -> tuple[PostFacts, list[PostEdit]]:
    """Return a post and its earlier versions, oldest first."""
    post = get_original(viewer, post_id)
    return post, list(PostEdit.objects.filter(post_id=post.id).order_by("id"))


# Replies are walked level by level along their index; root, ancestors and replies are one statement.
# `place` is 0 for the post itself, negative above it, positive below.
_THREAD = """
WITH RECURSIVE root AS (
  SELECT coalesce(p.repost_of_id, p.id) AS id FROM feed_post p WHERE p.id = %(post)s
), up AS (
  SELECT p.in_reply_to_id AS id, 1 AS depth FROM feed_post p JOIN root ON p.id = root.id
  UNION ALL
  SELECT p.in_reply_to_id, up.depth + 1 FROM up JOIN feed_post p ON p.id = up.id
  WHERE up.depth < %(ancestors)s
), down AS (
  (SELECT p.id, p.in_reply_to_id AS parent, 1 AS depth FROM root
   JOIN feed_post p ON p.in_reply_to_id = root.id AND p.deleted_at IS NULL
   ORDER BY p.id LIMIT %(descendants)s)
  UNION ALL
  (SELECT p.id, p.in_reply_to_id, d.depth + 1 FROM down d
   JOIN feed_post p ON p.in_reply_to_id = d.id AND p.deleted_at IS NULL
   WHERE d.depth < %(depth)s)
)
SELECT id, NULL::bigint AS parent, 0 AS place FROM root
UNION ALL
SELECT id, NULL::bigint, -depth FROM up WHERE id IS NOT NULL
UNION ALL
SELECT id, parent, depth FROM (SELECT id, parent, depth FROM down LIMIT %(descendants)s) d
"""


def thread(viewer: Viewer, post_id: int) -> Thread:
    """Return the thread around a post this viewer may see; what they may not see is left out.

    A reply whose parent is hidden is hidden with it. The anonymous get a shorter piece, as at Mastodon.
    Raises NotFound when the post itself is hidden.
    """
    known = viewer.account is not None
    params = {
        "post": post_id,
        "ancestors": ANCESTORS_MAX if known else ANONYMOUS_ANCESTORS_MAX,
        "descendants": DESCENDANTS_MAX if known else ANONYMOUS_DESCENDANTS_MAX,
        "depth": DEPTH_MAX if known else ANONYMOUS_DEPTH_MAX,
    }
    with connection.cursor() as cursor:
        cursor.execute(_THREAD, params)
        rows = cursor.fetchall()
    loaded = facts.load(viewer, [row[0] for row in rows])
    shown = {found.id: found for found in visible(loaded, viewer, Surface.THREAD)}
    if not rows or rows[0][0] not in shown:
        raise NotFound
    up = sorted((row for row in rows if row[2] < 0), key=lambda row: int(row[2]))
    ancestors = [shown[row[0]] for row in up if row[0] in shown]
    return Thread(ancestors, _depth_first(rows[0][0], [row for row in rows if row[2] > 0], shown))


def _depth_first(root: int, rows: list[tuple[Any, ...]], shown: dict[int, PostFacts]) -> list[PostFacts]:
    children: dict[int, list[int]] = {}
    for post_id, parent, _ in rows:
        children.setdefault(parent, []).append(post_id)
    ordered: list[PostFacts] = []
    stack = sorted(children.get(root, ()), reverse=True)
    while stack:
        post_id = stack.pop()
        if post_id not in shown:
            continue
        ordered.append(shown[post_id])
        stack.extend(sorted(children.get(post_id, ()), reverse=True))
    return ordered
