"""Like, share, bookmark, and take it back; and the lists of what one liked and bookmarked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from feed.api import directs, presenter
from feed.api.entities import Status
from feed.api.presenter import Presenter
from feed.facts import PostFacts
from feed.operations import interact, pins, threads
from feed.queries import posts, timelines
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.entities import AUDIENCE
from upscrolled.core.errors import NotFound
from upscrolled.limits import DELETIONS


class _Act(ClientView):
    """A verb on one post: find it (hidden is not found), do it, show it."""

    def original(self, post_id: str) -> PostFacts:
        """Return the post that is meant; a share stands for what it shares."""
        number = self.id_of(post_id)
        directs.refuse(self.viewer, number)
        return posts.get_original(self.viewer, number)

    def take_back(self, post_id: str, verb: Callable[[PostFacts], PostFacts]) -> HttpResponse:
        """Undo what one did to a post, also when it is hidden from one by now: then it is done, and not shown."""
        number = self.id_of(post_id)
        directs.refuse(self.viewer, number)
        post, seen = posts.acted_on(self.viewer, number)
        undone = verb(post)
        if not seen:
            raise NotFound
        return self.show(undone)

    def show(self, post: PostFacts) -> HttpResponse:
        """Render the post as it now stands."""
        return self.render(presenter.status(post, self.viewer))


class Favourite(_Act):
    """Like."""

    @endpoint(scope="write:favourites", answers=Status)
    def post(self, request: Request, post_id: str) -> HttpResponse:
        """Like a post; liking it again changes nothing. A private message is answered with a heart."""
        if (message := directs.seen(self.viewer, self.id_of(post_id))) is not None:
            return self.render(directs.like(message, True, viewer=self.viewer, by=self.me, now=self.now))
        return self.show(interact.like(self.original(post_id), by=self.me, now=self.now))


class Unfavourite(_Act):
    """Take a like back."""

    @endpoint(scope="write:favourites", answers=Status)
    def post(self, request: Request, post_id: str) -> HttpResponse:
        """Take a like back."""
        if (message := directs.seen(self.viewer, self.id_of(post_id))) is not None:
            return self.render(directs.like(message, False, viewer=self.viewer, by=self.me, now=self.now))
        return self.take_back(post_id, partial(interact.unlike, by=self.me))


class Bookmark(_Act):
    """Bookmark."""

    @endpoint(scope="write:bookmarks", answers=Status)
    def post(self, request: Request, post_id: str) -> HttpResponse:
        """Keep a post to come back to; nobody else learns of it."""
        return self.show(interact.bookmark(self.original(post_id), by=self.me, now=self.now))


class Unbookmark(_Act):
    """Drop a bookmark."""

    @endpoint(scope="write:bookmarks", answers=Status)
    def post(self, request: Request, post_id: str) -> HttpResponse:
        """Drop a bookmark."""
        return self.take_back(post_id, partial(interact.unbookmark, by=self.me))


class Pin(_Act):
    """Pin."""

    @endpoint(scope="write:accounts", answers=Status)
    def post(self, request: Request, post_id: str) -> HttpResponse:
        """Pin a post of one's own to the top of one's profile; a few may be pinned at a time."""
        directs.refuse(self.viewer, self.id_of(post_id))
        post = posts.get_post(self.viewer, self.id_of(post_id))
        return self.show(pins.pin(post, by=self.me, now=self.now))


class Unpin(_Act):
    """Take a pin back."""

    @endpoint(scope="write:accounts", answers=Status)
    def post(self, request: Request, post_id: str) -> HttpResponse:
        """Take a pin back."""
        post = posts.get_post(self.viewer, self.id_of(post_id))
        return self.show(pins.unpin(post, by=self.me))


class MuteThread(_Act):
    """Mute a thread."""

    @endpoint(scope="write:mutes", answers=Status)
    def post(self, request: Request, post_id: str) -> HttpResponse:
        """Be told nothing more of the thread that a post stands in."""
        return self.show(threads.mute_thread(self.original(post_id), by=self.me, now=self.now))


class UnmuteThread(_Act):
    """Take the mute of a thread back."""

    @endpoint(scope="write:mutes", answers=Status)
    def post(self, request: Request, post_id: str) -> HttpResponse:
        """Take the mute of a thread back."""
        return self.take_back(post_id, partial(threads.unmute_thread, by=self.me))


class ReblogForm(serializers.Serializer[dict[str, Any]]):
    """For whom a share is; empty, for whom new posts of the viewer are."""

    visibility = serializers.ChoiceField(
        choices=["public", "unlisted", "private"],
        required=False,
        allow_blank=True,
        allow_null=True,
        default="",
    )


class Reblog(_Act):
    """Share."""

    @endpoint(scope="write:statuses", answers=Status, body=ReblogForm)
    def post(self, request: Request, post_id: str) -> HttpResponse:
        """Share a post with one's followers; the answer is the share, with the post inside."""
        wanted = self.valid(ReblogForm)["visibility"]
        audience = AUDIENCE[wanted] if wanted else self.me.posting_audience()
        share = interact.repost(self.original(post_id), by=self.me, audience=audience, now=self.now)
        return self.show(posts.get_post(self.viewer, share))


class Unreblog(_Act):
    """Take a share back."""

    @endpoint(scope="write:statuses", answers=Status, limit=DELETIONS)
    def post(self, request: Request, post_id: str) -> HttpResponse:
        """Take a share back; the answer is the post itself."""
        return self.take_back(post_id, partial(interact.unrepost, by=self.me, now=self.now))


class Favourites(ClientView):
    """What one liked."""

    @endpoint(scope="read:favourites", answers=list[Status], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """Posts that the viewer liked, the last like first; pages go by the Link header."""
        page = self.page(default=20, maximum=40)
        found, first, last = timelines.marked(self.viewer, page, "likes")
        return self.paged(Presenter(self.viewer).statuses(found), page, first=first, last=last)


class Bookmarks(ClientView):
    """What one bookmarked."""

    @endpoint(scope="read:bookmarks", answers=list[Status], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """Posts that the viewer bookmarked, the last first; pages go by the Link header."""
        page = self.page(default=20, maximum=40)
        found, first, last = timelines.marked(self.viewer, page, "bookmarks")
        return self.paged(Presenter(self.viewer).statuses(found), page, first=first, last=last)
