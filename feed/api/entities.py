"""Shapes of the client API that speak of posts (Mastodon API 4.5), filled from facts loaded for a page."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
from django.conf import settings

from feed import post_types
from feed.api import filtered, policies
from feed.api.filtered import FilterResult
from feed.api.policies import QuoteApproval, StatusApplication, StatusExtension
from feed.facts import PostFacts
from feed.post_types.card import PreviewCard
from feed.post_types.poll import Poll
from feed.queries import filters
from feed.queries.trends import DayOfUse
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
    "sign_up": "admin.sign_up",
    "poll": "poll",
    "quote": "quote",
    "quoted_edit": "quoted_update",
}
# States of a quote in which the quoted post may be shown; one that is muted opens at a wish.
_SHOWN = frozenset({"accepted", "muted_account"})
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
    quotes_count: int
    quote_approval: QuoteApproval
    reblog: Status | None = None
    quote: Quote | None = None
    poll: Poll | None = None
    card: PreviewCard | None = None
    favourited: bool | msgspec.UnsetType = msgspec.UNSET
    reblogged: bool | msgspec.UnsetType = msgspec.UNSET
    bookmarked: bool | msgspec.UnsetType = msgspec.UNSET
    muted: bool | msgspec.UnsetType = msgspec.UNSET
    pinned: bool | msgspec.UnsetType = msgspec.UNSET
    filtered: list[FilterResult] | msgspec.UnsetType = msgspec.UNSET
    application: StatusApplication | msgspec.UnsetType = msgspec.UNSET
    text: str | msgspec.UnsetType = msgspec.UNSET
    upscrolled: StatusExtension


class Quote(msgspec.Struct, kw_only=True):
    """What a post quotes, as far as it may be shown: of a post that is itself quoted, the id alone."""

    state: str
    quoted_status: Status | msgspec.UnsetType | None = msgspec.UNSET
    quoted_status_id: str | msgspec.UnsetType | None = msgspec.UNSET


class StatusSource(msgspec.Struct, kw_only=True):
    """What was typed, for the screen that edits it."""

    id: str
    text: str
    spoiler_text: str


class PollOptionEdit(msgspec.Struct, kw_only=True):
    """An option of a poll in a version of a post."""

    title: str


class PollEdit(msgspec.Struct, kw_only=True):
    """The poll in a version of a post."""

    options: list[PollOptionEdit]


class StatusEdit(msgspec.Struct, kw_only=True):
    """A version of a post."""

    content: str
    spoiler_text: str
    sensitive: bool
    created_at: str
    account: Account
    media_attachments: list[dict[str, Any]] = []
    emojis: list[CustomEmoji] = []
    poll: PollEdit | msgspec.UnsetType = msgspec.UNSET
    quote: Quote | None = None


class ScheduledParams(msgspec.Struct, kw_only=True):
    """What a scheduled post will be; ids in it are numbers, where Mastodon has them so."""

    text: str
    visibility: str
    sensitive: bool | None
    spoiler_text: str | None
    language: str | None
    in_reply_to_id: int | None
    quoted_status_id: str | None
    quote_approval_policy: str | None
    poll: dict[str, Any] | None
    media_ids: list[str] | None = None
    scheduled_at: str | None = None
    application_id: int
    idempotency: str | None
    with_rate_limit: bool = False


class ScheduledStatus(msgspec.Struct, kw_only=True):
    """A post that will be published at a moment; `upscrolled.refused` says why it could not be when it came."""

    id: str
    scheduled_at: str
    params: ScheduledParams
    media_attachments: list[dict[str, Any]] = []
    upscrolled: dict[str, str | None]


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
    featuring: bool | msgspec.UnsetType = msgspec.UNSET


class Search(msgspec.Struct, kw_only=True):
    """What a search found."""

    accounts: list[Account]
    statuses: list[Status]
    hashtags: list[Tag]


class Presenter:
    """Turns the posts of one page into entities; each person is rendered once a page."""

    __slots__ = ("_accounts", "_filters", "_mentions", "_now", "_quoting", "context", "viewer")

    def __init__(self, viewer: Viewer, context: str | None = None) -> None:
        """`context` is where the page is shown, in the words of filters; without one, all of them are asked."""
        self.viewer = viewer
        self.context = context
        self._filters = filters.of(viewer)
        self._now = datetime.now(UTC)
        self._accounts: dict[int, Account] = {}
        self._mentions: dict[int, Mention] = {}
        self._quoting = False

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
        viewer = self.viewer
        author = viewer.person(post.author_id)
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
            quotes_count=counted.quotes,
            quote_approval=policies.quote_approval(counted, viewer),
            application=policies.application(counted),
            upscrolled=policies.extension(counted, viewer),
            reblog=self.status(original) if original is not None else None,
        )
        if counted.parts:
            for name, value in post_types.show(counted, counted.parts, self).items():
                setattr(status, name, value)
        if viewer.account is not None:
            status.favourited = counted.liked
            status.reblogged = counted.reposted
            status.bookmarked = counted.bookmarked
            status.muted = counted.muted
            met = filters.matches(self._filters, post, context=self.context, now=self._now)
            status.filtered = [filtered.result(match) for match in met]
            if post.author_id == viewer.id:
                status.pinned = post.pinned
        return status

    @staticmethod
    def stamp(moment: datetime | None) -> str | None:
        """Write a moment as the API does."""
        return stamp(moment)

    @staticmethod
    def picture(name: str) -> str:
        """Return the address of a stored picture."""
        return ground.picture_url(name)

    def quote(self, state: str, post: PostFacts) -> Quote:
        """Return what a post quotes, in this state for the viewer; within a quote, no more than its id."""
        if self._quoting:
            shown = str(post.quote_of_id) if post.quote_of_id and state in _SHOWN else None
            return Quote(state=state, quoted_status_id=shown)
        if post.quoted is None or state not in _SHOWN:
            return Quote(state=state, quoted_status=None)
        self._quoting = True
        try:
            return Quote(state=state, quoted_status=self.status(post.quoted))
        finally:
            self._quoting = False

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


def tag(name: str, days: Iterable[DayOfUse] = ()) -> Tag:
    """Return a hashtag by its name as it was written, with its days of use where they were asked for."""
    return Tag(id=text.tag_name(name), name=name, url=tag_url(text.tag_name(name)), history=history(days))


def history(days: Iterable[DayOfUse]) -> list[TagHistory]:
    """Return days of use; a day is the second at which it begins in UTC."""
    return [
        TagHistory(
            day=str(calendar.timegm(day.day.timetuple())), uses=str(day.uses), accounts=str(day.people)
        )
        for day in days
    ]
