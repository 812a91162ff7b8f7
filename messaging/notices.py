"""What people are told of messages: a notification each, until the conversation is read.

Nobody is told of requests, nor of conversations that they muted. A message that was sent as a direct post is a mention,
each one its own; of all others there is one notification for each sender and conversation, which the next message
renews: it comes to the top with a new id, and is pushed again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import connection

from messaging.visibility import blocked
from upscrolled import outbox, tasks
from upscrolled.models import Notification
from upscrolled.push import ledger

MESSAGE, MENTION = Notification.Kind.MESSAGE, Notification.Kind.MENTION
# The end of a statement that has `made` a message: a notification for everybody who is to be told, and what is owed
# for each. In the order of the ids, so that two tellings never lock crosswise.
TOLD: Final = f"""told AS (
  INSERT INTO upscrolled_notification AS n (recipient_id, actor_id, kind, subject_id, created_at)
  SELECT y.account_id, %(by)s::bigint, %(told_as)s::text,
         CASE %(told_as)s::text WHEN '{MENTION}' THEN %(id)s::bigint ELSE %(conversation)s::bigint END,
         %(now)s::timestamptz
  FROM messaging_member y JOIN upscrolled_account a ON a.id = y.account_id
  WHERE y.conversation_id = %(conversation)s AND y.state = 'accepted' AND y.account_id <> %(by)s::bigint
    AND (y.muted_until IS NULL OR y.muted_until <= %(now)s::timestamptz) AND a.is_active
    AND NOT {blocked("y.account_id", "%(by)s")}
    AND NOT EXISTS (SELECT 1 FROM upscrolled_mute u
                    WHERE u.account_id = y.account_id AND u.target_id = %(by)s::bigint AND u.notifications
                      AND (u.expires_at IS NULL OR u.expires_at > %(now)s::timestamptz))
    AND EXISTS (SELECT 1 FROM made)
  ORDER BY y.account_id
  ON CONFLICT (recipient_id, actor_id, kind, subject_id)
    DO UPDATE SET id = excluded.id, created_at = excluded.created_at
  RETURNING n.id, n.recipient_id
), owed AS ({outbox.OWE_TOLD})"""
# Takes back what %(account)s was told of a conversation and has read, in a statement whose part `withdrawn` then says
# which phones are to be told. Of one sender there is nothing left to read, or the message itself was read.
READ: Final = f"""gone AS (
  DELETE FROM upscrolled_notification n
  WHERE n.recipient_id = %(account)s::bigint AND (n.kind, n.subject_id) IN (
      SELECT '{MESSAGE}', %(conversation)s::bigint UNION ALL
      SELECT '{MENTION}', x.id FROM messaging_message x
      WHERE x.conversation_id = %(conversation)s::bigint AND x.seq > %(above)s AND x.seq <= %(up_to)s)
    AND NOT (n.kind = '{MESSAGE}' AND EXISTS (
      SELECT 1 FROM messaging_message x WHERE x.conversation_id = %(conversation)s::bigint AND x.seq > %(up_to)s
        AND x.sender_id = n.actor_id AND x.deleted_at IS NULL))
  RETURNING n.id
), {ledger.WITHDRAW}"""
_READ = f"WITH {READ} SELECT count(*) FROM withdrawn"


def told_soon() -> None:
    """Have what `TOLD` owes told after the commit."""
    tasks.tell_soon()


def read(
    account_id: int, conversation_id: int, *, above: int, up_to: int, token_id: int = 0, now: datetime
) -> None:
    """Take back what somebody was told of messages that they have now read, also from phones, but for the reading one.

    Call it within the transaction that notes how far they have read: before it was up to `above`.
    """
    row: dict[str, Any] = {"account": account_id, "conversation": conversation_id, "token": token_id}
    with connection.cursor() as cursor:
        cursor.execute(_READ, {**row, "above": above, "up_to": up_to, "now": now})
        (phones,) = cursor.fetchone()
    push_soon(phones)


def push_soon(phones: int) -> None:
    """Have so many phones told after the commit, if any, that a conversation was read."""
    if phones:
        tasks.push_soon()
