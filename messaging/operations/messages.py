"""Send, edit, delete, answer with an emoji."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import regex
from django.db import connection, transaction

from messaging import happenings, inbox, notices, sealing
from messaging.models import Edit, Hidden, Member, Message, Reaction
from messaging.models.message import CLIENT_ID_MAX, EMOJI_MAX
from messaging.operations import media
from messaging.operations.standing import REQUEST, Standing, hold, hold_to_act
from messaging.operations.writing import New, facts, insert
from messaging.queries.messages import MessageFacts
from messaging.visibility import REFUSES, SEEN
from upscrolled import acting
from upscrolled.core import ids, text
from upscrolled.core.errors import Invalid, NotAllowed, NotFound
from upscrolled.models import Account

TEXT_MAX = 5_000
_BYTES_PER_CHARACTER = 32  # one character, as people count, may hold any number of combining marks
EDIT_WITHIN = timedelta(minutes=15)
UNANSWERED_MAX = 10
# One emoji as people see it: a sign with its variations and joined signs (UTS 51), a flag, or a keycap.
_EMOJI = regex.compile(
    r"(?:[\U0001F1E6-\U0001F1FF]{2}|[0-9#*]\uFE0F?\u20E3"
    r"|\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?[\U000E0020-\U000E007F]*"
    r"(?:\u200D\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?)*)"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to send. `client_id` is drawn by their device, once a message. `media` are ids of uploads.

    `told_as` says as what the others are told of it (`messaging/notices.py`).
    """

    text: str
    client_id: str
    reply_to_id: int | None = None
    media: tuple[str, ...] = ()
    told_as: str = notices.MESSAGE


class Sent(NamedTuple):
    """A message that stands; `new` is False if it was sent before with the same client id.

    `facts` is the message as its sender sees it, where that is known without reading it.
    """

    id: int
    new: bool
    facts: MessageFacts | None = None


class TooLong(Invalid):
    """More characters than a message may have, counted as people count."""


class TooLate(NotAllowed):
    """A message may be edited for fifteen minutes."""


@transaction.atomic
def send(conversation_id: int, *, by: Account, draft: Draft, now: datetime, token_id: int = 0) -> Sent:
    """Send a message, from the phone with this token; sent again with the same client id, it is the one that stands.

    Writing in answer to a request accepts it. Raises NotFound, NotAllowed (one's account is restricted; the other is
    closed or suspended, has turned the request down or takes no messages of strangers), Invalid (too long, empty, an
    answer to nothing, a client id that belongs elsewhere, too much without an answer, media that are not one's own or
    were used), NotReady (media are still being processed).
    """
    said, client_id = checked(draft.text, alone=not draft.media), _checked_client_id(draft.client_id)
    stands = hold_to_act(conversation_id, by=by, client_id=client_id, writes=True)
    if stands.sent_before is not None:
        return _again(stands.sent_before, conversation_id)
    _require_taken(stands, by)
    if draft.reply_to_id is not None:
        _require_seen(stands, draft.reply_to_id, by)
    attachments = media.free(draft.media, by=by)
    new = New(said, client_id, draft.reply_to_id, attachments, draft.told_as)
    written = insert(stands, new, by, now, token_id=token_id)
    media.give(attachments, by=by, now=now)
    notices.told_soon()
    notices.push_soon(written.phones)
    inbox.announce(written.last, *written.things, conversation_id=conversation_id, by_id=by.id, new=True)
    return Sent(written.id, new=True, facts=None if attachments else facts(stands, written.id, new, by))


