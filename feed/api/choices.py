"""What a viewer wants of discover: languages, covers, people they follow; and posts they do not want again."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from feed.api.entities import Status
from feed.api.forms import Texts
from feed.api.presenter import Presenter
from feed.operations import discover
from feed.queries import choices, posts
from feed.queries.choices import Chosen
from upscrolled.api.base import ClientView, endpoint


class DiscoverPreferences(msgspec.Struct, kw_only=True):
    """What a viewer wants of discover. `languages` empty: all; posts without a language are for everybody.

    `sensitive`: posts behind a cover too. `followed`: posts of people they follow too. What is kept away is named
    in the receipt of each page, with these reasons.
    """

    languages: list[str]
    sensitive: bool
    followed: bool


class DiscoverPreferencesForm(serializers.Serializer[Any]):
    """What to want of discover from now on; what is not sent stays."""

    languages = Texts(required=False, child=serializers.CharField(max_length=40))
    sensitive = serializers.BooleanField(required=False)
    followed = serializers.BooleanField(required=False)


class Preferences(ClientView):
    """GET and PATCH /api/v1/upscrolled/discover/preferences"""

    @endpoint(scope="read:accounts", answers=DiscoverPreferences)
    def get(self, request: Request) -> HttpResponse:
        """Return what the viewer wants of discover."""
        return self._show(choices.chosen(self.me))

    @endpoint(scope="write:accounts", body=DiscoverPreferencesForm, answers=DiscoverPreferences)
    def patch(self, request: Request) -> HttpResponse:
        """Change what the viewer wants of discover; it holds from the next draw on."""
        return self._show(discover.choose(by=self.me, **self.valid(DiscoverPreferencesForm)))

    def _show(self, chosen: Chosen) -> HttpResponse:
        return self.render(
            DiscoverPreferences(
                languages=list(chosen.languages), sensitive=chosen.sensitive, followed=chosen.followed
            )
        )


class Hide(ClientView):
    """POST /api/v1/upscrolled/posts/:id/hide"""

    @endpoint(scope="write:accounts")
    def post(self, request: Request, post_id: str) -> HttpResponse:
        """Do not show the viewer this post in discover again; nobody is told, and nothing else changes."""
        post = posts.get_original(self.viewer, self.id_of(post_id))
        discover.hide(post.id, by=self.me, now=self.now)
        return self.render({})


class Unhide(ClientView):
    """POST /api/v1/upscrolled/posts/:id/unhide"""

    @endpoint(scope="write:accounts")
    def post(self, request: Request, post_id: str) -> HttpResponse:
        """Take that back, also for a post that is not to be seen any more."""
        number = self.id_of(post_id)
        if not discover.unhide(number, by=self.me):
            posts.get_post(self.viewer, number)
        return self.render({})


class Hidden(ClientView):
    """GET /api/v1/upscrolled/discover/hidden"""

    @endpoint(scope="read:accounts", answers=list[Status], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """List the posts that the viewer has hidden, the last one first."""
        page = self.page(default=20, maximum=40)
        found, last = choices.hidden(self.viewer, page)
        return self.paged(Presenter(self.viewer).statuses(found), page, first=None, last=last)
