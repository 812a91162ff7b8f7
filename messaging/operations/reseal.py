"""Seal anew what lies under keys that were replaced."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from messaging import sealing

# Where sealed texts lie: table, column of the text, of the conversation, and of what it belongs to.
_PLACES = (
    ("messaging_conversation", "title", "t.id", "t.id", ""),
    ("messaging_message", "body", "t.conversation_id", "t.id", ""),
    ("messaging_reported", "body", "t.conversation_id", "t.message_id", ""),
    (
        "messaging_edit",
        "body",
        "o.conversation_id",
        "t.message_id",
        "JOIN messaging_message o ON o.id = t.message_id",
    ),
)
_SOME = """
SELECT t.id, t.{column}, t.key_id, {conversation}, {about} FROM {table} t {join}
WHERE t.key_id = ANY(%(retired)s::text[]) AND t.id > %(after)s ORDER BY t.id LIMIT %(batch)s FOR UPDATE OF t
"""
_PUT = "UPDATE {table} SET {column} = %(body)s, key_id = %(key)s WHERE id = %(id)s"
BATCH = 500


def reseal(*, now: datetime) -> tuple[int, int]:
    """Seal every text that lies under a retired key with the one in use; return how many, and how many cannot be.

    May be stopped at any moment and begun again: a batch is done or not, and what is done is not found again.
    """
    retired = sealing.retired()
    done = lost = 0
    for table, column, conversation, about, join in _PLACES if retired else ():
        place = {"table": table, "column": column, "conversation": conversation, "about": about, "join": join}
        after = 0
        while True:
            last, sealed, unreadable = _batch(place, retired, after, now)
            done, lost = done + sealed, lost + unreadable
            if last is None:
                break
            after = last
    return done, lost


@transaction.atomic
def _batch(
    place: dict[str, str], retired: list[str], after: int, now: datetime
) -> tuple[int | None, int, int]:
    found: list[tuple[Any, ...]]
    with connection.cursor() as cursor:
        cursor.execute(_SOME.format(**place), {"retired": retired, "after": after, "batch": BATCH})
        found = cursor.fetchall()
        lost = 0
        for row_id, body, key_id, conversation_id, about in found:
            written = sealing.opened(bytes(body), key_id, conversation_id=conversation_id, about=about)
            if written is None:
                lost += 1
                continue
            sealed = sealing.seal(written, conversation_id=conversation_id, about=about, now=now)
            cursor.execute(_PUT.format(**place), {"id": row_id, "body": sealed.body, "key": sealed.key_id})
    return (found[-1][0] if found else None), len(found) - lost, lost
