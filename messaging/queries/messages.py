"""Messages as a member sees them: a page, several by id, versions. One statement a page, whatever it holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from messaging import sealing
from messaging.models import Edit
from messaging.visibility import FOUND, SEEN, WITHHELD
from upscrolled.core import ids
from upscrolled.core.errors import NotFound
from upscrolled.core.ids import LARGEST
from upscrolled.core.paging import Page
from upscrolled.viewer import Viewer


class MessageFacts(msgspec.Struct, frozen=True):
    """A message for one reader. `text` is None where it is not shown: deleted, withheld by a decision, or its key lost.

    `reactions` are pairs of an emoji and the id of whoever gave it, the first first.
    """

    id: int
    conversation_id: int
    seq: int
    sender_id: int
    client_id: str
    text: str | None
    reply_to_id: int | None
    edited_at: datetime | None
    deleted_at: datetime | None
    withheld: bool
    reactions: list[tuple[str, int]]


class MessagePage(NamedTuple):
    """A page of messages, the newest first, and the numbers of its ends, by which the pages go."""

    messages: list[MessageFacts]
    first: int | None = None
    last: int | None = None


_COLUMNS = f"""
SELECT x.id, x.conversation_id, x.seq, x.sender_id, x.client_id, x.body, x.key_id, x.reply_to_id, x.edited_at,
       x.deleted_at, {WITHHELD},
       (SELECT json_agg(json_build_array(r.emoji, r.account_id) ORDER BY r.created_at, r.id)
        FROM messaging_reaction r WHERE r.message_id = x.id)
"""
_FROM = f"""
FROM messaging_member m
JOIN messaging_conversation c ON c.id = m.conversation_id
JOIN messaging_message x ON x.conversation_id = m.conversation_id
WHERE m.account_id = %(viewer)s AND {FOUND} AND {SEEN}
"""
_PAGE = f"""{_COLUMNS} {_FROM}
  AND m.conversation_id = %(conversation)s AND x.seq < %(under)s::bigint AND x.seq > %(over)s::bigint
ORDER BY x.seq {{direction}} LIMIT %(limit)s
"""
_SEVERAL = f"{_COLUMNS} {_FROM} AND x.id = ANY(%(ids)s::bigint[])"
_FINDS = f"""
SELECT 1 FROM messaging_member m JOIN messaging_conversation c ON c.id = m.conversation_id
WHERE m.account_id = %(viewer)s AND m.conversation_id = %(conversation)s AND {FOUND}
"""


def page(viewer: Viewer, conversation_id: int, page: Page) -> MessagePage:
    """Return messages of a conversation; the bounds of the page are message numbers. Raises NotFound."""
    row: dict[str, Any] = {
        "viewer": viewer.id,
        "conversation": conversation_id,
        "under": page.max_id or LARGEST,
        "over": page.above or 0,
        "limit": page.limit,
    }
    found = _load(_PAGE.format(direction="ASC" if page.upward else "DESC"), row, viewer)
    if not found:
        require_found(viewer, conversation_id)
        return MessagePage([])
    if page.upward:
        found.reverse()
    return MessagePage(found, found[0].seq, found[-1].seq if len(found) == page.limit else None)


def several(viewer: Viewer, message_ids: Iterable[int]) -> dict[int, MessageFacts]:
    """Return those of these messages that the viewer sees, by id."""
    wanted = list(message_ids)
    if not wanted:
        return {}
    return {each.id: each for each in _load(_SEVERAL, {"viewer": viewer.id, "ids": wanted}, viewer)}


def get_message(viewer: Viewer, message_id: int) -> MessageFacts:
    """Return a message, or raise NotFound."""
    found = several(viewer, [message_id]).get(message_id)
    if found is None:
        raise NotFound
    return found


def get_in(viewer: Viewer, conversation_id: int, message_id: int) -> MessageFacts:
    """Return a message of that conversation, or raise NotFound."""
    found = get_message(viewer, message_id)
    if found.conversation_id != conversation_id:
        raise NotFound
    return found


class Version(NamedTuple):
    """What a message said, and since when. `text` is None if it cannot be read."""

    text: str | None
    since: datetime


def history(viewer: Viewer, message_id: int) -> list[Version]:
    """Return what a message said, the first version first and the present one last. Raises NotFound."""
    message = get_message(viewer, message_id)
    if message.text is None:
        raise NotFound
    versions, since = [], ids.created_at(message_id)
    for edit in Edit.objects.filter(message_id=message_id).order_by("id"):
        text = sealing.opened(
            bytes(edit.body), edit.key_id, conversation_id=message.conversation_id, about=message_id
        )
        versions.append(Version(text, since))
        since = edit.replaced_at
    return [*versions, Version(message.text, since)]


def require_found(viewer: Viewer, conversation_id: int) -> None:
    """Raise NotFound unless the viewer is in this conversation, and may see it."""
    with connection.cursor() as cursor:
        cursor.execute(_FINDS, {"viewer": viewer.id, "conversation": conversation_id})
        if cursor.fetchone() is None:
            raise NotFound


def _load(statement: str, row: dict[str, Any], viewer: Viewer) -> list[MessageFacts]:
    with connection.cursor() as cursor:
        cursor.execute(statement, row)
        return [_facts(found, viewer) for found in cursor.fetchall()]


def _facts(row: tuple[Any, ...], viewer: Viewer) -> MessageFacts:
    number, conversation, seq, sender, client, body, key, reply_to, edited, deleted, withheld, given = row
    shown = deleted is None and not (withheld and sender != viewer.id)
    return MessageFacts(
        id=number,
        conversation_id=conversation,
        seq=seq,
        sender_id=sender,
        client_id=client if sender == viewer.id else "",
        text=sealing.opened(bytes(body), key, conversation_id=conversation, about=number) if shown else None,
        reply_to_id=reply_to,
        edited_at=edited,
        deleted_at=deleted,
        withheld=withheld,
        reactions=[(emoji, account) for emoji, account in given or ()],
    )
