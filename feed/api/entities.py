"""Shapes of the client API that speak of posts (Mastodon API 4.5), filled from facts loaded for a page."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from django.conf import settings

from feed.facts import PostFacts
from upscrolled.api import entities as ground
from upscrolled.api.entities import (
    VISIBILITY,
    Account,
    CustomEmoji,
    profile_url,
    stamp,
    stamp_of_id,
    tag_url,
)
from upscrolled.core import text
from upscrolled.viewer import Viewer

# Notification kinds in the client API's words.
_OWN_LINK = f'href="{settings.PUBLIC_URL}/'
NOTIFICATION_TYPE = {
    "mention": "mention",
    "like": "favourite",
    "repost": "reblog",
    "follow": "follow",
    "follow_request": "follow_request",
    "post": "status",
    "edit": "update",
}
KIND = {name: kind for kind, name in NOTIFICATION_TYPE.items()}


class Mention(msgspec.Struct, kw_only=True):
    """Somebody named in a post."""

    id: str
    username: str
    url: str
    acct: str


class StatusTag(msgspec.Struct, kw_only=True):
    """A hashtag of a post."""

    name: str
    url: str


class Status(msgspec.Struct, kw_only=True):
    """A post. The viewer's own marks are there only for a signed-in viewer."""

    id: str
    uri: str
    url: str | None
    created_at: str
    edited_at: str | None
    account: Account
    content: str
    visibility: str
    sensitive: bool
    spoiler_text: str
    language: str | None
    in_reply_to_id: str | None
    in_reply_to_account_id: str | None
    media_attachments: list[dict[str, Any]] = []
    mentions: list[Mention]
    tags: list[StatusTag]
    emojis: list[CustomEmoji] = []
    reblogs_count: int
    favourites_count: int
    replies_count: int
    reblog: Status | None = None
    poll: dict[str, Any] | None = None
    card: dict[str, Any] | None = None
    favourited: bool | msgspec.UnsetType = msgspec.UNSET
    reblogged: bool | msgspec.UnsetType = msgspec.UNSET
    bookmarked: bool | msgspec.UnsetType = msgspec.UNSET
    muted: bool | msgspec.UnsetType = msgspec.UNSET
    pinned: bool | msgspec.UnsetType = msgspec.UNSET
    filtered: list[dict[str, Any]] | msgspec.UnsetType = msgspec.UNSET
    text: str | msgspec.UnsetType = msgspec.UNSET


class StatusSource(msgspec.Struct, kw_only=True):
    """What was typed, for the screen that edits it."""

    id: str
    text: str
    spoiler_text: str


class StatusEdit(msgspec.Struct, kw_only=True):
    """A version of a post."""

    content: str
    spoiler_text: str
    sensitive: bool
    created_at: str
    account: Account
    media_attachments: list[dict[str, Any]] = []
    emojis: list[CustomEmoji] = []


class Context(msgspec.Struct, kw_only=True):
    """The thread around a post: what it answers, oldest first, and what answers it, depth first."""

    ancestors: list[Status]
    descendants: list[Status]


class Notification(msgspec.Struct, kw_only=True):
    """Somebody did something that concerns the viewer."""

    id: str
    type: str
    created_at: str
    group_key: str
    account: Account
    status: Status | msgspec.UnsetType = msgspec.UNSET


class TagHistory(msgspec.Struct, kw_only=True):
    """Use of a hashtag on one day; all three are text, as clients expect."""

    day: str
    uses: str
    accounts: str


class Tag(msgspec.Struct, kw_only=True):
    """A hashtag."""

    id: str
    name: str
    url: str
    history: list[TagHistory] = []
    following: bool | msgspec.UnsetType = msgspec.UNSET


class Search(msgspec.Struct, kw_only=True):
    """What a search found."""

    accounts: list[Account]
    statuses: list[Status]
    hashtags: list[Tag]


class Presenter:
    """Turns the posts of one page into entities; each person is rendered once a page."""

    __slots__ = ("_accounts", "_mentions", "viewer")

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self._accounts: dict[int, Account] = {}
        self._mentions: dict[int, Mention] = {}

    def account(self, account_id: int) -> Account:
        """Return the entity of somebody loaded for this page."""
        shown = self._accounts.get(account_id)
        if shown is None:
            shown = self._accounts[account_id] = ground.account(self.viewer.person(account_id))
        return shown

    def statuses(self, posts: list[PostFacts]) -> list[Status]:
        """Return the entities of a page."""
        return [self.status(post) for post in posts]

    def status(self, post: PostFacts) -> Status:
        """Return the entity of a post, with what it shares."""
        original = post.original
        counted = original or post  # a share shows the numbers and marks of what it shares
        author = self.viewer.person(post.author_id)
        url = f"{profile_url(author.username)}/{post.id}"
        status = Status(
            id=str(post.id),
            uri=url,
            url=url,
            created_at=stamp_of_id(post.id),
            edited_at=stamp(post.edited_at),
            account=self.account(post.author_id),
            content=html(counted.html),
            visibility=VISIBILITY[post.audience],
            sensitive=counted.sensitive or "sensitive" in counted.restrictions,
            spoiler_text=counted.warning,
            language=counted.language or None,
            in_reply_to_id=str(post.in_reply_to_id) if post.in_reply_to_id else None,
            in_reply_to_account_id=(
                str(post.in_reply_to_account_id) if post.in_reply_to_account_id else None
            ),
            mentions=[self._mention(account_id) for account_id in counted.mentions],
            tags=[_status_tag(name) for name in counted.tags],
            reblogs_count=counted.reposts,
            favourites_count=counted.likes,
            replies_count=counted.replies,
            reblog=self.status(original) if original is not None else None,
        )
        if self.viewer.account is not None:
            status.favourited = counted.liked
            status.reblogged = counted.reposted
            status.bookmarked = counted.bookmarked
            status.muted = False
            status.filtered = []
            if post.author_id == self.viewer.id:
                status.pinned = False
        return status

    def _mention(self, account_id: int) -> Mention:
        shown = self._mentions.get(account_id)
        if shown is None:
            username = self.viewer.person(account_id).username
            shown = self._mentions[account_id] = Mention(
                id=str(account_id), username=username, url=profile_url(username), acct=username
            )
        return shown


def html(stored: str) -> str:
    """Give a stored text the site's address: our own links are kept without it.

    Whatever a person typed is escaped, so `href="/` occurs in our own links only.
    """
    return stored.replace('href="/', _OWN_LINK)


@lru_cache(maxsize=8_192)
def _status_tag(display: str) -> StatusTag:
    return StatusTag(name=display, url=tag_url(text.tag_name(display)))


def status(post: PostFacts, viewer: Viewer) -> Status:
    """Return the entity of one post."""
    return Presenter(viewer).status(post)


def tag(name: str) -> Tag:
    """Return a hashtag by its name as it was written."""
    return Tag(id=text.tag_name(name), name=name, url=tag_url(text.tag_name(name)))
