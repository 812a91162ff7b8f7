"""What many people talk of and link to: trends of hashtags and links, and the timeline of a link."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from feed.api import entities
from feed.api.entities import Status, Tag, TagHistory
from feed.api.presenter import Presenter
from feed.cards.shown import CardFacts
from feed.post_types import card
from feed.post_types.card import PreviewCard
from feed.queries import timelines, trends
from upscrolled.api import pagination
from upscrolled.api.base import ClientView, endpoint
from upscrolled.core.errors import BadRequest
from upscrolled.shedding import Importance


class TrendsLink(PreviewCard, kw_only=True):
    """A link that many people posted (Mastodon API, Trends::Link: a PreviewCard with a history)."""

    history: list[TagHistory]


class _Trends(ClientView):
    """A slice of a list that is the same for everybody."""

    def slice(self, found: list[trends.Trend]) -> tuple[list[trends.Trend], str]:
        """Return the part that is asked for, and the Link header."""
        query = self.request.query_params
        limit = pagination.limit_of(query.get("limit"), default=10, maximum=20)
        offset = pagination.offset_of(query.get("offset"))
        following = {"offset": offset + limit} if offset + limit < len(found) else None
        previous = {"offset": max(offset - limit, 0)} if offset else None
        link = pagination.link(self.request, following=following, previous=previous)
        return found[offset : offset + limit], link


class TrendingTags(_Trends):
    """GET /api/v1/trends/tags, /api/v1/trends"""

    @endpoint(who="anyone", answers=list[Tag], query=("limit", "offset"), importance=Importance.EXTRA)
    def get(self, request: Request) -> HttpResponse:
        """Hashtags that more people use than on an ordinary day, by a public formula (docs/ranking.md)."""
        found, link = self.slice(list(trends.tags(now=self.now)))
        return self.render([entities.tag(trend.name, trend.history) for trend in found], link=link)


class TrendingLinks(_Trends):
    """GET /api/v1/trends/links"""

    @endpoint(who="anyone", answers=list[TrendsLink], query=("limit", "offset"), importance=Importance.EXTRA)
    def get(self, request: Request) -> HttpResponse:
        """Links that more people post than on an ordinary day, by the same formula."""
        found, link = self.slice(list(trends.links(now=self.now)))
        return self.render([trending(trend) for trend in found], link=link)


class LinkTimeline(ClientView):
    """GET /api/v1/timelines/link"""

    @endpoint(
        scope="read:statuses",
        who="anyone",
        answers=list[Status],
        paged=True,
        query=("url",),
        importance=Importance.EXTRA,
    )
    def get(self, request: Request) -> HttpResponse:
        """Public posts that carry a link, newest first."""
        url = request.query_params.get("url", "")
        if not url:
            raise BadRequest("Missing parameter: url")
        page = self.page(default=20, maximum=40)
        filled = timelines.link(self.viewer, page, url)
        shown = Presenter(self.viewer).statuses(filled.posts)
        return self.paged(shown, page, first=filled.first, last=filled.last)


def trending(trend: trends.Trend) -> TrendsLink:
    """Return a link with its card; as long as nobody has read its page, its address stands for the title."""
    parts = urlsplit(trend.name)
    bare = CardFacts(trend.name, parts.netloc, f"{parts.netloc}{parts.path.rstrip('/')}")
    shown = msgspec.structs.asdict(card.entity(trend.card or bare, Presenter))
    return TrendsLink(**shown, history=entities.history(trend.history))
