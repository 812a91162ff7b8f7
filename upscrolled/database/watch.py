"""Which replicas may be read: a thread of each web process looks, requests only remember what it saw.

A replica may be read while it answers and has replayed what was the end of the primary's log at some moment of the last
DATABASE_REPLICA_LAG_SECONDS. That measures what matters (an idle primary makes nobody late), needs no right that an
ordinary role lacks, and compares no clocks. While the primary is away nothing new can be missing, so replicas serve on.
"""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from dataclasses import dataclass
from threading import Event, Lock, Thread

from django.conf import settings
from django.db import Error, connections

log = logging.getLogger(__name__)

LOOK_EVERY = 0.1  # seconds; the age of what `replayed` says
SAMPLE_EVERY = 0.5
TRUSTED = 2.0  # an older look is no look: the thread hangs at a server that says nothing
IDLE_AFTER = 10.0
BARRED = 2.0  # after a failed request

# Positions as bytes since the beginning of the log. The end of what is flushed, not of what is being written: a
# replica gets no more than that.
_END = "SELECT pg_current_wal_flush_lsn() - '0/0'::pg_lsn"
_REPLAYED = "SELECT coalesce(pg_last_wal_replay_lsn() - '0/0'::pg_lsn, 0)"


@dataclass(slots=True)
class Replica:
    """What is known of one replica."""

    alias: str
    replayed: int = 0
    seen_at: float = float("-inf")
    is_good: bool = False
    barred_until: float = float("-inf")
    trouble: str | None = None  # as it was logged; None when all is well


class Watch:
    """Looks after the replicas while anybody asks for one."""

    def __init__(self, aliases: list[str], lag_seconds: float) -> None:
        self.replicas = {alias: Replica(alias) for alias in aliases}
        self._lag = lag_seconds
        self._ends: deque[tuple[float, int]] = deque()
        self._lock = Lock()
        self._wake = Event()
        self._asked_at = 0.0
        self._thread: Thread | None = None

    def choose(self) -> str | None:
        """A replica that may be read now, or None."""
        if not self.replicas:
            return None
        now = time.monotonic()
        self._asked_at = now
        if not self._wake.is_set() or self._thread is None or not self._thread.is_alive():
            self._rouse()  # it slept, or this process was forked from the one that has it
        good = [
            replica.alias
            for replica in self.replicas.values()
            if replica.is_good and now - replica.seen_at < TRUSTED
        ]
        return random.choice(good) if len(good) > 1 else (good[0] if good else None)

    def failed(self, alias: str, error: Exception) -> None:
        """A request could not use it: leave it alone for a moment."""
        replica = self.replicas[alias]
        replica.barred_until = time.monotonic() + BARRED
        self._judge(replica, _first_line(error))

    def _rouse(self) -> None:
        with self._lock:
            self._wake.set()
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="replicas", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        sampled_at = float("-inf")
        while True:
            begun = time.monotonic()
            if begun - self._asked_at > IDLE_AFTER:
                connections.close_all()
                self._wake.clear()
                self._wake.wait()
            if begun - sampled_at >= SAMPLE_EVERY:
                sampled_at = begun
                self._sample(begun)
            for replica in self.replicas.values():
                self._look(replica)
            time.sleep(max(0.0, LOOK_EVERY - (time.monotonic() - begun)))

    def _sample(self, now: float) -> None:
        """Note where the primary's log ends; of what is older than the lag allowed, nothing counts any more."""
        try:
            self._ends.append((now, _ask("default", _END)))
        except Error:
            connections["default"].close()
        while len(self._ends) > 1 and self._ends[0][0] < now - self._lag:
            self._ends.popleft()

    def _look(self, replica: Replica) -> None:
        now = time.monotonic()
        try:
            replica.replayed = _ask(replica.alias, _REPLAYED)
        except Error as error:
            connections[replica.alias].close()
            self._judge(replica, _first_line(error))
            return
        replica.seen_at = now
        if not self._ends or now < replica.barred_until:
            return
        late = replica.replayed < self._ends[0][1]
        self._judge(replica, f"it is more than {self._lag:g} s behind" if late else None)

    def _judge(self, replica: Replica, trouble: str | None) -> None:
        replica.is_good = trouble is None
        if trouble is not None and replica.trouble is None:
            log.warning("Reads go to the primary, not to %s: %s", replica.alias, trouble)
        elif trouble is None and replica.trouble is not None:
            log.warning("Reads go to %s again.", replica.alias)
        replica.trouble = trouble


def _ask(alias: str, sql: str) -> int:
    connection = connections[alias]
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


_watch = Watch(sorted(set(settings.DATABASES) - {"default"}), settings.DATABASE_REPLICA_LAG_SECONDS)


def choose() -> str | None:
    """The alias of a replica that may be read now, or None for the primary."""
    return _watch.choose()


def replayed(alias: str) -> int:
    """How far this replica has replayed the primary's log, in bytes; at most a tenth of a second old."""
    return _watch.replicas[alias].replayed


def failed(alias: str, error: Exception) -> None:
    """Tell that a request could not use a replica."""
    _watch.failed(alias, error)
