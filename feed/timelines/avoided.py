"""Whose posts discover does not draw for a viewer: asked of PostgreSQL once for each version of their relations.

The key carries the viewer's `graph_version`, which every block (of either side) and mute changes, so nothing
has to be taken back. The rules are applied again to every page, so this need not be complete: it is bounded,
since nobody's page may cost more because thousands block them.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec
import redis
from django.db import connection

from upscrolled import limits
from upscrolled.core import valkey
from upscrolled.viewer import Viewer

log = logging.getLogger(__name__)

LIFETIME: Final = 24 * 3600  # seconds
COUNTED: Final = 900  # seconds; pools are followed by others much sooner
EACH_MAX: Final = 2_000
_FOR_GOOD: Final = 2**53

_SQL = """
(SELECT b.target_id, NULL::timestamptz, false FROM upscrolled_block b WHERE b.account_id = %(viewer)s
 ORDER BY b.id DESC LIMIT %(most)s)
UNION ALL
(SELECT b.account_id, NULL, false FROM upscrolled_block b WHERE b.target_id = %(viewer)s
 ORDER BY b.id DESC LIMIT %(most)s)
UNION ALL
(SELECT m.target_id, m.expires_at, true FROM upscrolled_mute m WHERE m.account_id = %(viewer)s
 ORDER BY m.id DESC LIMIT %(most)s)
"""


class Avoided(msgspec.Struct, array_like=True):
    """Accounts blocked either way, and accounts muted until a time (Unix milliseconds)."""

    blocked: list[int] = []
    muted: dict[int, int] = {}

    def muted_at(self, now: datetime) -> list[int]:
        """The accounts that are still muted."""
        at_ms = now.timestamp() * 1000
        return [account_id for account_id, until_ms in self.muted.items() if until_ms > at_ms]


_decode = msgspec.msgpack.Decoder(Avoided).decode
_encode = msgspec.msgpack.Encoder().encode


def tally(account_id: int, digest: bytes) -> limits.Tally:
    """The count of this viewer's draws from this pool, to be made with the rate limits."""
    return limits.Tally(f"draws:{digest[:12].hex()}", str(account_id), COUNTED)


def find(viewer: Viewer) -> Avoided:
    """Whom this viewer avoids; kept in this process too, under the version of their relations."""
    return _held(viewer.id, viewer.graph_version)


@lru_cache(maxsize=2_048)
def _held(viewer_id: int, graph_version: int) -> Avoided:
    key = f"discover:{{v{viewer_id}}}:avoided:{graph_version}"
    try:
        known = valkey.cache().get(key)
        if isinstance(known, bytes):
            return _decode(known)
        avoided = _ask(viewer_id)
        valkey.cache().set(key, _encode(avoided), ex=LIFETIME)
    except redis.RedisError as error:
        log.warning("Whom a viewer avoids is asked of PostgreSQL: %s", error)
        return _ask(viewer_id)
    return avoided


def forget() -> None:
    """Drop what this process holds (tests, whose accounts may have the same ids)."""
    _held.cache_clear()


def _ask(viewer_id: int) -> Avoided:
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"viewer": viewer_id, "most": EACH_MAX})
        rows = cursor.fetchall()
    return Avoided(
        [account_id for account_id, _, muted in rows if not muted],
        {
            account_id: int(until.timestamp() * 1000) if until else _FOR_GOOD
            for account_id, until, muted in rows
            if muted
        },
    )
