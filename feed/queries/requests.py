"""Senders whose notifications somebody's policies set aside: each is a request to be heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from feed.facts import PostFacts
from feed.queries import notifications as queries
from feed.queries import sieve
from upscrolled.core.errors import NotFound
from upscrolled.core.paging import Page
from upscrolled.models import NotificationChoice
from upscrolled.viewer import Viewer

WINDOW: Final = 1_000  # newest notifications among which requests are looked for
_SET_ASIDE: Final = frozenset({sieve.FILTER})


@dataclass(frozen=True, slots=True)
class Asking:
    """A sender, and what they sent that was set aside; `post` is the last that there is one of."""

    sender_id: int
    first_at: datetime
    last_at: datetime
    count: int
    post: PostFacts | None


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
            asking[told.actor_id] = Asking(told.actor_id, told.created_at, told.created_at, 1, told.post)
        else:
            post = before.post or told.post
            asking[told.actor_id] = Asking(
                told.actor_id, told.created_at, before.last_at, before.count + 1, post
            )
    return list(asking.values())


def one(viewer: Viewer, sender_id: int) -> Asking:
    """Return what this sender asks. Raises NotFound."""
    for each in pending(viewer):
        if each.sender_id == sender_id:
            return each
    raise NotFound
