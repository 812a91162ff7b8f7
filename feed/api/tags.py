"""Hashtags: look at one, follow it, feature it; the timeline of those one follows."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from feed.api import entities
from feed.api.entities import Status, Tag
from feed.api.presenter import Presenter
from feed.operations import tags as verbs
from feed.queries import tags, timelines
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import tag_url
from upscrolled.api.signup import Empty
from upscrolled.core import text
from upscrolled.core.errors import Invalid, NotFound


class FeaturedTag(msgspec.Struct, kw_only=True):
    """A hashtag on somebody's profile; the number of posts is text, as clients expect."""

    id: str
    name: str
    url: str
    statuses_count: str
    last_status_at: str | None


class _OneTag(ClientView):
    def show(self, name: str) -> HttpResponse:
        """Render the hashtag as it now is for the viewer."""
        found = tags.get_tag(self.viewer, name, now=self.now)
        return self.render(tag_entity(found, personal=self.viewer.account is not None))


class TagView(_OneTag):
    """GET /api/v1/tags/:name"""

    @endpoint(scope="read", who="anyone", answers=Tag)
    def get(self, request: Request, name: str) -> HttpResponse:
        """A hashtag by its name, with the use of the last seven days."""
        return self.show(name)


class Follow(_OneTag):
    """POST /api/v1/tags/:name/follow"""

    @endpoint(scope="write:follows", answers=Tag)
    def post(self, request: Request, name: str) -> HttpResponse:
        """Follow a hashtag: its posts come to the timeline of followed hashtags; home is of people only."""
        verbs.follow_tag(name, by=self.me, now=self.now)
        return self.show(name)


class Unfollow(_OneTag):
    """POST /api/v1/tags/:name/unfollow"""

    @endpoint(scope="write:follows", answers=Tag)
    def post(self, request: Request, name: str) -> HttpResponse:
        """Follow a hashtag no more."""
        verbs.unfollow_tag(name, by=self.me)
        return self.show(name)


class Feature(_OneTag):
    """POST /api/v1/tags/:name/feature"""

    @endpoint(scope="write:accounts", answers=Tag)
    def post(self, request: Request, name: str) -> HttpResponse:
        """Show a hashtag on one's profile."""
        verbs.feature_tag(name, by=self.me, now=self.now)
        return self.show(name)


class Unfeature(_OneTag):
    """POST /api/v1/tags/:name/unfeature"""

    @endpoint(scope="write:accounts", answers=Tag)
    def post(self, request: Request, name: str) -> HttpResponse:
        """Take a hashtag off one's profile."""
        verbs.unfeature_tag(name, by=self.me)
        return self.show(name)


class FollowedTags(ClientView):
    """GET /api/v1/followed_tags"""

    @endpoint(scope="read:follows", answers=list[Tag], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """The hashtags that the viewer follows, the last followed first."""
        page = self.page(default=100, maximum=200)
        found, rows = tags.followed(self.viewer, page, now=self.now)
        shown = [tag_entity(tag, personal=True) for tag in found]
        first, last = (rows[0], rows[-1]) if rows else (None, None)
        return self.paged(shown, page, first=first, last=last if len(rows) == page.limit else None)


class FollowedTagsTimeline(ClientView):
    """GET /api/v1/upscrolled/timelines/followed_tags"""

    @endpoint(scope="read:statuses", answers=list[Status], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """Public posts with any hashtag that the viewer follows, strictly newest first."""
        page = self.page(default=20, maximum=40)
        filled = timelines.followed_tags(self.viewer, page)
        shown = Presenter(self.viewer).statuses(filled.posts)
        return self.paged(shown, page, first=filled.first, last=filled.last)


class FeatureForm(serializers.Serializer[dict[str, Any]]):
    """The hashtag to show, with or without its #."""

    name = serializers.CharField(max_length=1_000)


class FeaturedTags(ClientView):
    """GET, POST /api/v1/featured_tags"""

    @endpoint(scope="read:accounts", answers=list[FeaturedTag])
    def get(self, request: Request) -> HttpResponse:
        """The hashtags on the viewer's own profile, the most used first."""
        return self.render([_featured(found) for found in tags.featured(self.viewer, self.me.id)])

    @endpoint(scope="write:accounts", answers=FeaturedTag, body=FeatureForm)
    def post(self, request: Request) -> HttpResponse:
        """Show a hashtag on one's profile."""
        name = self.valid(FeatureForm)["name"]
        try:
            verbs.feature_tag(name, by=self.me, now=self.now)
        except NotFound as unknown:  # in a body it is a fault of the form, as at Mastodon
            raise Invalid(f"Validation failed: {unknown.safe}") from None
        wanted = text.tag_name(name.removeprefix("#"))
        for found in tags.featured(self.viewer, self.me.id):
            if text.tag_name(found.display) == wanted:
                return self.render(_featured(found))
        raise AssertionError("a hashtag that was just featured is not there")


class FeaturedTagView(ClientView):
    """DELETE /api/v1/featured_tags/:id"""

    @endpoint(scope="write:accounts", answers=Empty)
    def delete(self, request: Request, featured_id: str) -> HttpResponse:
        """Take a hashtag off one's profile."""
        verbs.drop_featured(self.id_of(featured_id), by=self.me)
        return self.render(Empty())


class SuggestedTags(ClientView):
    """GET /api/v1/featured_tags/suggestions"""

    @endpoint(scope="read:accounts", answers=list[Tag])
    def get(self, request: Request) -> HttpResponse:
        """Hashtags that the viewer uses most and does not show yet."""
        found = tags.suggested(self.viewer, now=self.now)
        return self.render([tag_entity(tag, personal=True) for tag in found])


class AccountFeaturedTags(ClientView):
    """GET /api/v1/accounts/:id/featured_tags"""

    @endpoint(scope="read:accounts", who="anyone", answers=list[FeaturedTag])
    def get(self, request: Request, account_id: str) -> HttpResponse:
        """The hashtags on somebody's profile, the most used first."""
        return self.render([_featured(found) for found in tags.featured(self.viewer, self.id_of(account_id))])


def tag_entity(found: tags.TagFacts, *, personal: bool) -> Tag:
    """Return a hashtag; whether it is followed and featured is told to somebody signed in."""
    shown = entities.tag(found.display, found.history)
    if personal:
        shown.following, shown.featuring = found.following, found.featuring
    return shown


def _featured(found: tags.Featured) -> FeaturedTag:
    return FeaturedTag(
        id=str(found.id),
        name=found.display,
        url=tag_url(found.display),
        statuses_count=str(found.posts),
        last_status_at=found.last_on.isoformat() if found.last_on else None,
    )
