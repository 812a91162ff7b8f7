"""What devices need beside the conversations themselves: catching up, searching, settings."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from messaging.api import entities
from messaging.api.conversations import READ, WRITE
from messaging.api.entities import ConversationChanges, FoundMessages, Gone, MessageSettings
from messaging.api.forms import MessageSettingsForm
from messaging.operations import keeping
from messaging.queries import conversations, search, sync
from messaging.queries.search import Position
from upscrolled.api import pagination
from upscrolled.api.base import ClientView, endpoint
from upscrolled.core import ids
from upscrolled.core.errors import BadRequest


class Sync(ClientView):
    """GET /api/v1/upscrolled/conversations/sync"""

    @endpoint(scope=READ, answers=ConversationChanges, query=("cursor", "limit"))
    def get(self, request: Request) -> HttpResponse:
        """Catch up: all that changed after a cursor, across all conversations, as it stands now.

        Without a cursor the answer is where to begin (`reset`). What is told is how things stand, not what was done:
        told twice, or in another order, it comes to the same.
        """
        cursor = _cursor(request.query_params.get("cursor"))
        limit = pagination.limit_of(request.query_params.get("limit"), default=100, maximum=200)
        found = sync.changes(self.viewer, cursor, limit=limit)
        return self.render(
            ConversationChanges(
                cursor=str(found.cursor),
                more=found.more,
                reset=found.reset,
                relations=str(found.relations),
                messages=[entities.message(each, now=self.now) for each in found.messages],
                conversations=[
                    entities.conversation(each, self.viewer, now=self.now) for each in found.conversations
                ],
                gone=[str(each) for each in found.gone],
                unseen=[
                    Gone(conversation_id=str(number), message_id=str(thing)) for number, thing in found.unseen
                ],
            )
        )


class SearchMessages(ClientView):
    """GET /api/v1/upscrolled/conversations/search"""

    @endpoint(scope=READ, answers=FoundMessages, query=("q", "conversation_id", "cursor", "limit"))
    def get(self, request: Request) -> HttpResponse:
        """Find messages with all the words of `q`, in all conversations or one.

        Texts are sealed, and there is no index of them: a page opens 2,000 messages at most. Go on with `next`
        until it is null.
        """
        given = request.query_params
        after = given.get("cursor")
        found = search.search(
            self.viewer,
            given.get("q", "").replace("\x00", ""),
            conversation_id=self.id_of(given["conversation_id"]) if given.get("conversation_id") else 0,
            after=_position(after) if after else None,
            limit=pagination.limit_of(given.get("limit"), default=20, maximum=40),
        )
        following = f"{found.following.activity_id}-{found.following.seq}" if found.following else None
        return self.render(
            FoundMessages(
                messages=[entities.message(each, now=self.now) for each in found.messages], next=following
            )
        )


class Settings(ClientView):
    """GET, PATCH /api/v1/upscrolled/conversations/settings"""

    @endpoint(scope=READ, answers=MessageSettings)
    def get(self, request: Request) -> HttpResponse:
        """Tell how you take messages."""
        return self._show()

    @endpoint(scope=WRITE, answers=MessageSettings, body=MessageSettingsForm)
    def patch(self, request: Request) -> HttpResponse:
        """Choose who may begin a conversation with you, and whether receipts and typing are shown."""
        form = self.valid(MessageSettingsForm)
        keeping.set_inbox(
            by=self.me,
            writers=form.get("writers"),
            receipts=form.get("receipts"),
            typing=form.get("typing"),
        )
        return self._show()

    def _show(self) -> HttpResponse:
        chosen = conversations.settings(self.viewer)
        return self.render(
            MessageSettings(writers=chosen.writers, receipts=chosen.receipts, typing=chosen.typing)
        )


def _cursor(written: str | None) -> int | None:
    if not written:
        return None
    if written == "0":
        return 0
    number = ids.parse(written)
    if number is None:
        raise BadRequest(f"cursor must be one that this address told, not {written[:40]!r}.")
    return number


def _position(written: str) -> Position:
    activity, _, seq = written.partition("-")
    numbers = ids.parse(activity), ids.parse(seq)
    if numbers[0] is None or numbers[1] is None:
        raise BadRequest(f"cursor must be one that this address told, not {written[:40]!r}.")
    return Position(numbers[0], numbers[1])
