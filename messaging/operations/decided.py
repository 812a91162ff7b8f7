"""Tell phones of messages that a decision took from them or gave back: nobody wrote anything, so nothing else does.

What is to be told is found in the rows: a restriction that began or ended, and a member without an event of the
message since. So it is told once, and whatever the clock missed is told the next time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from messaging import happenings, inbox
from messaging.models import Event, Member
from messaging.visibility import PRESENT
from upscrolled.models import Restriction

SINCE: Final = timedelta(days=1)  # for which the clock may stand still
AT_ONCE: Final = 100
_KINDS: Final = f"'{Restriction.Kind.REMOVED}', '{Restriction.Kind.HOLD}'"
_OF_MESSAGES: Final = f"r.subject_kind = '{Restriction.Subject.MESSAGE}' AND r.kind IN ({_KINDS})"
_UNTOLD: Final = f"""
WITH moved AS (
  SELECT r.subject_id AS id, r.starts_at AS at FROM upscrolled_restriction r
  WHERE {_OF_MESSAGES} AND r.starts_at > %(since)s AND r.starts_at <= %(now)s
  UNION ALL
  SELECT r.subject_id, r.ends_at FROM upscrolled_restriction r
  WHERE {_OF_MESSAGES} AND r.ends_at > %(since)s AND r.ends_at <= %(now)s
), last AS (SELECT id, max(at) AS at FROM moved GROUP BY id)
SELECT x.conversation_id, x.id, x.sender_id FROM last l JOIN messaging_message x ON x.id = l.id
WHERE x.deleted_at IS NULL AND EXISTS (
  SELECT 1 FROM messaging_member y WHERE y.conversation_id = x.conversation_id AND y.state IN {PRESENT}
    AND NOT EXISTS (SELECT 1 FROM messaging_event e WHERE e.account_id = y.account_id
                    AND e.kind = '{Event.Kind.MESSAGE}' AND e.thing = x.id AND e.created_at >= l.at))
ORDER BY x.conversation_id, x.id LIMIT {AT_ONCE}
"""
_LOCK: Final = "SELECT 1 FROM messaging_conversation WHERE id = %(id)s FOR NO KEY UPDATE"


def tell(*, now: datetime) -> int:
    """Tell the members of what decisions changed lately, and return of how many messages."""
    row: dict[str, Any] = {"since": now - SINCE, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_UNTOLD, row)
        found = cursor.fetchall()
    for conversation_id, message_id, sender_id in found:
        _tell(conversation_id, message_id, sender_id, now)
    return len(found)


@transaction.atomic
def _tell(conversation_id: int, message_id: int, sender_id: int, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"id": conversation_id})
    present = Member.objects.filter(
        conversation_id=conversation_id, state__in=(Member.State.REQUEST, Member.State.ACCEPTED)
    )
    inbox.tell(
        present.values_list("account_id", flat=True),
        (happenings.MESSAGE, message_id),
        conversation_id=conversation_id,
        by_id=sender_id,
        now=now,
    )
