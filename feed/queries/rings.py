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

from django.db import connection, transaction

QUIET_MOST: Final = 50  # likes of a post that is looked at
COMMON_LEAST: Final = 10  # posts that two have to like both
OVERLAP_LEAST: Final = 0.5  # of what either of them likes
LOOKS_BACK: Final = timedelta(days=2)
# What a look may cost, however much people like. Likes are read in the order in which they came, by their key; pairs
# of people, of whom there are at most QUIET_MOST² / 2 a post, are counted for the posts with the fewest likes, which
# tell the most. Past either bound a ring may be missed, never made up.
LIKES_MOST: Final = 20_000_000
MARKS_MOST: Final = 2_000_000
# How many rows a step below leaves, PostgreSQL can only guess; where it guesses few, a loop within a loop would compare
# every mark with every other.
_PLANNED = ("SET LOCAL enable_nestloop = off", "SET LOCAL work_mem = '256MB'")
_LATELY = """
SELECT l.post_id, l.account_id FROM feed_like l
WHERE l.id > (SELECT max(x.id) FROM feed_like x) - %(likes)s AND l.created_at > %(since)s
"""
# Two have COMMON in common, of X and Y likes: COMMON >= overlap * (X + Y - COMMON) >= overlap * X. So who likes fewer
# quiet posts than that is of no ring, and is left out before anybody is compared with anybody.
_PAIRS = f"""
WITH lately AS MATERIALIZED ({_LATELY}
), quiet AS (
  SELECT post_id, count(*) AS likes FROM lately GROUP BY post_id HAVING count(*) BETWEEN 2 AND %(most)s
), totals AS MATERIALIZED (
  SELECT l.account_id, count(*) AS likes
  FROM lately l LEFT JOIN quiet q ON q.post_id = l.post_id
  GROUP BY l.account_id
  HAVING count(q.post_id) >= %(least)s AND count(q.post_id) >= %(overlap)s * count(*)
), marks AS MATERIALIZED (
  SELECT l.post_id, l.account_id, t.likes
  FROM lately l JOIN quiet q ON q.post_id = l.post_id JOIN totals t ON t.account_id = l.account_id
  ORDER BY q.likes, l.post_id LIMIT %(marks)s
)
SELECT a.account_id, b.account_id, count(*), a.likes, b.likes
FROM marks a JOIN marks b ON b.post_id = a.post_id AND b.account_id > a.account_id
GROUP BY a.account_id, b.account_id, a.likes, b.likes
HAVING count(*) >= %(least)s AND count(*) >= %(overlap)s * (a.likes + b.likes - count(*))
"""


@dataclass(frozen=True, slots=True)
class Ring:
    """Accounts that hang together by what they like. `overlap` is the mean share of likes that two of them have
    in common."""

    account_ids: tuple[int, ...]
    pairs: int
    overlap: float


@transaction.atomic
def find(*, now: datetime) -> list[Ring]:
    """Return the rings of the last two days, the largest first."""
    row: dict[str, Any] = {
        "since": now - LOOKS_BACK,
        "likes": LIKES_MOST,
        "marks": MARKS_MOST,
        "most": QUIET_MOST,
        "least": COMMON_LEAST,
        "overlap": OVERLAP_LEAST,
    }
    with connection.cursor() as cursor:
        for setting in _PLANNED:
            cursor.execute(setting)
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
