"""Begin a conversation, and who is in it: add, remove, accept, decline, leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from messaging import happenings, inbox, sealing
from messaging.models import MEMBERS_MAX, Conversation, Member
from messaging.operations.standing import ACCEPTED, GROUP, PAIR, REQUEST, Standing, hold, hold_to_act
from messaging.visibility import REFUSES, TAKES, blocked
from upscrolled import acting
from upscrolled.core import ids, text
from upscrolled.core.errors import Invalid, NotAllowed, NotFound
from upscrolled.models import Account
from upscrolled.visibility import require_interact

TITLE_MAX, GROUP_MAX = 100, MEMBERS_MAX
State = Member.State


@transaction.atomic
def begin_pair(other_id: int, *, by: Account, now: datetime) -> int:
    """Return the conversation of two people, which is made if there is none yet.

    The other learns of it with the first message: a request, unless they follow `by`. Raises NotFound, NotAllowed
    (one's account is restricted; they take no messages of strangers), Invalid for oneself.
    """
    if other_id == by.id:
        raise Invalid("Validation failed: Nobody writes to themselves")
    require_interact(by, other_id)
    (other,) = _whom([other_id], by)
    low, high = sorted((by.id, other_id))
    found = Conversation.objects.filter(low=low, high=high).values_list("id", flat=True).first()
    if found is not None:
        return found
    _require_takes(other)
    made = _make(PAIR, now, low=low, high=high)
    if made is None:  # somebody, the other perhaps, began it at the same moment
        return Conversation.objects.values_list("id", flat=True).get(low=low, high=high)
    state = ACCEPTED if other.takes == "follows" else REQUEST
    Member.objects.bulk_create(
        [
            Member(conversation_id=made, account=by, state=ACCEPTED, joined_at=now),
            Member(conversation_id=made, account_id=other_id, state=state, invited_by=by, joined_at=now),
        ]
    )
    return made


@transaction.atomic
def begin_group(account_ids: Sequence[int], *, title: str, by: Account, now: datetime) -> int:
    """Make a group and ask these people into it; `by` owns it. Raises NotFound, NotAllowed, Invalid."""
    require_interact(by)
    invited = _whom([each for each in dict.fromkeys(account_ids) if each != by.id], by)
    _require_room(1 + len(invited))
    if not invited:
        raise Invalid("Validation failed: A group needs somebody beside yourself")
    for other in invited:
        _require_takes(other)
    conversation_id = _make(GROUP, now, owner_id=by.id)
    assert conversation_id is not None
    _retitle(conversation_id, title, now)
    row = {"conversation_id": conversation_id, "joined_at": now, "activity_id": conversation_id}
    Member.objects.bulk_create(
        [
            Member(**row, account=by, state=ACCEPTED),
            *(Member(**row, account_id=other.id, state=REQUEST, invited_by=by) for other in invited),
        ]
    )
    told = [by.id, *(other.id for other in invited)]
    inbox.tell(
        told,
        (happenings.CONVERSATION, conversation_id),
        conversation_id=conversation_id,
        by_id=by.id,
        now=now,
    )
    return conversation_id


@transaction.atomic
def rename(conversation_id: int, *, title: str, by: Account, now: datetime) -> None:
    """Give a group another title; its owner may. Raises NotFound, NotAllowed, Invalid."""
    stands = _group(conversation_id, by)
    _require_owner(stands, by)
    _retitle(conversation_id, title, now)
    _tell(stands.present, stands, by, now, (happenings.CONVERSATION, conversation_id))


@transaction.atomic
def add(conversation_id: int, account_ids: Sequence[int], *, by: Account, now: datetime) -> None:
    """Ask people into a group: each decides for themselves, and sees what is written from now on.

    Who is in it, or was asked already, stays as they are. Raises NotFound, NotAllowed (also for who turned the
    invitation down), Invalid when there would be too many.
    """
    stands = _group(conversation_id, by)
    standing = dict(
        Member.objects.filter(conversation_id=conversation_id, account_id__in=account_ids).values_list(
            "account_id", "state"
        )
    )
    wanted = [each for each in dict.fromkeys(account_ids) if standing.get(each) not in (ACCEPTED, REQUEST)]
    if any(standing.get(each) == State.DECLINED for each in wanted):
        raise NotAllowed("Somebody of them turned the invitation to this group down")
    invited = _whom(wanted, by)
    for other in invited:
        _require_takes(other)
    _require_room(len(stands.present) + len(invited))
    for other in invited:
        Member.objects.update_or_create(
            conversation_id=conversation_id,
            account_id=other.id,
            defaults={
                "state": REQUEST,
                "invited_by": by,
                "joined_at": now,
                "from_seq": stands.last_seq,
                "read_seq": stands.last_seq,
                "until_seq": None,
                "activity_id": ids.at(now),
            },
        )
    _tell({*stands.present, *wanted}, stands, by, now, *((happenings.MEMBER, other.id) for other in invited))


@transaction.atomic
def remove(conversation_id: int, account_id: int, *, by: Account, now: datetime) -> None:
    """Take somebody out of a group; its owner may. Raises NotFound, NotAllowed."""
    stands = _group(conversation_id, by)
    _require_owner(stands, by)
    if account_id == by.id:
        raise Invalid("Validation failed: To take yourself out of a group, leave it")
    if account_id not in stands.present:
        raise NotFound
    _end(stands, account_id, State.REMOVED, by)
    _tell(stands.present, stands, by, now, (happenings.MEMBER, account_id))


@transaction.atomic
def accept(conversation_id: int, *, by: Account, now: datetime) -> None:
    """Accept a request, or the invitation to a group. Accepting again changes nothing. Raises NotFound."""
    stands = hold(conversation_id, by=by)
    if stands.state == ACCEPTED:
        return
    activity = {"activity_id": ids.at(now)} if stands.last_seq or stands.is_group else {}
    Member.objects.filter(conversation_id=conversation_id, account=by).update(
        state=ACCEPTED, joined_at=now, **activity
    )
    _tell({*stands.present, by.id}, stands, by, now, (happenings.MEMBER, by.id))


@transaction.atomic
def decline(conversation_id: int, *, by: Account, now: datetime) -> None:
    """Turn a request down: it can be made no more, unless `by` writes themselves. Raises NotFound, Invalid."""
    stands = hold(conversation_id, by=by)
    if stands.state != REQUEST:
        raise Invalid(
            "Validation failed: You accepted this conversation; leave it, or delete it for yourself"
        )
    _end(stands, by.id, State.DECLINED, by)
    _tell(stands.present, stands, by, now, (happenings.MEMBER, by.id))


@transaction.atomic
def leave(conversation_id: int, *, by: Account, now: datetime) -> None:
    """Leave a group. When its owner leaves, it belongs to whoever has been in it for longest.

    Raises NotFound, Invalid for a conversation between two.
    """
    stands = hold(conversation_id, by=by)
    if not stands.is_group:
        raise Invalid(
            "Validation failed: Only groups can be left; delete the conversation, or block the other"
        )
    _end(stands, by.id, State.LEFT, by)
    things = [(happenings.MEMBER, by.id)]
    if stands.owner_id == by.id:
        heirs = Member.objects.filter(conversation_id=conversation_id, state=ACCEPTED)
        heir = heirs.order_by("joined_at", "id").values_list("account_id", flat=True).first()
        Conversation.objects.filter(pk=conversation_id).update(owner_id=heir)
        things.append((happenings.CONVERSATION, conversation_id))
    _tell(stands.present, stands, by, now, *things)


# --- how -------------------------------------------------------------------------------------------


class _Whom(NamedTuple):
    id: int
    takes: str


_WHOM = f"""
SELECT o.id, {TAKES} FROM upscrolled_account o LEFT JOIN messaging_inbox i ON i.account_id = o.id
WHERE o.id = ANY(%(ids)s::bigint[]) AND o.is_active AND NOT {blocked("o.id", "%(by)s")}
"""


def _whom(account_ids: Sequence[int], by: Account) -> list[_Whom]:
    """Return how these people take messages of `by`. Raises NotFound unless all are found."""
    with connection.cursor() as cursor:
        cursor.execute(_WHOM, {"ids": list(account_ids), "by": by.id})
        found = {row[0]: _Whom(*row) for row in cursor.fetchall()}
    if len(found) < len(account_ids):
        raise NotFound
    return [found[account_id] for account_id in account_ids]


def _require_takes(other: _Whom) -> None:
    if other.takes in REFUSES:
        raise NotAllowed(f"This person cannot be written to: {REFUSES[other.takes]}")


def _require_room(members: int) -> None:
    if members > GROUP_MAX:
        raise Invalid(f"Validation failed: The group would have {members} members; at most {GROUP_MAX}")


_MAKE = """
INSERT INTO messaging_conversation (id, kind, low, high, owner_id)
VALUES (%(id)s, %(kind)s, %(low)s, %(high)s, %(owner_id)s)
ON CONFLICT DO NOTHING RETURNING id
"""


def _make(kind: str, now: datetime, **columns: int) -> int | None:
    """Return the id of a new conversation; None if the pair has one."""
    row: dict[str, Any] = {"low": None, "high": None, "owner_id": None, **columns}
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_MAKE, {**row, "kind": str(kind), "id": ids.at(now)})
            if (made := cursor.fetchone()) is not None:
                return int(made[0])
            if kind == PAIR and Conversation.objects.filter(low=row["low"], high=row["high"]).exists():
                return None


def _retitle(conversation_id: int, title: str, now: datetime) -> None:
    title = text.clean(title[: TITLE_MAX * 32]).replace("\n", " ")
    if (length := text.length(title)) > TITLE_MAX:
        raise Invalid(f"Validation failed: Title is too long ({length} characters; the limit is {TITLE_MAX})")
    body, key_id = sealing.Sealed(b"", "")
    if title:
        body, key_id = sealing.seal(title, conversation_id=conversation_id, about=conversation_id, now=now)
    Conversation.objects.filter(pk=conversation_id).update(title=body, key_id=key_id)


def _group(conversation_id: int, by: Account) -> Standing:
    stands = hold_to_act(conversation_id, by=by)
    if not stands.is_group:
        raise Invalid("Validation failed: This conversation is between two people; begin a group for more")
    return stands


def _require_owner(stands: Standing, by: Account) -> None:
    if stands.owner_id != by.id:
        raise NotAllowed("This action is not allowed: only the owner of the group may")


def _end(stands: Standing, account_id: int, state: str, by: Account) -> None:
    acting.as_owner(by.id)
    Member.objects.filter(conversation_id=stands.conversation_id, account_id=account_id).update(
        state=state,
        until_seq=stands.last_seq,
        activity_id=None,
        pinned_at=None,
        archived_at=None,
        muted_until=None,
    )


def _tell(
    told: Sequence[int] | set[int], stands: Standing, by: Account, now: datetime, *things: tuple[str, int]
) -> None:
    inbox.tell(told, *things, conversation_id=stands.conversation_id, by_id=by.id, now=now)
