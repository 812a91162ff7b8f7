"""What discover does not draw for a viewer: asked of PostgreSQL once for each version of their relations.

The key carries the viewer's `graph_version`, which every block (of either side), mute, follow and choice changes, so
nothing has to be taken back. The rules are applied again to every page, so this need not be complete: it is bounded,
since nobody's page may cost more because thousands block them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

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
FOLLOWED_MAX: Final = 10_000
_FOR_GOOD: Final = 2**53

# What the viewer chose stands beside every row, of which there is one at least.
_SQL = """
SELECT a.number, a.until, a.why, coalesce(c.languages, '{}'), coalesce(c.sensitive, true)
FROM (VALUES (%(viewer)s::bigint)) v (id)
LEFT JOIN feed_discoverchoice c ON c.account_id = v.id
LEFT JOIN (
  (SELECT b.target_id, NULL::timestamptz, 'blocked' FROM upscrolled_block b WHERE b.account_id = %(viewer)s
   ORDER BY b.id DESC LIMIT %(most)s)
  UNION ALL
  (SELECT b.account_id, NULL, 'blocked' FROM upscrolled_block b WHERE b.target_id = %(viewer)s
   ORDER BY b.id DESC LIMIT %(most)s)
  UNION ALL
  (SELECT m.target_id, m.expires_at, 'muted' FROM upscrolled_mute m WHERE m.account_id = %(viewer)s
   ORDER BY m.id DESC LIMIT %(most)s)
  UNION ALL
  (SELECT h.post_id, NULL, 'hidden' FROM feed_hiddenpost h WHERE h.account_id = %(viewer)s
   ORDER BY h.id DESC LIMIT %(most)s)
  UNION ALL
  (SELECT f.target_id, NULL, 'followed' FROM feed_discoverchoice d
   JOIN upscrolled_follow f ON f.account_id = d.account_id
   WHERE d.account_id = %(viewer)s AND NOT d.followed ORDER BY f.id DESC LIMIT %(followed)s)
) a (number, until, why) ON true
"""

# A post without a language is for everybody. `pt` takes `pt-br` along.
_UNWANTED = """
SELECT u.id, u.reason FROM (
  SELECT p.id, CASE
    WHEN cardinality(%(languages)s::text[]) > 0 AND p.language <> ''
     AND NOT p.language = ANY(%(languages)s) AND NOT split_part(p.language, '-', 1) = ANY(%(languages)s)
      THEN 'language'
    WHEN NOT %(sensitive)s::boolean AND (p.sensitive OR EXISTS (
           SELECT 1 FROM upscrolled_restriction r WHERE r.subject_kind = 'post' AND r.subject_id = p.id
             AND r.kind = 'sensitive' AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now())
             AND (r.countries = '{}' OR %(country)s = ANY(r.countries))))
      THEN 'sensitive' END AS reason
  FROM feed_post p WHERE p.id = ANY(%(ids)s::bigint[])) u
WHERE u.reason IS NOT NULL
"""


class Avoided(msgspec.Struct, array_like=True):
    """Accounts blocked either way, accounts muted until a time (Unix milliseconds), and what the viewer chose.

    `hidden` are posts. `followed` are accounts whose posts are not wanted, for who reads them at home alone.
    `languages` empty: all of them.
    """

    blocked: list[int] = []
    muted: dict[int, int] = {}
    hidden: list[int] = []
    followed: list[int] = []
    languages: list[str] = []
    sensitive: bool = True

    def muted_at(self, now: datetime) -> list[int]:
        """The accounts that are still muted."""
        at_ms = now.timestamp() * 1000
        return [account_id for account_id, until_ms in self.muted.items() if until_ms > at_ms]


NOBODY: Final = Avoided()
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


def unwanted(post_ids: Iterable[int], whom: Avoided, viewer: Viewer) -> dict[int, str]:
    """Those of the posts that the viewer's languages and covers keep away, each with its reason. One statement."""
    row: dict[str, Any] = {
        "ids": list(post_ids),
        "languages": whom.languages,
        "sensitive": whom.sensitive,
        "country": viewer.country,
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNWANTED, row)
        return dict(cursor.fetchall())


def forget() -> None:
    """Drop what this process holds (tests, whose accounts may have the same ids)."""
    _held.cache_clear()


def _ask(viewer_id: int) -> Avoided:
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"viewer": viewer_id, "most": EACH_MAX, "followed": FOLLOWED_MAX})
        rows = cursor.fetchall()
    ids: dict[str, list[int]] = {"blocked": [], "hidden": [], "followed": []}
    muted: dict[int, int] = {}
    for number, until, why, _, _ in rows:
        if why == "muted":
            muted[number] = int(until.timestamp() * 1000) if until else _FOR_GOOD
        elif why is not None:
            ids[why].append(number)
    *_, languages, sensitive = rows[0]
    return Avoided(ids["blocked"], muted, ids["hidden"], ids["followed"], languages, sensitive)
