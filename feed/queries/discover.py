"""Discover as a viewer sees it: a page drawn, its posts loaded, and what may not be shown taken out of the draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from feed import facts
from feed.facts import PostFacts
from feed.ranking.receipt import Receipt
from feed.ranking.shortlist import Place, RanOut
from feed.timelines import discover, impressions
from feed.timelines.kinds import ALL
from feed.timelines.scrolls import Scroll
from upscrolled.limits import Tally
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, why_hidden

# What the policy says of a post, in the ranking's words (spec version 1); anything else is "unavailable".
REASONS = {"muted": "muted", "age limited, and nobody is signed in": "sensitive"}


@dataclass(frozen=True, slots=True)
class Discovered:
    """A page: posts in the order of the receipt's items. `cursor` is None after the last page.

    `pool_posts` are in the pool; it `is_small` when these are all that may be drawn, however old.
    """

    posts: list[PostFacts]
    receipt: Receipt
    cursor: str | None
    pool_posts: int
    is_small: bool


def tally(account_id: int, *, now: datetime, kind: str = ALL) -> Tally:
    """What an endpoint has counted with its rate limits before it draws: `draws` is one less."""
    return discover.tally(account_id, now=now, kind=kind)


def page(
    viewer: Viewer,
    *,
    cursor: str | None,
    nonce: str | None,
    seen: list[int],
    now: datetime,
    kind: str = ALL,
    draws: int | None = None,
) -> Discovered:
    """Return the page of this cursor, or the first one of a new draw from the pool of this kind.

    Raises ScrollEnded, BadCursor, and Invalid for a nonce that cannot be used.
    """
    if cursor:
        place = discover.at(viewer, cursor, now=now)
        scroll, number, token = place.scroll, place.page, place.token
    else:
        scroll = discover.begin(viewer, nonce=nonce, seen=seen, now=now, kind=kind, draws=draws)
        number, token = 0, ""
    known = len(scroll.removed)
    drawn, number, places, posts = _fill(viewer, scroll, number, now)
    if drawn is not scroll:
        token = ""  # the pages before may be asked for again: what was kept stays
    receipt = drawn.receipt(number, places)
    impressions.note(Surface.DISCOVER, viewer, posts)
    if not posts:
        return Discovered([], receipt, None, drawn.pool_posts, drawn.is_small)
    if token and len(drawn.removed) == known:
        following = discover.Place(drawn, number + 1, token)
    else:
        following = discover.keep(drawn, page=number + 1, token=token)
    return Discovered(posts, receipt, following.cursor(), drawn.pool_posts, drawn.is_small)


def trends(
    viewer: Viewer, *, token_id: int, offset: int, limit: int, now: datetime, draws: int | None = None
) -> tuple[list[PostFacts], bool]:
    """Return posts `offset` to `offset + limit` of the feed that this token began last, and whether more follow.

    Offset 0 begins a new one, but for the anonymous, who share one for ten minutes.
    """
    token = discover.name(viewer, token_id, now=now)
    begins = offset == 0 and viewer.account is not None
    kept = None if begins else discover.latest(viewer, token)
    drawn = kept or discover.begin(viewer, nonce=None, seen=[], now=now, draws=draws)
    known = len(drawn.removed)
    places, posts = _hydrate(viewer, drawn, lambda: _slice(viewer, drawn, offset, limit))
    if kept is None or len(drawn.removed) != known:
        discover.keep(drawn, page=0, token=token)
    impressions.note(Surface.DISCOVER, viewer, posts)
    return posts, len(places) == limit


def _fill(
    viewer: Viewer, scroll: Scroll, number: int, now: datetime
) -> tuple[Scroll, int, list[Place], list[PostFacts]]:
    """A page with its posts; where the scroll ends, out of all of its pool or out of a new draw."""
    while True:
        try:
            places, posts = _hydrate(viewer, scroll, partial(scroll.page, number))
        except RanOut:
            if not discover.extend(viewer, scroll):
                scroll, number = discover.continued(viewer, scroll, number, now=now), 0
        else:
            return scroll, number, places, posts


def _hydrate(
    viewer: Viewer, scroll: Scroll, draw: Callable[[], list[Place]]
) -> tuple[list[Place], list[PostFacts]]:
    """Load the posts of a page. What this viewer may not see is taken out of the draw, and it is drawn again.

    A page stays full that way, and whoever knows what was taken out draws the same page.
    """
    known: dict[int, PostFacts] = {}
    while True:
        places = draw()
        missing = [place.id for place in places if place.id not in known]
        known.update((post.id, post) for post in facts.load(viewer, missing))
        lost = {i: reason for i in missing if (reason := _why_removed(known.get(i), viewer))}
        if not lost:
            return places, [known[place.id] for place in places]
        scroll.removed.update(lost)


def _why_removed(post: PostFacts | None, viewer: Viewer) -> str | None:
    if post is None:
        return "unavailable"
    reason = why_hidden(post, viewer, Surface.DISCOVER)
    return reason and REASONS.get(reason, "unavailable")


def _slice(viewer: Viewer, scroll: Scroll, offset: int, limit: int) -> list[Place]:
    """Posts of the feed by their place in it, as far as the pool is known."""
    found: list[Place] = []
    try:
        for places in scroll.shortlist.pages(scroll.removed):
            found += places
            if len(found) >= offset + limit:
                break
    except RanOut:
        if discover.extend(viewer, scroll):
            return _slice(viewer, scroll, offset, limit)
    return found[offset : offset + limit]
