"""Polls: look at one, and vote."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from feed.api.forms import VoteForm
from feed.api.presenter import Presenter
from feed.operations import vote
from feed.post_types import poll
from feed.post_types.poll import Poll
from feed.queries import posts
from upscrolled.api.base import ClientView, endpoint


class _OfPoll(ClientView):
    def show(self, post_id: int) -> HttpResponse:
        """Render the poll as it now stands."""
        post, facts = posts.get_poll(self.viewer, post_id)
        return self.render(poll.entity(facts, post.author_id, Presenter(self.viewer)))


class PollView(_OfPoll):
    """One poll."""

    @endpoint(scope="read:statuses", who="anyone", answers=Poll)
    def get(self, request: Request, poll_id: str) -> HttpResponse:
        """Look at a poll; its id is that of its post."""
        return self.show(self.id_of(poll_id))


class Votes(_OfPoll):
    """Votes of a poll; who chose what is told to nobody."""

    @endpoint(scope="write:statuses", answers=Poll, body=VoteForm)
    def post(self, request: Request, poll_id: str) -> HttpResponse:
        """Choose one option, or several where the poll allows it; once, and for good."""
        post, _ = posts.get_poll(self.viewer, self.id_of(poll_id))
        choices = self.valid(VoteForm)["choices"]
        vote.vote(post, by=self.me, choices=choices, now=self.now)
        return self.show(post.id)
