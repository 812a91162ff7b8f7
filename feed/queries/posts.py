"""One post, and the thread around it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from django.db import connection

from feed import facts
from feed.facts import PostFacts
from feed.models import Post, PostEdit
from feed.post_types import media
from feed.post_types.poll import PollFacts
from feed.timelines import scan
from feed.timelines.fill import Filled, fill
from upscrolled.core.errors import NotFound
from upscrolled.core.paging import Page
from upscrolled.media import shown
from upscrolled.media.shown import MediaFacts
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, visible, why_hidden


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of a thread is one page: posts above, posts below, and how deep they go.

    `direct` of the replies are to the post itself, at most, and `each` to any other; so the first answers and
    the talk below them both have room. What is left out is reached by opening one of the replies shown.
    """

    ancestors: int
    descendants: int
    depth: int
    direct: int
    each: int


# The API allows 4,096 posts. A page of a thread costs as much as its posts, so it stays near that of a timeline.
SIGNED_IN = Reach(ancestors=40, descendants=80, depth=40, direct=60, each=8)
ANONYMOUS = Reach(ancestors=40, descendants=60, depth=20, direct=45, each=8)
LOOKED_AT = 200  # replies among which those of the post's own author come first


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


def acted_on(viewer: Viewer, post_id: int) -> tuple[PostFacts, bool]:
    """Return a post, or what it shares, and whether this viewer may still see it.

    What somebody did to a post they may take back also when it is hidden from them by now. Raises NotFound.
    """
    found = facts.load(viewer, [post_id])
    if not found or (original := found[0].original or found[0]).deleted:
        raise NotFound
    return original, why_hidden(found[0], viewer, Surface.THREAD) is None


def own_post(viewer: Viewer, post_id: int) -> PostFacts:
    """Return a post of the viewer's own, or raise NotFound."""
    post = get_post(viewer, post_id)
    if post.author_id != viewer.id:
        raise NotFound
    return post


def posts(viewer: Viewer, post_ids: list[int]) -> list[PostFacts]:
    """Return those of the posts that this viewer may see, in this order."""
    return visible(facts.load(viewer, post_ids), viewer, Surface.THREAD)


def get_poll(viewer: Viewer, post_id: int) -> tuple[PostFacts, PollFacts]:
    """Return a post this viewer may see, and its poll. Raises NotFound if it has none."""
    post = get_original(viewer, post_id)
    found = post.attached.get("poll")
    if found is None:
        raise NotFound
    return post, found


def quotes(viewer: Viewer, page: Page, post_id: int) -> Filled:
    """Return posts that quote this one, as far as the viewer may see them, newest first."""
    original = get_original(viewer, post_id)
    skeleton = partial(scan.quotes, quoted_id=original.id)
    return fill(viewer, page, Surface.THREAD, skeleton)


def source(viewer: Viewer, post_id: int) -> Post:
    """Return what was typed; only the author asks."""
    own_post(viewer, post_id)
    return Post.objects.get(pk=post_id)


def history(viewer: Viewer, post_id: int) -> tuple[PostFacts, list[PostEdit]]:
    """Return a post and its earlier versions, oldest first."""
    post = get_original(viewer, post_id)
    return post, list(PostEdit.objects.filter(post_id=post.id).order_by("id"))


def media_of_versions(viewer: Viewer, versions: list[PostEdit]) -> dict[int, list[MediaFacts]]:
    """Return the attachments that each of these versions showed, with what was said of them then."""
    kept = {version.pk: version.media or [] for version in versions}
    known = shown.of_ids(
        list({int(each["id"]) for one in kept.values() for each in one}), country=viewer.country
    )
    return {number: media.versions(one, known) for number, one in kept.items()}


def media_ids(viewer: Viewer, post_id: int) -> list[str]:
    """Return the ids of the attachments of a post this viewer may see, in their order."""
    return [str(each.id) for each in get_post(viewer, post_id).attached.get("media", ())]


# Replies are walked level by level along their index, no more of each post than are shown; root, ancestors and
# replies are one statement. `place` is 0 for the post itself, negative above it, positive below.
_THREAD = """
WITH RECURSIVE root AS (
  SELECT o.id, o.author_id, o.in_reply_to_id FROM feed_post p JOIN feed_post o ON o.id = coalesce(p.repost_of_id, p.id)
  WHERE p.id = %(post)s
), up AS (
  SELECT root.in_reply_to_id AS id, 1 AS depth FROM root
  UNION ALL
  SELECT p.in_reply_to_id, up.depth + 1 FROM up JOIN feed_post p ON p.id = up.id
  WHERE up.depth < %(ancestors)s
), down AS (
  (SELECT p.id, root.id AS parent, 1 AS depth FROM root CROSS JOIN LATERAL (
     SELECT r.id, r.author_id FROM feed_post r WHERE r.in_reply_to_id = root.id AND r.deleted_at IS NULL
     ORDER BY r.id LIMIT %(looked_at)s) p
   ORDER BY p.author_id = root.author_id DESC, p.id LIMIT %(direct)s)
  UNION ALL
  (SELECT p.id, d.id, d.depth + 1 FROM down d CROSS JOIN LATERAL (
     SELECT r.id FROM feed_post r WHERE r.in_reply_to_id = d.id AND r.deleted_at IS NULL
     ORDER BY r.id LIMIT %(each)s) p
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

    A reply whose parent is hidden is hidden with it. Of a large thread it is the piece that `Reach` says: the
    author's own replies first, then the oldest. Raises NotFound when the post itself is hidden.
    """
    reach = SIGNED_IN if viewer.account is not None else ANONYMOUS
    params = {**asdict(reach), "post": post_id, "looked_at": max(LOOKED_AT, reach.direct)}
    with connection.cursor() as cursor:
        cursor.execute(_THREAD, params)
        rows = cursor.fetchall()
    loaded = facts.load(viewer, [row[0] for row in rows])
    seen = {found.id: found for found in visible(loaded, viewer, Surface.THREAD)}
    if not rows or rows[0][0] not in seen:
        raise NotFound
    up = sorted((row for row in rows if row[2] < 0), key=lambda row: int(row[2]))
    ancestors = [seen[row[0]] for row in up if row[0] in seen]
    return Thread(ancestors, _depth_first(rows[0][0], [row for row in rows if row[2] > 0], seen))


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
