"""What the ground owes by rows: events to listeners and phones, uploads that wait to be looked at or made anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from upscrolled.backlog import Waiting

# Ends a statement that makes notifications `told (id, recipient_id)`: to tell them is owed from that moment.
OWE_TOLD: Final = """INSERT INTO upscrolled_owedevent (name, subject_id, recipient_id)
SELECT 'notification', told.id, told.recipient_id FROM told"""
_OWE = """
INSERT INTO upscrolled_owedevent (name, subject_id, recipient_id) VALUES (%(name)s, %(subject)s, %(recipient)s)
"""
# Taken is struck off: whoever takes and then fails rolls back, and the rows stand again.
_TAKE = """
DELETE FROM upscrolled_owedevent WHERE id IN (
  SELECT e.id FROM upscrolled_owedevent e ORDER BY e.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id, name, subject_id, recipient_id
"""
_COUNTED = 10_000
_OLDEST = """
SELECT (SELECT extract(epoch FROM %(now)s - e.created_at) FROM upscrolled_owedevent e ORDER BY e.id LIMIT 1),
       (SELECT count(*) FROM (SELECT 1 FROM upscrolled_owedevent LIMIT %(most)s) AS first_ones),
       (SELECT extract(epoch FROM %(now)s - min(d.due_at)) FROM upscrolled_pushdelivery d WHERE d.due_at <= %(now)s),
       (SELECT count(*) FROM (SELECT 1 FROM upscrolled_pushdelivery d WHERE d.due_at <= %(now)s
                              LIMIT %(most)s) AS first_ones)
"""
_DUE = """
SELECT (x.looked IS NOT NULL), count(*), min(x.due_at) FROM (
  SELECT looked, due_at FROM upscrolled_mediaattachment
  WHERE due_at <= %(now)s AND deleted_at IS NULL ORDER BY due_at LIMIT %(most)s) x GROUP BY 1
"""
_CARRIED = """
SELECT 'exports', count(*), min(due_at) FROM (SELECT due_at FROM upscrolled_export
  WHERE due_at <= %(now)s AND state IN ('queued', 'making') ORDER BY due_at LIMIT %(most)s) x
UNION ALL
SELECT 'imports', count(*), min(due_at) FROM (SELECT due_at FROM upscrolled_import
  WHERE due_at <= %(now)s AND state = 'waiting' ORDER BY due_at LIMIT %(most)s) x
"""


@dataclass(frozen=True, slots=True, order=True)
class Owed:
    """An event that is owed; in the order in which they happened."""

    id: int
    name: str
    subject_id: int
    recipient_id: int | None


def owe(name: str, subject_id: int, *, recipient_id: int | None = None) -> None:
    """Note an event within the caller's transaction; `tasks.tell_soon` has it told after the commit."""
    with connection.cursor() as cursor:
        cursor.execute(_OWE, {"name": name, "subject": subject_id, "recipient": recipient_id})


def anything() -> bool:
    """Say whether an event is owed; cheap, for whoever looks often."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM upscrolled_owedevent LIMIT 1")
        return cursor.fetchone() is not None


def take(limit: int) -> list[Owed]:
    """Take the oldest events that nobody else is at; they come back if this transaction fails."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"limit": limit})
        return sorted(Owed(*row) for row in cursor.fetchall())


def owed(now: datetime) -> list[Waiting]:
    """Tell how many events, pushes, uploads, exports and imports wait, and since when; at most 10,000 of each."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST, {"most": _COUNTED, "now": now})
        events_age, events, pushes_age, pushes = cursor.fetchone()
        cursor.execute(_DUE, {"now": now, "most": _COUNTED})
        media = {known: (count, since) for known, count, since in cursor.fetchall()}
        cursor.execute(_CARRIED, {"now": now, "most": _COUNTED})
        carried = cursor.fetchall()
    return [
        Waiting("events", events, _seconds(events_age)),
        Waiting("pushes", pushes, _seconds(pushes_age)),
        _waiting("uploads", *media.get(False, (0, None)), now),
        _waiting("videos", *media.get(True, (0, None)), now),
        *(_waiting(name, count, since, now) for name, count, since in carried),
    ]


def _waiting(name: str, count: int, since: datetime | None, now: datetime) -> Waiting:
    return Waiting(name, count, None if since is None else max((now - since).total_seconds(), 0.0))


def _seconds(age: float | None) -> float | None:
    return None if age is None else max(float(age), 0.0)
