"""A quote: a post that shows another one inside, as far as that one's author and the viewer let it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from feed.models import Post, QuoteState
from feed.post_types.base import Change, Part, PostType, Presenting, Shown, Written
from upscrolled import circles
from upscrolled.core import ids
from upscrolled.core.errors import Invalid
from upscrolled.models import Account, Audience, Notification
from upscrolled.operations.notify import notify
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, why_hidden


class QuoteType(PostType):
    """The post that a post quotes. It is loaded with the page's own statement (`feed.facts`)."""

    key: ClassVar[str] = "quote"
    speaks: ClassVar[bool] = True

    def parse(self, form: Mapping[str, Any]) -> int | None:
        """Return the id of the post to quote, if the form names one; 0 for what cannot be an id."""
        named = form.get("quoted_status_id")
        return (ids.parse(named) or 0) if named else None

    def check(self, wanted: int, *, by: Account, now: datetime) -> Part:
        """Find the post. Raises NotFound for what its author may not see, NotAllowed for what may not be quoted."""
        quoted = circles.require_quote(by, post_id=wanted)
        return Part(
            columns={"quote_of_id": quoted.id, "quote_state": QuoteState.ACCEPTED},
            audience=Audience.FOLLOWERS if quoted.audience == Audience.FOLLOWERS else "",
            counts={quoted.id: {"quotes": 1}},
            content=quoted.author_id,
        )

    def tell(self, post: Written, part: Part, *, by: Account, now: datetime) -> None:
        """Tell the author of the quoted post."""
        notify(part.content, Notification.Kind.QUOTE, actor_id=by.id, subject_id=post.id, now=now)

    def show(self, post: Shown, present: Presenting) -> dict[str, Any]:
        """Fill `quote`."""
        return {"quote": present.quote(state(post, present.viewer), post)}

    def change(self, post: Post, wanted: int | None, *, now: datetime) -> Change:
        """Leave it: what a post quotes is the same in all its versions. Raises Invalid for another post."""
        if wanted is not None and wanted != post.quote_of_id:
            raise Invalid("Validation failed: What a post quotes cannot be changed; delete and write it anew")
        return super().change(post, wanted, now=now)

    def delete(self, post: Post, *, now: datetime) -> Mapping[int, Mapping[str, int]]:
        """Take the quote from the number of quotes, if it still counts."""
        if post.quote_of_id is None or post.quote_state != QuoteState.ACCEPTED:
            return {}
        return {post.quote_of_id: {"quotes": -1}}


def state(post: Shown, viewer: Viewer) -> str:
    """Return how a quote stands for this viewer, in the client API's words (Mastodon API, Quote).

    The policy decides what may be seen; who blocks the viewer is not told apart from any other reason.
    """
    if post.quote_state == QuoteState.REVOKED:
        return "revoked"
    if post.quote_of_id is None or (post.quoted is not None and post.quoted.deleted):
        return "deleted"
    if post.quoted is None:  # a quote within a quote: only its id is shown, and nothing was loaded for it
        return "accepted"
    quoted = post.quoted
    author = viewer.person(quoted.author_id)
    if author.blocking:
        return "blocked_account"
    if why_hidden(quoted, viewer, Surface.THREAD):
        return "unauthorized"
    return "muted_account" if author.muting else "accepted"
