"""Lists of posts, page by page."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import connection

from feed import facts, links
from feed.facts import PostFacts
from feed.models import Tag
from feed.queries import lists, tags
from feed.timelines import home as home_timeline
from feed.timelines import lists as list_timeline
from feed.timelines import scan
from feed.timelines.fill import ROUNDS, Filled, Wanted, fill
from upscrolled import people, queries
from upscrolled.core import ids, text
from upscrolled.core.paging import Page
from upscrolled.viewer import Person, Viewer
from upscrolled.visibility import Surface, visible


def home(viewer: Viewer, page: Page, *, wanted: Wanted | None = None) -> Filled:
    """Posts and shares by the people you follow and by you, newest first, as far as they are `wanted`."""
    return fill(viewer, page, Surface.HOME, home_timeline.ids, wanted=wanted)


def reading_list(viewer: Viewer, page: Page, list_id: int, *, wanted: Wanted | None = None) -> Filled:
    """Posts and shares by the people on one of the viewer's lists. Raises NotFound when it is not theirs."""
    skeleton = partial(list_timeline.ids, list_id=list_id)
    filled = fill(viewer, page, Surface.HOME, skeleton, wanted=wanted)
    if not filled.posts:
        lists.get_list(viewer, list_id)
    return filled


def public(viewer: Viewer, page: Page, *, only_media: bool = False) -> Filled:
    """Everything public by anybody, newest first; `only_media`: only what has media."""
    return fill(viewer, page, Surface.PUBLIC, partial(scan.public, only_media=only_media))


def tag(
    viewer: Viewer,
    page: Page,
    name: str,
    *,
    some: list[str],
    every: list[str],
    none: list[str],
    only_media: bool = False,
) -> Filled:
    """Public posts with this hashtag or one of `some`, with all of `every` and none of `none`."""
    wanted = {text.tag_name(each) for each in (name, *some, *every, *none)}
    known = dict(Tag.objects.filter(name__in=wanted).values_list("name", "id"))

    def ids_of(names: list[str]) -> list[int]:
        return list({known[text.tag_name(each)] for each in names if text.tag_name(each) in known})

    drivers = ids_of([name, *some])
    if not drivers or any(text.tag_name(each) not in known for each in every):
        return Filled([], None)
    skeleton = partial(
        scan.tag, some=drivers, every=ids_of(every), without=ids_of(none), only_media=only_media
    )
    return fill(viewer, page, Surface.TAG, skeleton, rounds=scan.ROUNDS_OF_SEVERAL if every else ROUNDS)


def followed_tags(viewer: Viewer, page: Page) -> Filled:
    """Public posts with any hashtag that the viewer follows, newest first."""
    followed = tags.followed_ids(viewer)
    if not followed:
        return Filled([], None)
    return fill(viewer, page, Surface.TAG, partial(scan.tag, some=followed, every=[], without=[]))


def link(viewer: Viewer, page: Page, url: str) -> Filled:
    """Public posts that carry a link, newest first; none for what is no address of the web."""
    address = links.canonical(url)
    if address is None:
        return Filled([], None)
    return fill(viewer, page, Surface.TAG, partial(scan.link, digest=links.digest(address)))


def profile(
    viewer: Viewer,
    page: Page,
    account_id: int,
    *,
    replies: bool = True,
    reposts: bool = True,
    tag: str | None = None,
    only_media: bool = False,
) -> Filled:
    """What one account published. Raises NotFound when there is no such account."""
    name = text.tag_name(tag) if tag else None
    skeleton = partial(
        scan.profile,
        author_id=account_id,
        replies=replies,
        reposts=reposts,
        tag_name=name,
        only_media=only_media,
    )
    filled = fill(viewer, page, Surface.PROFILE, skeleton)
    if not filled.posts:
        queries.get_person(viewer, account_id)
    return filled


_PINS = """
SELECT i.post_id FROM feed_pin i WHERE i.account_id = %(account)s
ORDER BY i.created_at DESC, i.post_id DESC LIMIT %(limit)s
"""


def pinned(viewer: Viewer, account_id: int, *, limit: int) -> list[PostFacts]:
    """Return what one account pinned, the last pin first. Raises NotFound when there is no such account."""
    with connection.cursor() as cursor:
        cursor.execute(_PINS, {"account": account_id, "limit": limit})
        found = [row[0] for row in cursor.fetchall()]
    shown = visible(facts.load(viewer, found), viewer, Surface.PROFILE)
    if not shown:
        queries.get_person(viewer, account_id)
    return shown


_MARKS = {"likes": "feed_like", "bookmarks": "feed_bookmark"}


def marked(viewer: Viewer, page: Page, which: str) -> tuple[list[PostFacts], int | None, int | None]:
    """Return the posts this viewer liked or bookmarked, the last mark first, with the page's two cursors.

    `which` is "likes" or "bookmarks"; pages go by the mark's own id.
    """
    rows = _rows(
        f"SELECT m.id, m.post_id FROM {_MARKS[which]} m WHERE m.account_id = %(viewer)s",
        "m.id",
        page,
        viewer.id,
    )
    found = facts.load(viewer, [post_id for _, post_id in rows])
    shown = visible(found, viewer, Surface.THREAD)
    return shown, *_ends(rows, page)


def who_liked(viewer: Viewer, page: Page, post_id: int) -> tuple[list[Person], int | None, int | None]:
    """Return people who liked a post, the last first, with the page's two cursors."""
    sql = f"SELECT m.id, m.account_id FROM feed_like m WHERE m.post_id = {int(post_id)}"
    return _who(viewer, page, sql, "m.id")


def who_reposted(viewer: Viewer, page: Page, post_id: int) -> tuple[list[Person], int | None, int | None]:
    """Return people who shared a post where this viewer may know it, the last first."""
    sql = f"""SELECT p.id, p.author_id FROM feed_post p
              WHERE p.repost_of_id = {int(post_id)} AND p.deleted_at IS NULL AND p.audience <> 'followers'"""
    return _who(viewer, page, sql, "p.id")


def _who(viewer: Viewer, page: Page, sql: str, cursor: str) -> tuple[list[Person], int | None, int | None]:
    rows = _rows(sql, cursor, page, viewer.id)
    known = people.load(viewer, [account_id for _, account_id in rows])
    found = [known[account_id] for _, account_id in rows if account_id in known]
    shown = [person for person in found if person.active and not person.blocked]
    return shown, *_ends(rows, page)


def _rows(sql: str, cursor: str, page: Page, viewer_id: int) -> list[tuple[Any, ...]]:
    order = "ASC" if page.upward else "DESC"
    bounded = f"""{sql} AND {cursor} < %(below)s AND {cursor} > %(above)s
                  ORDER BY {cursor} {order} LIMIT %(limit)s"""
    params = {
        "viewer": viewer_id,
        "below": ids.LARGEST if page.max_id is None else page.max_id,
        "above": page.above or 0,
        "limit": page.limit,
    }
    with connection.cursor() as run:
        run.execute(bounded, params)
        return sorted(run.fetchall(), reverse=True)


def _ends(rows: list[tuple[Any, ...]], page: Page) -> tuple[int | None, int | None]:
    """The cursors before and after a page; the second is None where nothing is left."""
    if not rows:
        return None, None
    return rows[0][0], rows[-1][0] if len(rows) == page.limit else None
