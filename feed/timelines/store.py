"""Capped id lists in Valkey: one for each person who reads home, kept while they do.

A list is a cache. Its key carries the reader's `graph_version`, so a follow, unfollow, block or mute makes
a new key and the old list expires unread. Pushing never creates a list (LPUSHX), so people who do not read
cost nothing. A list in the making starts with a marker that its builder set *before* its SELECT: whatever is
committed after that SELECT is pushed beside the marker and not lost.

Keys are tagged by bucket, so that one script may push to many readers of one bucket on a cluster.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from itertools import islice

from upscrolled.core import valkey

KEPT = 400  # at least so many entries are held; trimmed when a list has grown a tenth beyond
SLACK = 40
BUCKETS = 256
LIFETIME = 7 * 24 * 3600
BUILDING = 15  # seconds a builder has before its marker expires and somebody else may try
END = b"0"  # last entry of a list that holds everything there is

# KEYS: lists (of one bucket, should this ever talk to a cluster). ARGV[1]: longest length; then, for each key
# in turn, the id to push; last, the length to trim to.
_PUSH = """
local cap = tonumber(ARGV[1])
for i, key in ipairs(KEYS) do
  local length = redis.call('LPUSHX', key, ARGV[i + 1])
  if length > cap then redis.call('LTRIM', key, 0, tonumber(ARGV[2 + #KEYS]) - 1) end
end
"""
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
        found = set(map(int, entries))
    except ValueError:
        return None  # still being built
    # Deliveries may overtake one another, and a retried one comes twice: order is made here.
    return sorted(found, reverse=True), complete


def claim(name: str) -> str | None:
    """Begin a list and return the marker to fill it with, or None if it is not for us to build."""
    marker = f"building:{secrets.token_hex(8)}"
    claimed = valkey.script("home_claim", _CLAIM)([name], [marker, BUILDING])
    return marker if claimed else None


def fill(name: str, marker: str, ids: Sequence[int], *, complete: bool) -> None:
    """Finish a list begun with `claim`. Does nothing when the claim has expired."""
    entries: list[int | bytes] = [*ids, END] if complete else list(ids)
    valkey.script("home_fill", _FILL)([name], [marker, LIFETIME, *entries])


def push(pushes: Iterable[tuple[int, int, int]]) -> int:
    """Push (reader, graph_version, post id) to the lists that stand, 500 a call. Return how many were tried."""
    run = valkey.script("home_push", _PUSH)
    count = 0
    rest = iter(pushes)
    while part := list(islice(rest, 500)):
        names = [key(reader, version) for reader, version, _ in part]
        run(names, [KEPT + SLACK, *(post_id for _, _, post_id in part), KEPT])
        count += len(part)
    return count
