"""News of the house: read them, dismiss them, answer with an emoji."""

from __future__ import annotations

from functools import lru_cache

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from upscrolled import queries
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import CustomEmoji, stamp, tag_url
from upscrolled.api.signup import Empty
from upscrolled.core import markup, text
from upscrolled.operations import announcements
from upscrolled.queries import News


class Reaction(msgspec.Struct, kw_only=True):
    """An emoji and how many gave it."""

    name: str
    count: int
    me: bool


class AnnouncementTag(msgspec.Struct, kw_only=True):
    """A hashtag of an announcement."""

    name: str
    url: str


class Announcement(msgspec.Struct, kw_only=True):
    """News of the house (Mastodon API, Announcement)."""

    id: str
    content: str
    starts_at: str | None
    ends_at: str | None
    all_day: bool
    published_at: str | None
    updated_at: str | None
    read: bool
    mentions: list[dict[str, str]] = []
    statuses: list[dict[str, str]] = []
    tags: list[AnnouncementTag]
    emojis: list[CustomEmoji] = []
    reactions: list[Reaction]


class Announcements(ClientView):
    """GET /api/v1/announcements"""

    @endpoint(answers=list[Announcement], query=("with_dismissed",))
    def get(self, request: Request) -> HttpResponse:
        """List the news that are shown now; those the viewer dismissed only if they ask for them."""
        news = queries.announcements(self.viewer, read_too=self.flag("with_dismissed"), now=self.now)
        return self.render([_announcement(each) for each in news])


class Dismiss(ClientView):
    """POST /api/v1/announcements/:id/dismiss"""

    @endpoint(scope="write:accounts", answers=Empty)
    def post(self, request: Request, announcement_id: str) -> HttpResponse:
        """Note that the viewer has read it."""
        announcements.dismiss(announcement_id=self.id_of(announcement_id), by=self.me, now=self.now)
        return self.render(Empty())


class ReactionView(ClientView):
    """PUT, DELETE /api/v1/announcements/:id/reactions/:name"""

    @endpoint(scope="write:favourites", answers=Empty)
    def put(self, request: Request, announcement_id: str, emoji: str) -> HttpResponse:
        """Answer with an emoji."""
        announcements.react(announcement_id=self.id_of(announcement_id), name=emoji, by=self.me, now=self.now)
        return self.render(Empty())

    @endpoint(scope="write:favourites", answers=Empty)
    def delete(self, request: Request, announcement_id: str, emoji: str) -> HttpResponse:
        """Take an answer back."""
        announcements.unreact(
            announcement_id=self.id_of(announcement_id), name=emoji, by=self.me, now=self.now
        )
        return self.render(Empty())


def _announcement(news: News) -> Announcement:
    content, tags = _written(news.text)
    return Announcement(
        id=str(news.id),
        content=content,
        starts_at=stamp(news.starts_at),
        ends_at=stamp(news.ends_at),
        all_day=news.all_day,
        published_at=stamp(news.published_at),
        updated_at=stamp(news.updated_at),
        read=news.read,
        tags=tags,
        reactions=[Reaction(name=each.name, count=each.count, me=each.me) for each in news.reactions()],
    )


@lru_cache(maxsize=256)
def _written(written: str) -> tuple[str, list[AnnouncementTag]]:
    html = markup.to_html(written, mention_urls={}, tag_url=tag_url)
    names = dict.fromkeys(tag.name for tag in text.parse(written).hashtags)
    return html, [AnnouncementTag(name=name, url=tag_url(name)) for name in names]
