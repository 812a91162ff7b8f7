"""The current pool: frozen every epoch by one worker, published in Valkey, held by every web process.

A process looks for a newer pool at most twice a second, by a small GET, and only while somebody reads; what
it takes is made ready for drawing once. Discover goes on without Valkey: the last pool held serves, and a
process that holds none freezes one for itself. A pool says when it was frozen, so its age is never hidden.
"""

from __future__ import annotations

import logging
import secrets
from collections import deque
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple

import redis
from django.conf import settings

from feed.ranking.pool import NO_DIGEST, Pool
from feed.ranking.shortlist import Ready
from feed.timelines.freeze import freeze
from upscrolled import switches
from upscrolled.core import valkey

log = logging.getLogger(__name__)

# Pools of posts with video will stand beside under their own name.
MEDIA: Final = "all"
CHECK_EVERY: Final = timedelta(milliseconds=500)
KEPT: Final = 3  # pools a process remembers, for scrolls that could not be stored
LEADER_MS: Final = 10_000
_HALF_EPOCH: Final = settings.DISCOVER_EPOCH / timedelta(milliseconds=2)

_HEAD, _BYTES, _LEADER = (f"discover:pool:{{{MEDIA}}}:{name}" for name in ("current", "bytes", "leader"))
# KEYS: head, bytes. ARGV: the head expected ('' for none), the new head, the bytes.
# Only the successor of the current pool is published, so the chain of digests never forks.
_PUBLISH = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('MSET', KEYS[1], ARGV[2], KEYS[2], ARGV[3])
return 1
"""
_STEP_DOWN = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class Head(NamedTuple):
    """What is known of a published pool without reading it."""

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


def current(*, now: datetime) -> Ready:
    """The pool to draw from: the published one, at most half a second late.

    Never raises for Valkey; a process without any pool may ask PostgreSQL.
    """
    return _holder.current(now)


def held(digest: bytes) -> Ready | None:
    """The pool with that digest, if this process still remembers it."""
    return next((ready for ready in _holder.recent if ready.pool.digest == digest), None)


def advance(*, now: datetime, previous: Pool | None = None) -> Pool | None:
    """Freeze the next pool and publish it. One process at a time; the others get None.

    None too when the current pool is younger than half an epoch: a second call changes nothing. `previous` is
    what to chain to when Valkey knows of no pool. While the operator has discover go on from the last pool,
    nothing is frozen as long as anybody holds one. Raises redis.RedisError.
    """
    store = valkey.data()
    head = _head()
    if head is not None and (_stands() or _ms(now) - head.epoch_ms < _HALF_EPOCH):
        return None
    leader = secrets.token_hex(8)
    if not store.set(_LEADER, leader, nx=True, px=LEADER_MS):
        return None
    try:
        return _freeze_next(now, head, previous)
    finally:
        valkey.script("discover_step_down", _STEP_DOWN)([_LEADER], [leader], client=store)


def forget() -> None:
    """Hold nothing, as a new process does (tests)."""
    _holder.forget()


class _Holder:
    """What this process holds. Threads go on with what is held while one of them looks for more."""

    def __init__(self) -> None:
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
        try:
            pool = _published(last) or advance(now=now, previous=last)
        except redis.RedisError as error:
            log.warning("Discover goes on without Valkey: %s", error)
            pool = None
        if pool is None and last is None:
            pool = freeze(now=now, previous=NO_DIGEST)
        if pool is not None and pool is not last:
            self.recent.append(Ready(pool))
        self._looked_at = now


def _freeze_next(now: datetime, head: Head | None, previous: Pool | None) -> Pool | None:
    if head is not None:
        pool = freeze(now=now, previous=head.digest, after_ms=head.epoch_ms)
    elif previous is not None and _stands():
        pool = previous  # Valkey forgot it: published again, for those who hold none
    elif previous is not None:
        pool = freeze(now=now, previous=previous.digest, after_ms=previous.epoch_ms)
    else:
        pool = freeze(now=now, previous=NO_DIGEST)
    expected = head.encode() if head else b""
    arguments = [expected, Head(pool.epoch_ms, pool.digest).encode(), pool.to_bytes()]
    publish = valkey.script("discover_publish", _PUBLISH)
    return pool if publish([_HEAD, _BYTES], arguments, client=valkey.data()) else None


def _head() -> Head | None:
    text = valkey.data().get(_HEAD)
    return Head.of(text) if isinstance(text, bytes) else None


def _published(last: Pool | None) -> Pool | None:
    """The published pool, or `last` if that is it; None when none is published."""
    head = _head()
    if head is None or (last is not None and head.digest == last.digest):
        return last if head else None
    data = valkey.data().get(_BYTES)
    if not isinstance(data, bytes):
        return None
    try:
        return Pool.from_bytes(data)
    except ValueError as error:
        log.error("The published pool is damaged: %s", error)
        return last


def _stands() -> bool:
    """Whether the operator has discover draw from the last pool for as long as that is needed."""
    return switches.value("discover") == "last_pool"


def _ms(now: datetime) -> int:
    return int(now.timestamp() * 1000)


_holder: Final = _Holder()
