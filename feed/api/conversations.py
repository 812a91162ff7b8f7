"""Conversations in the Mastodon API: the same rows that `/api/v1/upscrolled/conversations` shows."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from feed.api import directs
from feed.api.entities import Status
from messaging.operations import keeping
from messaging.queries import conversations as threads
from messaging.queries import newest
from messaging.queries.conversations import ConversationFacts
from upscrolled.api import entities as ground
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.signup import Empty
from upscrolled.viewer import Viewer


class Conversation(msgspec.Struct, kw_only=True):
    """A private conversation (Mastodon API, Conversation): `accounts` are the others."""

    id: str
    unread: bool
    accounts: list[ground.Account]
    last_status: Status | None


class Conversations(ClientView):
    """GET /api/v1/conversations"""

    @endpoint(scope="read:statuses", answers=list[Conversation], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """List private conversations, the last active first; requests are not among them until they are accepted.

        They are not end-to-end encrypted: whoever runs the site can read messages that are reported.
        """
        page = self.page(default=20, maximum=40)
        listed = threads.page(self.viewer, "all", page)
        shown = [_shown(each, self.viewer) for each in listed.conversations]
        return self.paged(shown, page, first=listed.first, last=listed.last)


class DirectTimeline(ClientView):
    """GET /api/v1/timelines/direct"""

    @endpoint(scope="read:statuses", answers=list[Status], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """List private messages of all conversations, the newest first, for old clients; others read conversations."""
        page = self.page(default=20, maximum=40)
        listed = newest.across(self.viewer, page)
        shown = {int(each.id): each for each in directs.several(self.viewer, listed.ids)}
        found = [shown[number] for number in listed.ids if number in shown]
        return self.paged(found, page, first=listed.first, last=listed.last)


class ConversationView(ClientView):
    """DELETE /api/v1/conversations/:id"""

    @endpoint(scope="write:conversations", answers=Empty)
    def delete(self, request: Request, conversation_id: str) -> HttpResponse:
        """Put a conversation out of one's own sight, with all that was written so far."""
        keeping.clear(self.id_of(conversation_id), by=self.me, now=self.now)
        return self.render(Empty())


class ReadConversation(ClientView):
    """POST /api/v1/conversations/:id/read"""

    @endpoint(scope="write:conversations", answers=Conversation)
    def post(self, request: Request, conversation_id: str) -> HttpResponse:
        """Say that one has read it."""
        number = self.id_of(conversation_id)
        keeping.read(number, up_to=None, by=self.me, token_id=self.token_id, now=self.now)
        return self.render(_shown(threads.get(self.viewer, number), self.viewer))


class UnreadConversation(ClientView):
    """POST /api/v1/conversations/:id/unread"""

    @endpoint(scope="write:conversations", answers=Conversation)
    def post(self, request: Request, conversation_id: str) -> HttpResponse:
        """Have it count as unread again."""
        number = self.id_of(conversation_id)
        keeping.unread(number, by=self.me, now=self.now)
        return self.render(_shown(threads.get(self.viewer, number), self.viewer))


def told(viewer: Viewer, conversation_ids: Iterable[int]) -> dict[int, Conversation]:
    """Return those of these conversations that the list would show the viewer, by id."""
    found = threads.several(viewer, conversation_ids)
    return {each.id: _shown(each, viewer) for each in found if each.state == "accepted"}


def _shown(thread: ConversationFacts, viewer: Viewer) -> Conversation:
    return Conversation(
        id=str(thread.id),
        unread=thread.unread > 0,
        accounts=[ground.account(viewer.person(each)) for each in thread.others(viewer)],
        last_status=directs.status(thread.last_message, thread, viewer) if thread.last_message else None,
    )
