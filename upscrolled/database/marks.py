"""Marks: how far the primary's log stood after somebody's last write. A replica serves them from there on.

A mark lies in Valkey, for a write and the read after it may be answered by different processes. It lives longer than
a replica may lag (DATABASE_REPLICA_LAG_SECONDS), and so is never missed by a replica that is still asked.
"""

from __future__ import annotations

import logging

import redis
from django.conf import settings
from django.db import Error, connections

from upscrolled.core import valkey

log = logging.getLogger(__name__)


def leave_mark(account_id: int) -> None:
    """Note that this account has written, after the commit. Without Valkey or the primary there is no mark."""
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
            position = int(cursor.fetchone()[0])
        valkey.cache().set(_key(account_id), position, ex=2 * settings.DATABASE_REPLICA_LAG_SECONDS)
    except (redis.RedisError, Error) as error:
        log.warning("A write is not marked; its author may read it late: %s", error)


def is_ahead_of(account_id: int, replayed: int) -> bool:
    """Say whether this account wrote something beyond that position. Without Valkey: perhaps."""
    try:
        mark = valkey.cache().get(_key(account_id))
    except redis.RedisError:
        return True
    return mark is not None and int(mark) > replayed


def _key(account_id: int) -> str:
    return f"wrote:{account_id}"
