"""Conversations: list, begin, arrange, accept, decline, leave; who is in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from messaging.api import entities
from messaging.api.entities import PrivateConversation, UnreadConversations
from messaging.api.forms import ArrangeForm, ConversationForm, InvitationForm, ReadForm
from messaging.operations import conversations, keeping
from messaging.operations.keeping import Wish
from messaging.queries import conversations as found
from upscrolled.api.base import ClientView, endpoint
from upscrolled.api.signup import Empty
from upscrolled.core.errors import Invalid
from upscrolled.limits import Limit

READ, WRITE = "read:statuses", "write:conversations"
BEGINNINGS = Limit("conversations", 100, 86_400)


class ConversationView(ClientView):
    """Base of what is done to one conversation, and answers how it then stands."""

    def show(self, conversation_id: int) -> HttpResponse:
        """Render a conversation."""
        return self.render(
            entities.conversation(found.get(self.viewer, conversation_id), self.viewer, now=self.now)
        )


class Conversations(ConversationView):
    """GET, POST /api/v1/upscrolled/conversations"""

    @endpoint(scope=READ, answers=list[PrivateConversation], query=("folder",), paged=True)
    def get(self, request: Request) -> HttpResponse:
        """List conversations, the last active first; pages go by the Link header.

        Messages are sealed where they are stored, but they are not end-to-end encrypted: whoever runs the site can
        read messages that are reported.
        """
        page = self.page(default=20, maximum=40)
        folder = request.query_params.get("folder") or "inbox"
        if folder not in found.FOLDERS:
            raise Invalid(f"folder must be one of {', '.join(found.FOLDERS)}; not {folder[:40]!r}")
        listed = found.page(self.viewer, folder, page)
        shown = [entities.conversation(each, self.viewer, now=self.now) for each in listed.conversations]
        return self.paged(shown, page, first=listed.first, last=listed.last)

    @endpoint(scope=WRITE, answers=PrivateConversation, body=ConversationForm, limit=BEGINNINGS)
    def post(self, request: Request) -> HttpResponse:
        """Begin a conversation, or return the one that two people have.

        Somebody whom you write to for the first time is asked first, unless they follow you; so is whoever is asked
        into a group. Not end-to-end encrypted: whoever runs the site can read messages that are reported.
        """
        form = self.valid(ConversationForm)
        wanted = [self.id_of(each) for each in form["account_ids"]]
        title = form["title"] or ""
        if len(set(wanted)) == 1 and not title:
            number = conversations.begin_pair(wanted[0], by=self.me, now=self.now)
        else:
            number = conversations.begin_group(wanted, title=title, by=self.me, now=self.now)
        return self.show(number)


class OneConversation(ConversationView):
    """GET, PATCH, DELETE /api/v1/upscrolled/conversations/:id"""

    @endpoint(scope=READ, answers=PrivateConversation)
    def get(self, request: Request, conversation_id: str) -> HttpResponse:
        """Return a conversation."""
        return self.show(self.id_of(conversation_id))

    @endpoint(scope=WRITE, answers=PrivateConversation, body=ArrangeForm)
    def patch(self, request: Request, conversation_id: str) -> HttpResponse:
        """Pin, archive, mute it for yourself; or rename a group that you own."""
        number, form = self.id_of(conversation_id), self.valid(ArrangeForm)
        if "title" in form:
            conversations.rename(number, title=form["title"], by=self.me, now=self.now)
        mute = timedelta(seconds=_seconds(form["mute_for"])) if "mute_for" in form else None
        wish = Wish(pinned=form.get("pinned"), archived=form.get("archived"), mute=mute)
        keeping.arrange(number, wish=wish, by=self.me, now=self.now)
        return self.show(number)

    @endpoint(scope=WRITE, answers=Empty)
    def delete(self, request: Request, conversation_id: str) -> HttpResponse:
        """Delete a conversation for yourself, with all that was written so far; the others keep it."""
        keeping.clear(self.id_of(conversation_id), by=self.me, now=self.now)
        return self.render(Empty())


class Accept(ConversationView):
    """POST /api/v1/upscrolled/conversations/:id/accept"""

    @endpoint(scope=WRITE, answers=PrivateConversation)
    def post(self, request: Request, conversation_id: str) -> HttpResponse:
        """Accept a request, or the invitation to a group. Until then nobody learns whether you read it."""
        number = self.id_of(conversation_id)
        found.get(self.viewer, number)
        conversations.accept(number, by=self.me, now=self.now)
        return self.show(number)


class Decline(ClientView):
    """POST /api/v1/upscrolled/conversations/:id/decline"""

    @endpoint(scope=WRITE, answers=Empty)
    def post(self, request: Request, conversation_id: str) -> HttpResponse:
        """Turn a request down: they cannot write again unless you write to them."""
        number = self.id_of(conversation_id)
        found.get(self.viewer, number)
        conversations.decline(number, by=self.me, now=self.now)
        return self.render(Empty())


class Leave(ClientView):
    """POST /api/v1/upscrolled/conversations/:id/leave"""

    @endpoint(scope=WRITE, answers=Empty)
    def post(self, request: Request, conversation_id: str) -> HttpResponse:
        """Leave a group."""
        conversations.leave(self.id_of(conversation_id), by=self.me, now=self.now)
        return self.render(Empty())


class ReadConversation(ConversationView):
    """POST /api/v1/upscrolled/conversations/:id/read"""

    @endpoint(scope=WRITE, answers=PrivateConversation, body=ReadForm)
    def post(self, request: Request, conversation_id: str) -> HttpResponse:
        """Say up to which message number you have read; it never goes back."""
        number, form = self.id_of(conversation_id), self.valid(ReadForm)
        keeping.read(number, up_to=form["up_to"], by=self.me, token_id=self.token_id, now=self.now)
        return self.show(number)


class Typing(ClientView):
    """POST /api/v1/upscrolled/conversations/:id/typing"""

    @endpoint(scope=WRITE, answers=Empty)
    def post(self, request: Request, conversation_id: str) -> HttpResponse:
        """Let the others see that you are typing; say it again every few seconds. Nothing of it is stored."""
        keeping.typing(self.id_of(conversation_id), by=self.me, now=self.now)
        return self.render(Empty())


class Members(ConversationView):
    """POST /api/v1/upscrolled/conversations/:id/members"""

    @endpoint(scope=WRITE, answers=PrivateConversation, body=InvitationForm, limit=BEGINNINGS)
    def post(self, request: Request, conversation_id: str) -> HttpResponse:
        """Ask people into a group: each decides, and sees what is written from then on."""
        number, form = self.id_of(conversation_id), self.valid(InvitationForm)
        wanted = [self.id_of(each) for each in form["account_ids"]]
        conversations.add(number, wanted, by=self.me, now=self.now)
        return self.show(number)


class OneMember(ConversationView):
    """DELETE /api/v1/upscrolled/conversations/:id/members/:account_id"""

    @endpoint(scope=WRITE, answers=PrivateConversation)
    def delete(self, request: Request, conversation_id: str, account_id: str) -> HttpResponse:
        """Take somebody out of a group that you own."""
        number = self.id_of(conversation_id)
        conversations.remove(number, self.id_of(account_id), by=self.me, now=self.now)
        return self.show(number)


class Unread(ClientView):
    """GET /api/v1/upscrolled/conversations/unread"""

    @endpoint(scope=READ, answers=UnreadConversations)
    def get(self, request: Request) -> HttpResponse:
        """Count what waits."""
        waiting = found.unread(self.viewer)
        return self.render(
            UnreadConversations(conversations=waiting.conversations, requests=waiting.requests)
        )


def _seconds(value: Any) -> int:
    """Return seconds that a timedelta can hold; the verb says what is too much."""
    return max(-1, min(int(value), 10**10))
