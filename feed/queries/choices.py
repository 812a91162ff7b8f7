"""What somebody chose for their discover, and the posts that they do not want to meet there again."""

from __future__ import annotations

from dataclasses import dataclass

from feed import facts
from feed.facts import PostFacts
from feed.models import DiscoverChoice, HiddenPost
from upscrolled.core.paging import Page
from upscrolled.models import Account
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, visible


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose: languages (none: all), posts behind a cover, posts of people they follow."""

    languages: tuple[str, ...] = ()
    sensitive: bool = True
    followed: bool = True


def chosen(account: Account) -> Chosen:
    """Return what somebody chose; without a choice, everything is shown."""
    row = DiscoverChoice.objects.filter(pk=account.id).first()
    return Chosen(tuple(row.languages), row.sensitive, row.followed) if row else Chosen()


def hidden(viewer: Viewer, page: Page) -> tuple[list[PostFacts], int | None]:
    """Return posts that this viewer has hidden, the last one first, and the cursor of the next page."""
    rows = HiddenPost.objects.filter(account_id=viewer.id).order_by("-id")
    if page.max_id is not None:
        rows = rows.filter(pk__lt=page.max_id)
    found = list(rows.values_list("id", "post_id")[: page.limit])
    posts = visible(facts.load(viewer, [post_id for _, post_id in found]), viewer, Surface.THREAD)
    return posts, found[-1][0] if len(found) == page.limit else None
