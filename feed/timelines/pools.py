"""The current pools: frozen every epoch by one worker, written down, handed out in Valkey, held by every web process.

A process looks for a newer pool at most twice a second, by a small GET, and only while somebody reads; what
it takes is made ready for drawing once. Discover goes on without Valkey: the last pool held serves, or the last
that was written down, and only where there is none at all does a process freeze one. A pool says when it was
frozen, so its age is never hidden.
"""

from __future__ import annotations

import logging
from collections import deque
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple

import redis
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction

from feed.ranking.formula import NEWEST, VERSIONS
from feed.ranking.pool import NO_DIGEST, Pool
from feed.ranking.shortlist import Ready
from feed.timelines import audits, ledger
from feed.timelines.freeze import freeze
from feed.timelines.kinds import ALL, KINDS
from feed.timelines.ledger import Newest
from upscrolled import switches
from upscrolled.core import valkey

log = logging.getLogger(__name__)

CHECK_EVERY: Final = timedelta(milliseconds=500)
KEPT: Final = 3  # pools of a kind that a process remembers, for scrolls that could not be stored
# A clock that is set right goes back by less; one that was wrong by more is not waited for.
SET_BACK_MS: Final = 60_000


class Head(NamedTuple):
    """What Valkey says of a pool to whoever may have it already."""

    epoch_ms: int
    digest: bytes

    def encode(self) -> bytes:
        """The head as it stands in Valkey."""
        return b"%d %s" % (self.epoch_ms, self.digest.hex().encode())

    @classmethod
    def of(cls, text: bytes) -> Head:
        """Read what `encode` wrote."""
        epoch_ms, digest = text.split()
        return cls(int(epoch_ms), bytes.fromhex(digest.decode()))


def current(kind: str = ALL, *, now: datetime) -> Ready:
    """The pool to draw from: the one handed out, at most half a second late.

    Never raises for Valkey; a process without any pool may ask PostgreSQL.
    """
    return _holders[kind].current(now)


def held(digest: bytes) -> Ready | None:
    """The pool with that digest, if this process still remembers it."""
    remembered = (ready for holder in _holders.values() for ready in holder.recent)
    return next((ready for ready in remembered if ready.pool.digest == digest), None)


def advance(kind: str = ALL, *, now: datetime, audited: bool = False, waits: bool = False) -> Pool | None:
    """Freeze the next pool, write it down and hand it out. One process at a time; the others get None.

    None too when the newest pool is younger than half an epoch: a second call changes nothing. While the operator
    has discover go on from the last pool, nothing is frozen as long as there is one. `audited` freezes whatever
    the time, and compares the pool with the posts in the same snapshot; it may not run within a transaction. `waits`
    is for who needs a pool at once: it waits for another process that freezes.
    """
    try:
        with transaction.atomic(durable=audited):
            if audited:
                _in_one_snapshot()
            pool = _freeze_next(kind, now, audited=audited) if ledger.lead(kind, waits=waits) else None
    except IntegrityError:
        log.warning("Another process has frozen the next pool %s in the same moment.", kind)
        return None
    if pool is not None:
        _last[kind] = pool
        _hand_out(kind, pool)
    return pool


def forget() -> None:
    """Hold nothing, as a new process does (tests)."""
    _last.clear()
    ledger.forget()
    for holder in _holders.values():
        holder.forget()


