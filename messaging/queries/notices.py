"""Which messages notifications are about, as their reader may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from django.db import connection

from messaging.notices import MESSAGE
from messaging.visibility import FOUND, SEEN
from upscrolled.core import ids
from upscrolled.viewer import Viewer


class About(NamedTuple):
    """What a notification is about: a message, and its conversation."""

    message_id: int
    conversation_id: int


class Notice(NamedTuple):
    """A notification: its kind, what it names, who sent it."""

    kind: str
    subject_id: int
    sender_id: int


_MARK: Final = 1 << (ids.LOW_BITS - 1)  # of a message's id (`models/message.number`)


def is_private(kind: str, subject_id: int | None) -> bool:
    """Say whether a notification is about a message: ours, or a mention that names one."""
    return kind == MESSAGE or (kind == "mention" and bool(subject_id) and bool((subject_id or 0) & _MARK))


# Of a conversation, the newest that its reader has not read of this sender; a mention names its message.
_ABOUT = """
SELECT p.n, x.id, x.conversation_id
FROM unnest(%(whole)s::boolean[], %(subjects)s::bigint[], %(senders)s::bigint[]) WITH ORDINALITY
  AS p (whole, subject, sender, n)
CROSS JOIN LATERAL (
  (SELECT x.id, x.conversation_id
   FROM messaging_member m JOIN messaging_conversation c ON c.id = m.conversation_id
   JOIN messaging_message x ON x.conversation_id = c.id
   WHERE p.whole AND m.account_id = %(viewer)s AND m.conversation_id = p.subject AND {standing}
     AND x.sender_id = p.sender AND x.seq > m.read_seq
   ORDER BY x.seq DESC LIMIT 1)
  UNION ALL
  (SELECT x.id, x.conversation_id
   FROM messaging_message x JOIN messaging_conversation c ON c.id = x.conversation_id
   JOIN messaging_member m ON m.conversation_id = c.id AND m.account_id = %(viewer)s
   WHERE NOT p.whole AND x.id = p.subject AND {standing})) x
""".format(
    standing=f"""{FOUND} AND m.state = 'accepted' AND x.deleted_at IS NULL AND {SEEN}
     AND (m.muted_until IS NULL OR m.muted_until <= now())"""
)


def about(viewer: Viewer, notices: Sequence[Notice]) -> dict[Notice, About]:
    """Return what these notifications are about; without those whose message is gone, read or not seen any more."""
    if not notices:
        return {}
    row: dict[str, Any] = {
        "viewer": viewer.id,
        "whole": [each.kind == MESSAGE for each in notices],
        "subjects": [each.subject_id for each in notices],
        "senders": [each.sender_id for each in notices],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ABOUT, row)
        return {notices[place - 1]: About(*found) for place, *found in cursor.fetchall()}
