"""Senders whose notifications somebody's policies set aside: each is a request to be heard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from feed.facts import PostFacts
from feed.queries import notifications as queries
from feed.queries import sieve
from upscrolled.core.errors import NotFound
from upscrolled.core.ids import LARGEST
from upscrolled.core.paging import Page
from upscrolled.models import NotificationChoice
from upscrolled.viewer import Viewer

WINDOW: Final = 1_000  # newest notifications among which requests are looked for
_SET_ASIDE: Final = frozenset({sieve.FILTER})


@dataclass(frozen=True, slots=True)
class Asking:
    """A sender, and what they sent that was set aside; `post` is the last that there is one of.

    `last_id` is the newest of their notifications, by which requests stand and pages go.
    """

    sender_id: int
    last_id: int
    first_at: datetime
    last_at: datetime
    count: int
    post: PostFacts | None


@dataclass(frozen=True, slots=True)
class Requests:
    """A page of who asks with its two cursors; `last` is None when nothing is left."""

    asking: list[Asking]
    first: int | None
    last: int | None


def choice(viewer: Viewer) -> NotificationChoice:
    """Return the policies of the viewer; what nobody chose is the default."""
    found = NotificationChoice.objects.filter(account_id=viewer.id).first()
    return found or NotificationChoice(account_id=viewer.id)


def pending(viewer: Viewer) -> list[Asking]:
    """Return who asks, the last first; without those who were dismissed and sent nothing since."""
    strained = sieve.of(viewer)
    if not strained.policies:
        return []
    rows = queries.newest(viewer, Page(limit=WINDOW))
    asking: dict[int, Asking] = {}
    for told in queries.told_of(viewer, rows, None, _SET_ASIDE):
        dismissed = strained.dismissed.get(told.actor_id)
        if dismissed is not None and told.created_at <= dismissed:
            continue
        before = asking.get(told.actor_id)
        if before is None:
            asking[told.actor_id] = Asking(
                told.actor_id, told.id, told.created_at, told.created_at, 1, told.post
            )
        else:
            post = before.post or told.post
            asking[told.actor_id] = replace(
                before, first_at=told.created_at, count=before.count + 1, post=post
            )
    return list(asking.values())


def page(viewer: Viewer, page: Page) -> Requests:
    """Return a page of who asks. A bound may also be the id of a request, from which some applications go on."""
    asking = pending(viewer)
    newest = {each.sender_id: each.last_id for each in asking}
    under, over = page.max_id and newest.get(page.max_id, page.max_id), page.above
    over = over and newest.get(over, over)
    kept = [each for each in asking if each.last_id < (under or LARGEST) and each.last_id > (over or 0)]
    shown = kept[-page.limit :] if page.upward else kept[: page.limit]
    full = len(shown) == page.limit
    return Requests(shown, shown[0].last_id if shown else None, shown[-1].last_id if full else None)


def one(viewer: Viewer, sender_id: int) -> Asking:
    """Return what this sender asks. Raises NotFound."""
    for each in pending(viewer):
        if each.sender_id == sender_id:
            return each
    raise NotFound
