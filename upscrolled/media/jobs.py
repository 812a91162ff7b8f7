"""Work on attachments is claimed, not handed over: whoever takes a row has it for a lease, and says that it lives.

A broker may lose, repeat or reorder every message; what is owed stands in the rows. A claim draws a new `turn`, and
whatever its holder writes asks for that turn: of two workers that both think they have a row, one writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from django.db import connection

from upscrolled.media.states import Event, State, after

ATTEMPTS_MAX = 4
BACKOFF = timedelta(seconds=30)  # doubled with each attempt
BEAT_SECONDS, TELL_SECONDS = 10.0, 2.0  # between two signs of life; between two percents


class Stage(StrEnum):
    """The two kinds of work. To look at a file takes seconds, and so does making a photo; a video takes minutes."""

    LOOK = "look"
    MAKE = "make"


# Longer than any single step that cannot say in between that it lives.
LEASES = {Stage.LOOK: timedelta(seconds=180), Stage.MAKE: timedelta(seconds=60)}


class Lost(Exception):
    """The row is somebody else's by now, or deleted: whatever was made of it is for nobody."""


@dataclass(frozen=True, slots=True)
class Job:
    """An attachment that is this process's for a while. `upload` is the key of what was sent, "" if it is gone."""

    id: int
    turn: int
    attempts: int
    stage: Stage
    kind: str
    state: str
    public: bool
    upload: str
    looked: Mapping[str, Any] | None


_UPLOAD = """coalesce((SELECT f.area || '/' || f.name FROM upscrolled_fileuse u
  JOIN upscrolled_storedfile f ON f.id = u.file_id WHERE u.attachment_id = m.id AND u.role = 'upload'), '')"""
_CLAIM = f"""
UPDATE upscrolled_mediaattachment m
SET turn = m.turn + 1, attempts = m.attempts + 1, leased_until = %(until)s,
    state = CASE m.state WHEN '{State.UPLOADED}' THEN '{after(State.UPLOADED, Event.TAKEN)}' ELSE m.state END
WHERE m.id = (
  SELECT x.id FROM upscrolled_mediaattachment x
  WHERE x.due_at <= %(now)s AND (x.leased_until IS NULL OR x.leased_until <= %(now)s) AND x.deleted_at IS NULL
    AND (x.looked IS NULL) = %(look)s AND (%(only)s::bigint IS NULL OR x.id = %(only)s)
  ORDER BY x.due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING m.id, m.turn, m.attempts, m.kind, m.state, m.public, {_UPLOAD}, m.looked
"""


def claim(stage: Stage, *, now: datetime, only: int | None = None) -> Job | None:
    """Take the row that has been due longest, or `only` this one; None if there is none to be had."""
    row: dict[str, Any] = {
        "look": stage is Stage.LOOK,
        "now": now,
        "until": now + LEASES[stage],
        "only": only,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, row)
        found = cursor.fetchone()
    if found is None:
        return None
    number, turn, attempts, kind, state, public, upload, looked = found
    facts = None if looked is None else msgspec.json.decode(looked)
    return Job(number, turn, attempts, stage, kind, state, public, upload, facts)


def write(job: Job, **columns: Any) -> None:
    """Change columns of a row that is still this job's. Raises Lost."""
    names = ", ".join(f"{name} = %({name})s" for name in columns)
    sql = f"""UPDATE upscrolled_mediaattachment SET {names}
              WHERE id = %(job_id)s AND turn = %(job_turn)s AND deleted_at IS NULL"""
    with connection.cursor() as cursor:
        cursor.execute(sql, {**columns, "job_id": job.id, "job_turn": job.turn})
        if not cursor.rowcount:
            raise Lost


def refuse(job: Job, *, reason: str, sentence: str) -> None:
    """The file is what is wrong: nobody tries again. One that can be shown already stays as it is."""
    state = after(job.state, Event.REFUSED)
    told = {} if state is State.READY else {"reason": reason, "sentence": sentence}
    write(job, state=state, due_at=None, leased_until=None, **told)


def postpone(job: Job, *, now: datetime) -> bool:
    """The machine is what is wrong: have it tried again later. False if it was tried often enough."""
    if job.attempts >= ATTEMPTS_MAX:
        return False
    write(job, due_at=now + BACKOFF * 2 ** (job.attempts - 1), leased_until=None)
    return True


class Pulse:
    """Says of a job that somebody is at it, and how far it is. Ask it often: it writes seldom."""

    def __init__(self, job: Job, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._job, self._clock = job, clock
        self._said_at = clock()
        self._percent = self._told = 0
        self._lost = False

    def tell(self, percent: int) -> None:
        """Note how far it is."""
        self._percent = percent

    def lost(self) -> bool:
        """Say whether the work is for nobody any more: deleted, or taken by another."""
        passed = self._clock() - self._said_at
        if not self._lost and (
            passed >= BEAT_SECONDS or (passed >= TELL_SECONDS and self._percent != self._told)
        ):
            self._beat()
        return self._lost

    def lost_raises(self) -> None:
        """Raise Lost if the work is for nobody any more."""
        if self.lost():
            raise Lost

    def _beat(self) -> None:
        self._said_at, self._told = self._clock(), self._percent
        try:
            write(
                self._job,
                leased_until=datetime.now(UTC) + LEASES[self._job.stage],
                percent=min(max(self._percent, 0), 99),
            )
        except Lost:
            self._lost = True
