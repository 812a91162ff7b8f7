"""Shapes of the client API that speak of posts (Mastodon API 4.5); `presenter.py` fills them."""

from __future__ import annotations

import calendar
from collections.abc import Iterable

import msgspec

from feed.api.filtered import FilterResult
from feed.api.policies import QuoteApproval, StatusApplication, StatusExtension
from feed.post_types.card import PreviewCard
from feed.post_types.poll import Poll
from feed.queries.trends import DayOfUse
from upscrolled.api.attachments import MediaAttachment
from upscrolled.api.entities import Account, CustomEmoji, tag_url
from upscrolled.core import text


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
    media_attachments: list[MediaAttachment] = []
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
    media_attachments: list[MediaAttachment] = []
    emojis: list[CustomEmoji] = []
    poll: PollEdit | msgspec.UnsetType = msgspec.UNSET
    quote: Quote | None = None


class Context(msgspec.Struct, kw_only=True):
    """The thread around a post: what it answers, oldest first, and what answers it, depth first."""

    ancestors: list[Status]
    descendants: list[Status]


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
