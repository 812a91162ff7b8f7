"""Like rings: accounts that like the same quiet posts again and again. Found for a person to judge; nothing is
done here.

What many people like is no sign, so only posts with few likes are looked at: friends of one small author may like
the same posts too. A list is no verdict: moderation opens a case for each member (`moderation/queue.py`). Taking the
likes of a ring out of the tickets is a decision about its accounts (`uncounted`), and what a decision touches is
counted again (`feed/standing.py`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

QUIET_MOST: Final = 50  # likes of a post that is looked at
COMMON_LEAST: Final = 10  # posts that two have to like both
OVERLAP_LEAST: Final = 0.5  # of what either of them likes
LOOKS_BACK: Final = timedelta(days=2)
_PAIRS = """
WITH lately AS MATERIALIZED (
  SELECT l.post_id, l.account_id FROM feed_like l WHERE l.created_at > %(since)s
), quiet AS MATERIALIZED (
  SELECT post_id FROM lately GROUP BY post_id HAVING count(*) BETWEEN 2 AND %(most)s
), marks AS MATERIALIZED (
  SELECT l.post_id, l.account_id FROM lately l JOIN quiet q ON q.post_id = l.post_id
), totals AS (
  SELECT account_id, count(*) AS likes FROM lately GROUP BY account_id HAVING count(*) >= %(least)s
)
SELECT a.account_id, b.account_id, count(*), x.likes, y.likes
FROM marks a JOIN marks b ON b.post_id = a.post_id AND b.account_id > a.account_id
JOIN totals x ON x.account_id = a.account_id JOIN totals y ON y.account_id = b.account_id
GROUP BY a.account_id, b.account_id, x.likes, y.likes
HAVING count(*) >= %(least)s AND count(*) >= %(overlap)s * (x.likes + y.likes - count(*))
"""


@dataclass(frozen=True, slots=True)
class Ring:
    """Accounts that hang together by what they like. `overlap` is the mean share of likes that two of them have
    in common."""

    account_ids: tuple[int, ...]
    pairs: int
    overlap: float


def find(*, now: datetime) -> list[Ring]:
    """Return the rings of the last two days, the largest first."""
    row: dict[str, Any] = {
        "since": now - LOOKS_BACK,
        "most": QUIET_MOST,
        "least": COMMON_LEAST,
        "overlap": OVERLAP_LEAST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, row)
        pairs = [(a, b, common / (x + y - common)) for a, b, common, x, y in cursor.fetchall()]
    beside: dict[int, set[int]] = defaultdict(set)
    for one, other, _ in pairs:
        beside[one].add(other)
        beside[other].add(one)
    rings, left = [], set(beside)
    while left:
        members = _reached(left.pop(), beside)
        left -= members
        overlaps = [overlap for one, _, overlap in pairs if one in members]
        rings.append(Ring(tuple(sorted(members)), len(overlaps), sum(overlaps) / len(overlaps)))
    return sorted(rings, key=lambda ring: (-len(ring.account_ids), ring.account_ids))


def _reached(start: int, beside: dict[int, set[int]]) -> set[int]:
    found, ahead = {start}, [start]
    while ahead:
        new = beside[ahead.pop()] - found
        found |= new
        ahead += new
    return found
