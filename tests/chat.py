"""How the tests' people talk to each other, and what they then see."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from messaging.operations import messages
from messaging.operations.messages import Draft
from messaging.queries import messages as found
from tests.people import NOON
from upscrolled.core.paging import Page
from upscrolled.models import Account
from upscrolled.viewer import Viewer

_drawn = count()


def say(
    conversation_id: int,
    by: Account,
    text: str = "hello",
    *,
    now: datetime = NOON,
    reply_to: int | None = None,
) -> int:
    """Send a message and return its id."""
    draft = Draft(text, f"{by.username}-{next(_drawn)}", reply_to)
    return messages.send(conversation_id, by=by, draft=draft, now=now).id


def texts(conversation_id: int, reader: Account) -> list[str | None]:
    """What somebody reads in a conversation, the first message first."""
    page = found.page(Viewer(reader), conversation_id, Page(limit=100))
    return [message.text for message in reversed(page.messages)]