@transaction.atomic
def edit(message_id: int, *, by: Account, written: str, now: datetime) -> None:
    """Change what a message says, within fifteen minutes; what it said before stays readable in its history.

    Raises NotFound (it is not one's own, or deleted), TooLate, TooLong, Invalid, NotAllowed.
    """
    message, stands = _own(message_id, by)
    written = checked(written, alone=not message.attachments)
    if stands.why_not:
        raise NotAllowed(f"This action is not allowed: {stands.why_not}")
    age = now - ids.created_at(message.id)
    if age > EDIT_WITHIN:
        minutes, limit = int(age.total_seconds() // 60), int(EDIT_WITHIN.total_seconds() // 60)
        raise TooLate(f"A message may be edited for {limit} minutes; this one is {minutes} minutes old")
    before = sealing.opened(
        bytes(message.body), message.key_id, conversation_id=message.conversation_id, about=message.id
    )
    if before == written:
        return
    Edit.objects.create(message=message, body=message.body, key_id=message.key_id, replaced_at=now)
    acting.as_owner(by.id)
    body, key_id = sealing.seal(written, conversation_id=message.conversation_id, about=message.id, now=now)
    Message.objects.filter(pk=message.id).update(body=body, key_id=key_id, edited_at=now)
    _tell(stands, message.id, by, now)


@transaction.atomic
def delete_for_all(message_id: int, *, by: Account, now: datetime) -> None:
    """Take a message of one's own from everybody: its text, media, versions and reactions go, its place stays.

    Deleting it again changes nothing. Raises NotFound.
    """
    message, stands = _own(message_id, by, deleted=True)
    if message.deleted_at is not None:
        return
    acting.as_owner(by.id)
    Edit.objects.filter(message=message).delete()
    Reaction.objects.filter(message=message).delete()
    Message.objects.filter(pk=message.id).update(body=b"", key_id="", attachments=[], deleted_at=now)
    media.end(message.id, message.attachments, now=now)
    _tell(stands, message.id, by, now)


@transaction.atomic
def delete_for_me(message_id: int, *, by: Account, now: datetime) -> None:
    """Put a message out of one's own sight; everybody else goes on seeing it. Raises NotFound."""
    conversation_id = _conversation_of(message_id)
    hold(conversation_id, by=by)
    acting.as_owner(by.id)
    Hidden.objects.bulk_create([Hidden(message_id=message_id, account=by)], ignore_conflicts=True)
    inbox.tell(
        [by.id], (happenings.MESSAGE, message_id), conversation_id=conversation_id, by_id=by.id, now=now
    )


@transaction.atomic
def react(message_id: int, *, by: Account, emoji: str, now: datetime) -> None:
    """Answer a message with an emoji, which takes the place of one's former. Raises NotFound, NotAllowed, Invalid."""
    if len(emoji) > EMOJI_MAX or _EMOJI.fullmatch(emoji) is None:
        raise Invalid(f"Validation failed: Emoji must be one emoji of Unicode, not {emoji[:EMOJI_MAX]!r}")
    stands = hold_to_act(_conversation_of(message_id), by=by)
    _require_seen(stands, message_id, by)
    acting.as_owner(by.id)
    Reaction.objects.update_or_create(
        message_id=message_id, account=by, defaults={"emoji": emoji, "created_at": now}
    )
    _tell(stands, message_id, by, now)


@transaction.atomic
def unreact(message_id: int, *, by: Account, now: datetime) -> None:
    """Take one's reaction back; there need not be one. Raises NotFound."""
    stands = hold(_conversation_of(message_id), by=by)
    acting.as_owner(by.id)
    gone, _ = Reaction.objects.filter(message_id=message_id, account=by).delete()
    if gone:
        _tell(stands, message_id, by, now)


def checked(written: str, *, alone: bool = True) -> str:
    """Return a text as it is stored; it may be blank unless it is `alone`. Raises TooLong or Invalid."""
    if len(written) > TEXT_MAX * _BYTES_PER_CHARACTER:
        raise TooLong(
            f"Validation failed: Text is too long ({len(written)} code points; the limit is {TEXT_MAX} characters)"
        )
    written = text.clean(written)
    if alone and text.is_blank(written):
        raise Invalid("Validation failed: Text can't be blank")
    length = text.length(written)
    if length > TEXT_MAX:
        raise TooLong(f"Validation failed: Text is too long ({length} characters; the limit is {TEXT_MAX})")
    return written


# --- how -------------------------------------------------------------------------------------------


def _checked_client_id(client_id: str) -> str:
    if not 1 <= len(client_id) <= CLIENT_ID_MAX:
        raise Invalid(
            f"Validation failed: client_id has {len(client_id)} characters; it must have 1 to {CLIENT_ID_MAX}, "
            "drawn by the device once a message"
        )
    return client_id


def _again(message_id: int, conversation_id: int) -> Sent:
    if _conversation_of(message_id) != conversation_id:
        raise Invalid("Validation failed: client_id belongs to a message of another conversation")
    return Sent(message_id, new=False)


def _require_taken(stands: Standing, by: Account) -> None:
    """Raise NotAllowed or Invalid if the other of a pair does not take this message."""
    if stands.is_group:
        return
    takes = stands.takes or "closed"
    if takes in ("closed", "suspended"):
        raise NotAllowed(f"This person cannot be written to: {REFUSES[takes]}")
    if stands.other_state == Member.State.DECLINED:
        raise NotAllowed("This person turned your request down; they can write to you")
    if stands.other_state != REQUEST:
        return
    if takes in REFUSES:
        raise NotAllowed(f"This person cannot be written to: {REFUSES[takes]}")
    sent = Message.objects.filter(conversation_id=stands.conversation_id, sender=by).count()
    if sent >= UNANSWERED_MAX:
        raise Invalid(
            f"This person has not accepted your request; {sent} messages wait, and no more than {UNANSWERED_MAX} may"
        )


_ANSWERABLE = f"""
SELECT 1 FROM messaging_message x
JOIN messaging_member m ON m.conversation_id = x.conversation_id AND m.account_id = %(by)s
WHERE x.id = %(id)s AND x.conversation_id = %(conversation)s AND x.deleted_at IS NULL AND {SEEN}
"""


def _require_seen(stands: Standing, message_id: int, by: Account) -> None:
    """Raise NotFound for a message that one does not see in this conversation, or that is deleted."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERABLE, {"id": message_id, "conversation": stands.conversation_id, "by": by.id})
        if cursor.fetchone() is None:
            raise NotFound("The message you are answering does not appear to exist.")


def _conversation_of(message_id: int) -> int:
    found = Message.objects.filter(pk=message_id).values_list("conversation_id", flat=True).first()
    if found is None:
        raise NotFound
    return found


def _own(message_id: int, by: Account, *, deleted: bool = False) -> tuple[Message, Standing]:
    """Return a message of one's own, its conversation being held."""
    stands = hold(_conversation_of(message_id), by=by)
    message = Message.objects.filter(pk=message_id, sender=by).first()
    if message is None or (message.deleted_at is not None and not deleted):
        raise NotFound
    return message, stands


def _tell(stands: Standing, message_id: int, by: Account, now: datetime) -> None:
    inbox.tell(
        stands.present,
        (happenings.MESSAGE, message_id),
        conversation_id=stands.conversation_id,
        by_id=by.id,
        now=now,
    )
