"""Write a new message: the row, its number, what its members find in their lists, and what they are told, at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from messaging import happenings, inbox, notices, sealing
from messaging.models import Message
from messaging.models.message import number
from messaging.operations.standing import ACCEPTED, Standing
from messaging.queries.messages import MessageFacts, just_sent
from upscrolled.core.errors import Conflict, Invalid
from upscrolled.models import Account

_DRAWS = 10


class New(NamedTuple):
    """A message that was found in order."""

    text: str
    client_id: str
    reply_to_id: int | None
    attachments: list[int]
    told_as: str


def facts(stands: Standing, message_id: int, new: New, by: Account) -> MessageFacts:
    """Return it as its sender sees it, if it has no media."""
    return just_sent(
        message_id,
        conversation_id=stands.conversation_id,
        seq=stands.last_seq + 1,
        by=by.id,
        client_id=new.client_id,
        text=new.text,
        reply_to=new.reply_to_id,
    )


# All at once: each statement more is a way there and back. What is read of other rows is as it was before, which is
# right: of what is written here nothing else is read. The inboxes come when the rest is locked (`inbox.lines`).
_MADE = f"""
WITH made AS (
  INSERT INTO messaging_message
    (id, conversation_id, seq, sender_id, client_id, body, key_id, reply_to_id, attachments)
  VALUES (%(id)s, %(conversation)s, %(seq)s, %(by)s, %(client)s, %(body)s, %(key)s, %(reply_to)s,
          %(attachments)s::bigint[])
  ON CONFLICT DO NOTHING RETURNING id
), counted AS (
  UPDATE messaging_conversation SET last_seq = %(seq)s WHERE id = %(conversation)s AND EXISTS (SELECT 1 FROM made)
), moved AS (
  UPDATE messaging_member SET activity_id = greatest(activity_id, %(id)s)
  WHERE conversation_id = %(conversation)s AND state IN ('request', 'accepted') AND account_id <> %(by)s
    AND EXISTS (SELECT 1 FROM made)
), mine AS (
  UPDATE messaging_member SET activity_id = greatest(activity_id, %(id)s), state = 'accepted', until_seq = NULL,
         read_seq = %(seq)s, read_at = %(now)s
  WHERE conversation_id = %(conversation)s AND account_id = %(by)s AND EXISTS (SELECT 1 FROM made)
), {notices.TOLD}"""
_AFTER = "EXISTS (SELECT 1 FROM made) AND (SELECT count(*) FROM told) >= 0"
_INSERT = f"{_MADE}, {inbox.lines(_AFTER)} SELECT account_id, last_seq, 0 FROM line"
# Who writes has read. If the id was drawn twice they have too, and what they were told of it may go.
_INSERT_READ = f"""{_MADE}, {notices.READ}, {inbox.lines(f"{_AFTER} AND (SELECT count(*) FROM withdrawn) >= 0")}
SELECT account_id, last_seq, (SELECT count(*) FROM withdrawn) FROM line"""


class Written(NamedTuple):
    """A message that was written: its id, and the number of the last event of everybody whom it concerns.

    `phones` is how many phones are to be told that the sender has read what was there.
    """

    id: int
    last: dict[int, int]
    things: list[tuple[str, int]]
    phones: int


def insert(stands: Standing, new: New, by: Account, now: datetime, *, token_id: int = 0) -> Written:
    """Write it, and what its members are told. Raises Invalid (its client id is used elsewhere meanwhile), Conflict."""
    reads = stands.read_seq < stands.last_seq
    row: dict[str, Any] = {
        "conversation": stands.conversation_id,
        "seq": stands.last_seq + 1,
        "by": by.id,
        "client": new.client_id,
        "reply_to": new.reply_to_id,
        "attachments": new.attachments,
        "told_as": str(new.told_as),
        "now": now,
    }
    if reads:
        row |= {"account": by.id, "above": stands.read_seq, "up_to": stands.last_seq, "token": token_id}
    with connection.cursor() as cursor:
        for _ in range(_DRAWS):
            message_id = number(now)
            body, key_id = sealing.seal(
                new.text, conversation_id=stands.conversation_id, about=message_id, now=now
            )
            things = [(happenings.MESSAGE, message_id)]
            if stands.state != ACCEPTED:
                things.append((happenings.MEMBER, by.id))
            row |= {
                "id": message_id,
                "body": body,
                "key": key_id,
                **inbox.written({*stands.present, by.id}, things),
            }
            cursor.execute(_INSERT_READ if reads else _INSERT, row)
            if found := cursor.fetchall():
                return Written(message_id, {each[0]: each[1] for each in found}, things, found[0][2])
            # Another process drew the same id in the same millisecond; or the client id was used elsewhere meanwhile.
            if Message.objects.filter(sender=by, client_id=new.client_id).exists():
                raise Invalid("Validation failed: client_id belongs to a message of another conversation")
    raise Conflict("The message could not be given a number. Try again in a moment.")
