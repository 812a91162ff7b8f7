"""Tell one person one thing, once; and take it back when it is no longer so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from upscrolled import acting, outbox, tasks

# One statement finds the refusals and writes the row: nobody can block between a look and a write here.
# `when` lets a verb that has to be quick tell in its own statement; the parameters are those of `notify_many`, and
# `outbox.OWE_TOLD` has to follow it.
# Rows are written in the order of the recipients, so that two tellings of one crowd do not lock crosswise.
TELL = """
INSERT INTO upscrolled_notification (recipient_id, actor_id, kind, subject_id, created_at)
SELECT a.id, %(actor)s::bigint, %(kind)s::text, %(subject)s::bigint, %(now)s::timestamptz
FROM upscrolled_account a
WHERE a.id = ANY(%(recipients)s::bigint[]) AND (a.id <> %(actor)s OR %(kind)s::text = 'poll') AND a.is_active
  AND NOT EXISTS (SELECT 1 FROM upscrolled_block b WHERE b.account_id = a.id AND b.target_id = %(actor)s)
  AND NOT EXISTS (SELECT 1 FROM upscrolled_block b WHERE b.account_id = %(actor)s AND b.target_id = a.id)
  AND NOT EXISTS (SELECT 1 FROM upscrolled_mute m
                  WHERE m.account_id = a.id AND m.target_id = %(actor)s AND m.notifications
                    AND (m.expires_at IS NULL OR m.expires_at > %(now)s::timestamptz))
  AND NOT EXISTS (SELECT 1 FROM feed_post p JOIN feed_threadmute t ON t.thread_id = coalesce(p.thread_id, p.id)
                  WHERE p.id = %(subject)s::bigint AND t.account_id = a.id)
  AND {when}
ORDER BY a.id
ON CONFLICT (recipient_id, actor_id, kind, subject_id) DO NOTHING
RETURNING id, recipient_id
"""
_TELL = f"""WITH told AS ({TELL.format(when="true")}), owed AS ({outbox.OWE_TOLD})
SELECT recipient_id FROM told ORDER BY recipient_id"""
_TELL_ONESELF = """
INSERT INTO upscrolled_notification (recipient_id, actor_id, kind, subject_id, created_at)
VALUES (%(account)s, %(account)s, %(kind)s, %(subject)s, %(now)s)
ON CONFLICT (recipient_id, actor_id, kind, subject_id) DO UPDATE SET created_at = upscrolled_notification.created_at
RETURNING id
"""
WITHDRAW = """
DELETE FROM upscrolled_notification
WHERE subject_id = %(subject)s AND actor_id = %(actor)s AND kind = %(kind)s::text AND {when}
"""
_WITHDRAW = WITHDRAW.format(when="true")
_WITHDRAW_FROM = """
DELETE FROM upscrolled_notification
WHERE recipient_id = %(recipient)s AND actor_id = ANY(%(actors)s::bigint[]) AND kind = ANY(%(kinds)s::text[])
  AND subject_id IS NULL
"""
_DISMISS_MANY = f"""
DELETE FROM upscrolled_notification USING {acting.HAND}
WHERE recipient_id = %(recipient)s AND kind = %(kind)s::text AND subject_id IS NOT DISTINCT FROM %(subject)s::bigint
  AND created_at >= %(begins)s AND created_at < %(ends)s
"""
_DROP = """
DELETE FROM upscrolled_notification
WHERE (recipient_id = %(one)s AND actor_id = %(other)s) OR (recipient_id = %(other)s AND actor_id = %(one)s)
"""


def notify(
    recipient_id: int, kind: str, *, actor_id: int, subject_id: int | None = None, now: datetime
) -> bool:
    """Tell somebody what `actor_id` did; return whether they are told now.

    They are not if it was themselves (the end of a poll of their own apart), if either blocks the other, if
    they muted the actor's notifications or the thread, if their account is closed, or if they were told before.
    """
    return bool(notify_many([recipient_id], kind, actor_id=actor_id, subject_id=subject_id, now=now))


def notify_many(
    recipient_ids: Iterable[int], kind: str, *, actor_id: int, subject_id: int | None = None, now: datetime
) -> list[int]:
    """Tell several people the same thing in one statement; return who is told now, as `notify` has it."""
    recipients = list(recipient_ids)
    if not recipients:
        return []
    row: dict[str, Any] = {"recipients": recipients, "kind": str(kind), "actor": actor_id}
    with connection.cursor() as cursor:
        cursor.execute(_TELL, {**row, "subject": subject_id, "now": now})
        told = [recipient for (recipient,) in cursor.fetchall()]
    if told:
        tasks.tell_soon()
    return told


def tell_oneself(account_id: int, kind: str, *, subject_id: int, now: datetime) -> int:
    """Tell somebody what nobody else did, once; return the number of the notification. In the caller's transaction.

    Who is told is the actor too: it is no doing of others that they could mute or block.
    """
    row: dict[str, Any] = {"account": account_id, "kind": str(kind), "subject": subject_id, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_TELL_ONESELF, row)
        (number,) = cursor.fetchone()
    outbox.owe("notification", number, recipient_id=account_id)
    return int(number)


def withdraw(kind: str, *, actor_id: int, subject_id: int) -> None:
    """Take back, from everybody, what was told of a post: a like that is no longer there is no news."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHDRAW, {"kind": str(kind), "actor": actor_id, "subject": subject_id})


def withdraw_from(recipient_id: int, *kinds: str, actor_ids: Iterable[int]) -> None:
    """Take back from one person what was told of no post: a follow, or the wish to."""
    row: dict[str, Any] = {
        "recipient": recipient_id,
        "actors": list(actor_ids),
        "kinds": list(map(str, kinds)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WITHDRAW_FROM, row)


def drop_between(one: int, other: int) -> None:
    """Drop everything that either was ever told of the other."""
    with connection.cursor() as cursor:
        cursor.execute(_DROP, {"one": one, "other": other})


def dismiss(recipient_id: int, notification_id: int) -> bool:
    """Forget one notification of this person; return whether there was one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""DELETE FROM upscrolled_notification USING {acting.HAND}
                WHERE id = %(id)s AND recipient_id = %(recipient)s""",
            {"id": notification_id, "recipient": recipient_id, "actor": recipient_id},
        )
        return bool(cursor.rowcount)


def dismiss_many(
    recipient_id: int, kind: str, *, subject_id: int | None, begins: datetime, ends: datetime
) -> None:
    """Forget what this person was told of one thing in a span of time."""
    row: dict[str, Any] = {"recipient": recipient_id, "kind": kind, "subject": subject_id}
    row["actor"] = recipient_id
    with connection.cursor() as cursor:
        cursor.execute(_DISMISS_MANY, {**row, "begins": begins, "ends": ends})


def clear(recipient_id: int) -> None:
    """Forget all that this person was told."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM upscrolled_notification USING {acting.HAND} WHERE recipient_id = %(recipient)s",
            {"recipient": recipient_id, "actor": recipient_id},
        )
