"""Messages as a member sees them: a page, several by id, versions. One statement a page, one more for its media."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from messaging import sealing
from messaging.models import Edit
from messaging.visibility import FOUND, SEEN, WITHHELD, blocked
from upscrolled.core import ids
from upscrolled.core.errors import NotFound
from upscrolled.core.ids import LARGEST
from upscrolled.core.paging import Page
from upscrolled.media import shown
from upscrolled.media.shown import MediaFacts
from upscrolled.viewer import Viewer


class MessageFacts(msgspec.Struct, frozen=True):
    """A message for one reader. `text` is None where it is not shown: deleted, withheld by a decision, or its key lost.

    Deleted or withheld, it has no `attachments` either. `reactions` are pairs of an emoji and the id of whoever gave
    it, the first first.
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
    attachments: list[MediaFacts]


class MessagePage(NamedTuple):
    """A page of messages, the newest first, and the numbers of its ends, by which the pages go."""

    messages: list[MessageFacts]
    first: int | None = None
    last: int | None = None


_COLUMNS = f"""
SELECT x.id, x.conversation_id, x.seq, x.sender_id, x.client_id, x.body, x.key_id, x.reply_to_id, x.edited_at,
       x.deleted_at, {WITHHELD}, x.attachments,
       (SELECT json_agg(json_build_array(r.emoji, r.account_id) ORDER BY r.created_at, r.id)
        FROM messaging_reaction r WHERE r.message_id = x.id
          AND (r.account_id = m.account_id OR NOT {blocked("r.account_id", "m.account_id")}))
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
_TO_MANY = f"""{_COLUMNS}, m.account_id {_FROM.replace("= %(viewer)s", "= ANY(%(viewers)s::bigint[])")}
  AND x.id = ANY(%(ids)s::bigint[])"""
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


def to_many(account_ids: Iterable[int], message_ids: Iterable[int]) -> dict[int, dict[int, MessageFacts]]:
    """Return by account those of these messages that each of them sees, by id: one statement for any number."""
    found: dict[int, dict[int, MessageFacts]] = {}
    row = {"viewers": list(account_ids), "ids": list(message_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_TO_MANY, row)
        rows = cursor.fetchall()
    known = _media(rows)
    for each in rows:
        found.setdefault(each[-1], {})[each[0]] = _facts(each, each[-1], known)
    return found


def just_sent(
    message_id: int,
    *,
    conversation_id: int,
    seq: int,
    by: int,
    client_id: str,
    text: str,
    reply_to: int | None,
) -> MessageFacts:
    """Return a message without media that was just written, as its sender sees it; nothing has to be read for it."""
    return MessageFacts(
        id=message_id,
        conversation_id=conversation_id,
        seq=seq,
        sender_id=by,
        client_id=client_id,
        text=text,
        reply_to_id=reply_to,
        edited_at=None,
        deleted_at=None,
        withheld=False,
        reactions=[],
        attachments=[],
    )


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
        found = cursor.fetchall()
    known = _media(found)
    return [_facts(each, viewer.id, known) for each in found]


def _media(rows: Iterable[tuple[Any, ...]]) -> dict[int, MediaFacts]:
    return shown.of_ids(list({number for each in rows for number in each[11]}))


def _facts(row: tuple[Any, ...], viewer_id: int, known: Mapping[int, MediaFacts]) -> MessageFacts:
    number, conversation, seq, sender, client, body, key, reply_to, edited, deleted, withheld = row[:11]
    open_to = deleted is None and not (withheld and sender != viewer_id)
    text = sealing.opened(bytes(body), key, conversation_id=conversation, about=number) if open_to else None
    return MessageFacts(
        id=number,
        conversation_id=conversation,
        seq=seq,
        sender_id=sender,
        client_id=client if sender == viewer_id else "",
        text=text,
        reply_to_id=reply_to,
        edited_at=edited,
        deleted_at=deleted,
        withheld=withheld,
        reactions=[(emoji, account) for emoji, account in row[12] or ()],
        attachments=[known[each] for each in row[11] if each in known] if open_to else [],
    )