class _Holder:
    """What this process holds of a kind. Threads go on with what is held while one of them looks for more."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.forget()

    def forget(self) -> None:
        self._lock = Lock()
        self._looked_at: datetime | None = None
        self.recent: deque[Ready] = deque(maxlen=KEPT)

    def current(self, now: datetime) -> Ready:
        if self.recent and self._is_fresh(now):
            return self.recent[-1]
        if not self._lock.acquire(blocking=not self.recent):
            return self.recent[-1]
        try:
            if not self.recent or not self._is_fresh(now):
                self._look(now)
            return self.recent[-1]
        finally:
            self._lock.release()

    def _is_fresh(self, now: datetime) -> bool:
        return self._looked_at is not None and abs(now - self._looked_at) < CHECK_EVERY

    def _look(self, now: datetime) -> None:
        last = self.recent[-1].pool if self.recent else None
        pool = _handed_out(self.kind, last)
        if pool is None:  # an empty pool is one all the same
            pool = _written_down(self.kind, last, now)
        if pool is not last:
            self._take(pool)
        self._looked_at = now

    def _take(self, pool: Pool) -> None:
        weights = VERSIONS.get(pool.version)
        if weights is not None:
            self.recent.append(Ready(pool, weights))
        elif self.recent:
            # A deploy is under way, and the worker is ahead of this process: the last pool that it knows serves on.
            log.warning("A pool of version %d is left to newer processes.", pool.version)
        else:
            raise RuntimeError(f"This process knows no version {pool.version} of the ranking.")


def _handed_out(kind: str, last: Pool | None) -> Pool | None:
    """The pool that Valkey has, or `last` if that is it; None when it has none, or does not answer."""
    try:
        text = valkey.data().get(_key(kind, "current"))
        if not isinstance(text, bytes):
            return None
        if last is not None and Head.of(text).digest == last.digest:
            return last
        data = valkey.data().get(_key(kind, "bytes"))
        return Pool.from_bytes(data) if isinstance(data, bytes) else None
    except redis.RedisError as error:
        log.warning("Discover goes on without Valkey: %s", error)
        return None
    except ValueError as error:
        log.error("The pool in Valkey is damaged: %s", error)
        return None


def _written_down(kind: str, last: Pool | None, now: datetime) -> Pool:
    """The newest pool of the ledger; the first of all is frozen here. Valkey gets it, for those who hold none."""
    try:
        newest = ledger.newest(kind)
        if newest is not None and last is not None and newest.digest == last.digest:
            pool: Pool | None = last
        elif newest is not None:
            pool = ledger.rebuilt(newest.digest)
        else:
            pool = advance(kind, now=now, waits=True)
            pool = _newest_rebuilt(kind) if pool is None else pool
    except DatabaseError as error:
        if last is None:
            raise
        log.warning("The last pool serves on without PostgreSQL: %s", error)
        return last
    if pool is None:
        if last is None:
            raise RuntimeError(f"The pools {kind} that are written down cannot be rebuilt.")
        return last
    _hand_out(kind, pool)
    return pool


def _newest_rebuilt(kind: str) -> Pool | None:
    newest = ledger.newest(kind)
    return ledger.rebuilt(newest.digest) if newest else None


def _freeze_next(kind: str, now: datetime, *, audited: bool) -> Pool | None:
    newest = ledger.newest(kind)
    if newest is not None and (_stands() or not (audited or _is_due(newest, now))):
        return None
    pool = freeze(
        now=now,
        previous=newest.digest if newest else NO_DIGEST,
        after_ms=_after(newest, now),
        kind=kind,
        weights=NEWEST,
    )
    before = _at_hand(kind, newest.digest) if newest else None
    ledger.publish(kind, pool, before=before, keyframe_at=newest.keyframe_at if newest else None, now=now)
    if audited:
        audits.record(kind, pool, now=now)
    return pool


def _hand_out(kind: str, pool: Pool) -> None:
    head = Head(pool.epoch_ms, pool.digest).encode()
    try:
        valkey.data().mset({_key(kind, "current"): head, _key(kind, "bytes"): pool.to_bytes()})
    except redis.RedisError as error:
        log.warning("A pool is not handed out: %s", error)


def _at_hand(kind: str, digest: bytes) -> Pool | None:
    """The newest pool, to tell the next one as a difference: this process froze it, or Valkey has it."""
    last = _last.get(kind)
    if last is None or last.digest != digest:
        last = _handed_out(kind, None)
    return last if last is not None and last.digest == digest else None


def _is_due(newest: Newest, now: datetime) -> bool:
    """Whether half an epoch has gone by; a clock that went back says nothing about that."""
    return not timedelta(0) <= now - newest.frozen_at < settings.DISCOVER_EPOCH / 2


def _after(newest: Newest | None, now: datetime) -> int:
    """The epoch that the next one has to be later than.

    A clock that goes back a little is outrun by a millisecond an epoch. One that had been wrong by more begins anew:
    the pools would else hold nothing fresh until it gets there.
    """
    now_ms = int(now.timestamp() * 1000)
    if newest is None:
        return 0
    if newest.epoch_ms - now_ms > SET_BACK_MS:
        log.error(
            "The clock is %d s behind the last pool; epochs begin anew.", (newest.epoch_ms - now_ms) // 1000
        )
        return 0
    return newest.epoch_ms


def _in_one_snapshot() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _stands() -> bool:
    """Whether the operator has discover draw from the last pool for as long as that is needed."""
    return switches.value("discover") == "last_pool"


def _key(kind: str, name: str) -> str:
    return f"discover:pool:{{{kind}}}:{name}"


_last: Final[dict[str, Pool]] = {}
_holders: Final = {kind: _Holder(kind) for kind in KINDS}
