"""Which stored files are owed to nobody any more. The rows say it; a lost task loses nothing.

A file is written only after its row is there, and removed only while its row is locked. Whoever stores the same
content at that moment waits for the row, finds neither row nor file, and writes both anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from upscrolled.pictures import storage

# Between storing a file and the profile that names it lies less than a request; nothing is removed before.
GRACE = timedelta(minutes=10)
AT_ONCE = 200
_CLAIM = """
INSERT INTO upscrolled_picture (name, due_at) VALUES (%(name)s, %(due)s)
ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at
"""
_GIVE_UP = """
INSERT INTO upscrolled_picture AS p (name, due_at) VALUES (%(name)s, %(now)s)
ON CONFLICT (name) DO UPDATE SET due_at = greatest(p.due_at, excluded.due_at)
"""
_DUE = """
SELECT name FROM upscrolled_picture WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(limit)s
"""
_LOCK = "SELECT 1 FROM upscrolled_picture WHERE name = %(name)s AND due_at <= %(now)s FOR UPDATE SKIP LOCKED"
_SHOWN = """
SELECT EXISTS (SELECT 1 FROM upscrolled_account WHERE avatar = %(name)s AND avatar <> '')
    OR EXISTS (SELECT 1 FROM upscrolled_account WHERE header = %(name)s AND header <> '')
    OR EXISTS (SELECT 1 FROM feed_card WHERE image = %(name)s AND image <> '')
    OR EXISTS (SELECT 1 FROM upscrolled_keptpicture WHERE picture_id = %(name)s)
"""


def store(name: str, files: dict[str, bytes], *, now: datetime) -> None:
    """Write a picture's files under their names; for GRACE they stay even if nothing shows them."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"name": name, "due": now + GRACE})
    for each, content in files.items():
        storage.put(each, content)


def give_up(name: str, *, now: datetime) -> None:
    """Note that a profile or a card shows this picture no longer; `remove_due` removes it unless another does."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_UP, {"name": name, "now": now})


def remove_due(*, now: datetime) -> int:
    """Remove what is due, shown by nobody and no evidence, at most AT_ONCE; return how many files went."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, "limit": AT_ONCE})
        due = [row[0] for row in cursor.fetchall()]
    return sum(_remove(name, now) for name in due)


@transaction.atomic
def _remove(name: str, now: datetime) -> bool:
    row: dict[str, Any] = {"name": name, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, row)
        if cursor.fetchone() is None:
            return False
        cursor.execute(_SHOWN, row)
        if cursor.fetchone()[0]:
            cursor.execute("UPDATE upscrolled_picture SET due_at = NULL WHERE name = %(name)s", row)
            return False
        storage.remove(name)
        cursor.execute("DELETE FROM upscrolled_picture WHERE name = %(name)s", row)
        return True
