"""Capped id lists in Valkey: one for each person who reads home, kept while they do.

A list is a cache. Its key carries the reader's `graph_version`, so a follow, unfollow, block or mute makes
a new key and the old list expires unread. Pushing never creates a list (LPUSHX), so people who do not read
cost nothing. A list in the making starts with a marker that its builder set *before* its SELECT: whatever is
committed after that SELECT is pushed beside the marker and not lost.

Keys are tagged by bucket, so that one script may push to many readers of one bucket on a cluster. Deliveries do not
wait for a node that is away: they note which buckets missed something, and whatever that node still holds of them is
dropped before it is pushed to again. Until then its readers are answered from PostgreSQL.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import redis
from django.conf import settings
from redis.crc import key_slot

from upscrolled.core import valkey

log = logging.getLogger(__name__)

KEPT = 400  # entries that a list is made of, if it can be, and cut to when it has grown a tenth beyond
SLACK = 40
BUCKETS = 256
LIFETIME = 7 * 24 * 3600
BUILDING = 15  # seconds a builder has before its marker expires and somebody else may try
_AT_ONCE, _AT_ONCE_ON_A_CLUSTER = 500, 5_000  # pushes
_MISSED = "home:missed"  # buckets, on the instance that keeps what it is given
END = b"0"  # last entry of a list that holds everything there is

# KEYS: lists (of one bucket, on a cluster). ARGV[1]: longest length; then, for each key
# in turn, the id to push; last, the length to trim to.
_PUSH = """
local cap = tonumber(ARGV[1])
for i, key in ipairs(KEYS) do
  local length = redis.call('LPUSHX', key, ARGV[i + 1])
  if length > cap then redis.call('LTRIM', key, 0, tonumber(ARGV[2 + #KEYS]) - 1) end
end
"""
# As above, to lists that do not have it among their newest: an author's own was told it before (`delivery.push_own`).
_PUSH_ONCE = _PUSH.replace(
    "redis.call('LPUSHX', key, ARGV[i + 1])",
    f"redis.call('LPOS', key, ARGV[i + 1], 'MAXLEN', {SLACK}) and 0 or redis.call('LPUSHX', key, ARGV[i + 1])",
)
# Claim the making of a list: 1 if this caller builds it, 0 if it stands or another builds it.
_CLAIM = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
# Fill a claimed list, if the claim is still ours. ARGV: marker, lifetime, ids newest first…
_FILL = """
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 0 end
for i = 3, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[i]) end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""


def key(account_id: int, graph_version: int) -> str:
    """Return the key of a reader's list."""
    return f"home:{{h{account_id % BUCKETS}}}:{account_id}:{graph_version}"


def read(name: str) -> tuple[list[int], bool] | None:
    """Return (ids newest first, whether that is all there is), or None when no finished list stands.

    Raises redis.RedisError when Valkey does not answer; the caller then asks PostgreSQL.
    """
    entries: list[bytes] = valkey.cache().lrange(name, 0, -1)  # type: ignore[assignment]
    if not entries:
        return None
    complete = entries[-1] == END
    if complete:
        entries.pop()
    try:
        found = [*map(int, entries)]
    except ValueError:
        return None  # still being built
    # Deliveries may overtake one another, and a retried one comes twice: order is made here. Nearly always it is
    # there already, which sorting notices.
    found.sort(reverse=True)
    if len(set(found)) < len(found):
        found = [*dict.fromkeys(found)]
    return found, complete


def claim(name: str) -> str | None:
    """Begin a list and return the marker to fill it with, or None if it is not for us to build."""
    marker = f"building:{secrets.token_hex(8)}"
    claimed = valkey.script("home_claim", _CLAIM)([name], [marker, BUILDING])
    return marker if claimed else None


def fill(name: str, marker: str, ids: Sequence[int], *, complete: bool) -> None:
    """Finish a list begun with `claim`. Does nothing when the claim has expired."""
    entries: list[int | bytes] = [*ids, END] if complete else list(ids)
    valkey.script("home_fill", _FILL)([name], [marker, LIFETIME, *entries])


def push(pushes: Iterable[tuple[int, int, int]], *, once: bool = False) -> int:
    """Push (reader, graph_version, post id) to the lists that stand. Return how many were tried.

    `once`: not to those that have it among their newest. Raises redis.RedisError when Valkey does not answer. A
    cluster without some nodes, or all, still takes what it can.
    """
    run = valkey.script("home_push_once", _PUSH_ONCE) if once else valkey.script("home_push", _PUSH)
    on_cluster = valkey.is_cluster(settings.CACHE_URL)
    if on_cluster:
        _drop_what_missed()
    count = 0
    rest = iter(pushes)
    while part := list(islice(rest, _AT_ONCE_ON_A_CLUSTER if on_cluster else _AT_ONCE)):
        if on_cluster:
            _note_missed(run.many(map(_call, _by_bucket(part))))
        else:
            run(*_call(part))
        count += len(part)
    return count


def _call(part: list[tuple[int, int, int]]) -> valkey.Call:
    names = [key(reader, version) for reader, version, _ in part]
    return names, [KEPT + SLACK, *(post_id for _, _, post_id in part), KEPT]


def _by_bucket(part: list[tuple[int, int, int]]) -> list[list[tuple[int, int, int]]]:
    buckets: dict[int, list[tuple[int, int, int]]] = {}
    for one in part:
        buckets.setdefault(one[0] % BUCKETS, []).append(one)
    return list(buckets.values())


def _note_missed(calls: list[valkey.Call]) -> None:
    if calls:
        missed = {names[0].partition("{")[2].partition("}")[0] for names, _ in calls}
        log.warning("%d buckets of home lists missed a delivery; they are made anew later.", len(missed))
        valkey.data().sadd(_MISSED, *missed)


def _drop_what_missed() -> None:
    """Drop all that lies in the slots of these buckets: whatever lies on a cache may be forgotten."""
    cluster: Any = valkey.cache()
    away: set[str] = set()
    missed: Any = valkey.data().smembers(_MISSED)
    for bucket in missed:
        node = cluster.get_node_from_key(f"{{{bucket.decode()}}}").name
        if node in away:
            continue
        try:
            while names := cluster.execute_command("CLUSTER GETKEYSINSLOT", key_slot(bucket), 1_000):
                cluster.delete(*names)
        except redis.RedisError:
            away.add(node)
        else:
            valkey.data().srem(_MISSED, bucket)
