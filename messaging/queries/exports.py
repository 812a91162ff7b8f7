"""The file of private messages of one person: their conversations, as they see them at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from messaging.queries import conversations, messages
from messaging.queries.conversations import ConversationFacts
from messaging.queries.messages import MessageFacts
from upscrolled import people
from upscrolled.core import ids
from upscrolled.core.paging import Page
from upscrolled.exports import File, address, lines
from upscrolled.models import Account
from upscrolled.viewer import Viewer

_CONVERSATIONS, _MESSAGES = 40, 500


def sent_and_received(account: Account) -> Iterator[bytes]:
    """Messages that somebody sees, a conversation after the other, the newest first: requests too."""
    viewer = Viewer(account)
    for folder in ("all", "requests"):
        below: int | None = None
        while True:
            found = conversations.page(viewer, folder, Page(max_id=below, limit=_CONVERSATIONS))
            for conversation in found.conversations:
                yield from _messages(viewer, conversation)
            if found.last is None:
                break
            below = found.last


def _messages(viewer: Viewer, conversation: ConversationFacts) -> Iterator[bytes]:
    below: int | None = None
    while True:
        found = messages.page(viewer, conversation.id, Page(max_id=below, limit=_MESSAGES))
        senders = people.load(viewer, {each.sender_id for each in found.messages})
        names = {number: address(person.username) for number, person in senders.items()}
        yield lines(_message(each, conversation, names) for each in found.messages)
        if found.last is None:
            return
        below = found.last


def _message(message: MessageFacts, conversation: ConversationFacts, names: dict[int, str]) -> dict[str, Any]:
    return {
        "conversation": str(conversation.id),
        "title": conversation.title,
        "id": str(message.id),
        "sent_at": ids.created_at(message.id),
        "sender": names.get(message.sender_id),
        "text": message.text,
        "edited_at": message.edited_at,
        "deleted_at": message.deleted_at,
        "media": [
            {"type": each.kind, "description": each.description or None} for each in message.attachments
        ],
    }


FILES: Final = (File("messages.ndjson", sent_and_received),)
