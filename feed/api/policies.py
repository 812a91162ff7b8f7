"""What a post's entity says of who may answer it and who may quote it, and of the application it came from."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from feed.facts import PostFacts
from upscrolled import clients
from upscrolled.circles import may_quote, may_reply
from upscrolled.viewer import Viewer

# Circles in the words of Mastodon's quote policy, as they are told and as they are given.
_TOLD = {"everybody": ["public"], "followers": ["followers"], "followed": ["following"], "nobody": []}
QUOTE_POLICIES = {"public": "everybody", "followers": "followers", "nobody": "nobody"}


class QuoteApproval(msgspec.Struct, kw_only=True):
    """Who may quote a post; nobody is asked for leave afterwards, so `manual` is empty."""

    automatic: list[str]
    manual: list[str] = []
    current_user: str


class StatusExtension(msgspec.Struct, kw_only=True):
    """What this site says of a post beyond the Mastodon API.

    `reply_policy` is everybody, followers (those of the author), followed (by the author) or nobody; whom the
    post names may answer always. `may_reply` is the answer for the viewer.
    """

    reply_policy: str
    may_reply: bool


class StatusApplication(msgspec.Struct, kw_only=True):
    """The application that a post was written with."""

    name: str
    website: str | None


def quote_approval(post: PostFacts, viewer: Viewer) -> QuoteApproval:
    """Return who may quote this post, and whether the viewer may."""
    circle = "nobody" if post.audience == "followers" else post.quoting
    return _approval(circle, may_quote(post, viewer))


def extension(post: PostFacts, viewer: Viewer) -> StatusExtension:
    """Return who may answer this post, and whether the viewer may."""
    return _extension(post.replying, may_reply(post, viewer))


def application(post: PostFacts, viewer: Viewer) -> StatusApplication | msgspec.UnsetType:
    """Return the application of this post; unset if it is unknown, or if its author shows it to nobody else."""
    if post.application_id is None:
        return msgspec.UNSET
    if post.author_id != viewer.id and not viewer.person(post.author_id).shows_application:
        return msgspec.UNSET
    return _application(clients.named(post.application_id))


# One object for all posts of which the same is to be said: entities are encoded, never changed.
@lru_cache(maxsize=16)
def _approval(circle: str, may: bool) -> QuoteApproval:
    return QuoteApproval(automatic=_TOLD[circle], current_user="automatic" if may else "denied")


@lru_cache(maxsize=16)
def _extension(circle: str, may: bool) -> StatusExtension:
    return StatusExtension(reply_policy=circle, may_reply=may)


@lru_cache(maxsize=1_024)
def _application(known: clients.ClientName | None) -> StatusApplication | msgspec.UnsetType:
    if known is None:
        return msgspec.UNSET
    return StatusApplication(name=known.name, website=known.website or None)
