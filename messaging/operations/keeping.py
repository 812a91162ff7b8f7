"""What somebody makes of a conversation for themselves: read, pin, mute, archive, clear; and how they take messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from messaging import happenings, inbox, notices
from messaging.models import Hidden, Inbox, Member, Writers
from messaging.operations.standing import ACCEPTED, hold, hold_to_act
from upscrolled import acting
from upscrolled.core.errors import Invalid
from upscrolled.models import Account

PINNED_MAX = 10
MUTE_MAX = timedelta(days=10 * 365)


@transaction.atomic
def read(conversation_id: int, *, up_to: int | None, by: Account, now: datetime, token_id: int = 0) -> None:
    """Note that one has read up to the message of this number, or all. It never goes back.

    What one was told of these messages is taken back, from one's other phones too. The others learn of it if both
    show receipts. Of a request nobody learns anything. Raises NotFound.
    """
    stands = hold(conversation_id, by=by)
    seq = min(stands.last_seq if up_to is None else up_to, stands.last_seq)
    if seq <= stands.read_seq:
        return
    Member.objects.filter(conversation_id=conversation_id, account=by).update(read_seq=seq, read_at=now)
    notices.read(by.id, conversation_id, above=stands.read_seq, up_to=seq, token_id=token_id, now=now)
    shown = stands.state == ACCEPTED and settings_of(by).receipts
    told = stands.present if shown else [by.id]
    inbox.tell(told, (happenings.MEMBER, by.id), conversation_id=conversation_id, by_id=by.id, now=now)


@transaction.atomic
def unread(conversation_id: int, *, by: Account, now: datetime) -> None:
    """Have the newest message count as unread again, on one's own devices. Raises NotFound."""
    stands = hold(conversation_id, by=by)
    seq = max(min(stands.read_seq, stands.last_seq - 1), 0)
    Member.objects.filter(conversation_id=conversation_id, account=by).update(read_seq=seq)
    inbox.tell([by.id], (happenings.MEMBER, by.id), conversation_id=conversation_id, by_id=by.id, now=now)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to change; None leaves it as it is. `mute` is how long: zero ends it."""

    pinned: bool | None = None
    archived: bool | None = None
    mute: timedelta | None = None


@transaction.atomic
def arrange(conversation_id: int, *, wish: Wish, by: Account, now: datetime) -> None:
    """Pin, archive, mute a conversation, for oneself; nobody else learns of it. Raises NotFound, Invalid."""
    hold(conversation_id, by=by)
    columns: dict[str, Any] = {}
    if wish.pinned is not None:
        if wish.pinned:
            _require_pins_left(conversation_id, by)
        columns["pinned_at"] = now if wish.pinned else None
    if wish.archived is not None:
        columns["archived_at"] = now if wish.archived else None
    if wish.mute is not None:
        if not timedelta(0) <= wish.mute <= MUTE_MAX:
            raise Invalid(
                f"Validation failed: mute_for must lie between 0 and {MUTE_MAX.days} days in seconds"
            )
        columns["muted_until"] = now + wish.mute if wish.mute else None
    if not columns:
        return
    acting.as_owner(by.id)
    Member.objects.filter(conversation_id=conversation_id, account=by).update(**columns)
    inbox.tell([by.id], (happenings.MEMBER, by.id), conversation_id=conversation_id, by_id=by.id, now=now)


@transaction.atomic
def clear(conversation_id: int, *, by: Account, now: datetime) -> None:
    """Delete a conversation for oneself: all up to now is out of one's sight; a new message brings it back.

    Raises NotFound.
    """
    stands = hold(conversation_id, by=by)
    acting.as_owner(by.id)
    mine = Member.objects.filter(conversation_id=conversation_id, account=by)
    mine.update(
        from_seq=stands.last_seq, read_seq=stands.last_seq, activity_id=None, pinned_at=None, archived_at=None
    )
    Hidden.objects.filter(account=by, message__conversation_id=conversation_id).delete()
    notices.read(by.id, conversation_id, above=stands.read_seq, up_to=stands.last_seq, now=now)
    inbox.tell(
        [by.id],
        (happenings.CONVERSATION, conversation_id),
        conversation_id=conversation_id,
        by_id=by.id,
        now=now,
    )


def typing(conversation_id: int, *, by: Account, now: datetime) -> None:
    """Let the others see that one is typing, unless one has switched that off. Nothing of it is stored.

    Raises NotFound, NotAllowed.
    """
    with transaction.atomic():
        stands = hold_to_act(conversation_id, by=by)
    if stands.state != ACCEPTED or not settings_of(by).typing:
        return
    others = [account for account in stands.present if account != by.id]
    showing = Inbox.objects.filter(account__in=others, typing=False).values_list("account_id", flat=True)
    told = dict.fromkeys((account for account in others if account not in set(showing)), 0)
    happenings.announce(happenings.Happened(happenings.TYPING, conversation_id, by.id, by.id, told))


def settings_of(account: Account) -> Inbox:
    """Return how somebody takes messages."""
    found = Inbox.objects.filter(account=account).first()
    return found or Inbox(account=account, last_seq=0, writers=Writers.EVERYONE, receipts=True, typing=True)


_SET = """
INSERT INTO messaging_inbox AS i (account_id, writers, receipts, typing)
VALUES (%(by)s, coalesce(%(writers)s, 'everyone'), coalesce(%(receipts)s, true), coalesce(%(typing)s, true))
ON CONFLICT (account_id) DO UPDATE SET writers = coalesce(%(writers)s, i.writers),
  receipts = coalesce(%(receipts)s, i.receipts), typing = coalesce(%(typing)s, i.typing)
"""


@transaction.atomic
def set_inbox(
    *, by: Account, writers: str | None = None, receipts: bool | None = None, typing: bool | None = None
) -> Inbox:
    """Choose who may begin a conversation, and whether receipts and typing are shown; None leaves it as it is."""
    if writers is not None and writers not in Writers.values:
        raise Invalid(
            f"Validation failed: writers must be one of {', '.join(Writers.values)}; not {writers[:40]!r}"
        )
    acting.as_owner(by.id)
    with connection.cursor() as cursor:
        cursor.execute(_SET, {"by": by.id, "writers": writers, "receipts": receipts, "typing": typing})
    return settings_of(by)


def _require_pins_left(conversation_id: int, by: Account) -> None:
    pinned = Member.objects.filter(account=by, pinned_at__isnull=False).exclude(
        conversation_id=conversation_id
    )
    if (count := pinned.count()) >= PINNED_MAX:
        raise Invalid(f"Validation failed: {count} conversations are pinned; at most {PINNED_MAX} may be")
