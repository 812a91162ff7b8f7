"""Lists: some of the people one follows, read apart. Only their owner knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from feed.models import ListMember, ReadingList
from feed.operations.titles import checked_title
from upscrolled import acting
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.graph import Step, alone, count
from upscrolled.models import Account

LISTS_MAX, MEMBERS_MAX, TITLE_MAX = 50, 500, 200


@transaction.atomic
def create_list(
    *,
    by: Account,
    title: str,
    replies: str = ReadingList.Replies.LIST,
    exclusive: bool = False,
    now: datetime,
) -> int:
    """Make an empty list and return its id. Raises Invalid for a bad title, or when there are LISTS_MAX."""
    named = checked_title(title, at_most=TITLE_MAX)
    alone(by.id, by.id)
    held = ReadingList.objects.filter(account=by).count()
    if held >= LISTS_MAX:
        raise Invalid(f"Validation failed: There are at most {LISTS_MAX} lists; you have {held}")
    acting.as_owner(by.id)
    made = ReadingList.objects.create(
        account=by, title=named, replies=replies, exclusive=exclusive, created_at=now
    )
    return made.pk


@transaction.atomic
def change_list(
    list_id: int,
    *,
    by: Account,
    title: str | None = None,
    replies: str | None = None,
    exclusive: bool | None = None,
) -> None:
    """Change what is given. Raises NotFound, Invalid for a bad title."""
    held = _locked(list_id, by)
    before = held.exclusive
    held.title = held.title if title is None else checked_title(title, at_most=TITLE_MAX)
    held.replies = held.replies if replies is None else replies
    held.exclusive = before if exclusive is None else exclusive
    held.save(update_fields=["title", "replies", "exclusive"])
    if held.exclusive != before:
        _home_changes(by)


@transaction.atomic
def delete_list(list_id: int, *, by: Account) -> None:
    """Delete a list; the people on it stay followed. Raises NotFound."""
    held = _locked(list_id, by)
    exclusive = held.exclusive
    held.delete()
    if exclusive:
        _home_changes(by)


@transaction.atomic
def add_members(list_id: int, account_ids: Sequence[int], *, by: Account) -> None:
    """Put people on a list, all of them or none.

    Oneself may stand on it. Raises NotFound for a list that is not one's own and for people whom one does not follow,
    Invalid for somebody who is on it already and for more than MEMBERS_MAX.
    """
    held = _locked(list_id, by)
    _drop_ended(held)
    follows = _follows(by.id, account_ids)
    if by.id in account_ids:
        follows[by.id] = ListMember.ONESELF
    if len(follows) != len(set(account_ids)):
        raise NotFound("Only people whom you follow can be put on a list")
    standing = set(ListMember.objects.filter(reading_list=held).values_list("account_id", flat=True))
    if not standing.isdisjoint(follows):
        raise Invalid("Validation failed: Account has already been taken")
    size = len(standing) + len(follows)
    if size > MEMBERS_MAX:
        raise Invalid(
            f"Validation failed: A list holds at most {MEMBERS_MAX} people; this one would hold {size}"
        )
    ListMember.objects.bulk_create(
        ListMember(reading_list=held, account_id=account_id, follow_id=follows[account_id])
        for account_id in dict.fromkeys(account_ids)
    )
    if held.exclusive and follows:
        _home_changes(by)


@transaction.atomic
def remove_members(list_id: int, account_ids: Sequence[int], *, by: Account) -> None:
    """Take people off a list; who is not on it changes nothing. Raises NotFound."""
    held = _locked(list_id, by)
    _drop_ended(held)
    gone, _ = ListMember.objects.filter(reading_list=held, account_id__in=account_ids).delete()
    if held.exclusive and gone:
        _home_changes(by)


def _locked(list_id: int, by: Account) -> ReadingList:
    """A list of one's own, which nobody else changes for the rest of the transaction."""
    held = ReadingList.objects.select_for_update().filter(pk=list_id, account=by).first()
    if held is None:
        raise NotFound
    acting.as_owner(by.id)
    return held


def _home_changes(by: Account) -> None:
    """Home leaves out who stands on an exclusive list: it has to be made anew."""
    count({by.id: Step(versions=1)})


_FOLLOWS = """
SELECT f.target_id, f.id FROM upscrolled_follow f
WHERE f.account_id = %(by)s AND f.target_id = ANY(%(targets)s::bigint[])
"""
_DROP_ENDED = """
DELETE FROM feed_listmember m WHERE m.reading_list_id = %(list)s AND m.account_id <> %(by)s
  AND NOT EXISTS (SELECT 1 FROM upscrolled_follow f WHERE f.id = m.follow_id)
"""


def _follows(account_id: int, targets: Sequence[int]) -> dict[int, int]:
    """The follows of these people, by who is followed."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOWS, {"by": account_id, "targets": list(targets)})
        return dict(cursor.fetchall())


def _drop_ended(held: ReadingList) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_DROP_ENDED, {"list": held.pk, "by": held.account_id})
