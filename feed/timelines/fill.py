"""From a skeleton to a full page: hydrate, apply the rules, and go on until the page is full.

What the rules drop is replaced by the next ids, for a bounded number of rounds; a page that is short after
that still says where the next one begins, so nothing is lost between pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from feed import facts
from feed.facts import PostFacts
from feed.timelines import impressions
from feed.timelines.skeleton import Ids
from upscrolled.core.paging import Page
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, visible

ROUNDS = 4
Skeleton = Callable[[Viewer, Page], Ids]
Wanted = Callable[[PostFacts], bool]


@dataclass(frozen=True, slots=True)
class Filled:
    """A page of posts, newest first. `last` is the cursor of the next page, None when nothing is left."""

    posts: list[PostFacts]
    last: int | None

    @property
    def first(self) -> int | None:
        """Cursor of the page before."""
        return self.posts[0].id if self.posts else None


def fill(
    viewer: Viewer,
    page: Page,
    surface: Surface,
    skeleton: Skeleton,
    *,
    wanted: Wanted | None = None,
    rounds: int = ROUNDS,
) -> Filled:
    """Return one page of what the skeleton holds, the policy lets this viewer see here, and they want to.

    `rounds` is how many steps are made for it at most.
    """
    upward = page.min_id is not None
    posts: list[PostFacts] = []
    step_page, floor = page, None
    for _ in range(rounds):
        step = skeleton(viewer, step_page)
        shown = visible(facts.load(viewer, step.ids), viewer, surface)
        shown = shown if wanted is None else [post for post in shown if wanted(post)]
        posts = [*shown, *posts] if upward else [*posts, *shown]
        floor = step.floor
        if floor is None or len(posts) >= page.limit:
            break
        step_page = replace(step_page, **{"min_id" if upward else "max_id": floor})
    kept = posts[-page.limit :] if upward else posts[: page.limit]
    impressions.note(surface, viewer, kept)
    if upward:
        return Filled(kept, kept[-1].id if kept else None)
    if len(kept) == page.limit:
        return Filled(kept, kept[-1].id)
    return Filled(kept, floor)
