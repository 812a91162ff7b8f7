"""What every change between two people needs: to be alone with them, and to count it.

The verbs are in `operations/relationships.py`. Nothing else writes `followers`, `following`, `graph_version`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db import connection

# A lock of two people, not of their rows: the rows that matter may not exist yet.
_ALONE = """
SELECT pg_advisory_xact_lock(pair) FROM (
  SELECT hashint8extended(least(%(one)s::bigint, o), greatest(%(one)s::bigint, o)) AS pair
  FROM unnest(%(others)s::bigint[]) AS o ORDER BY 1) AS pairs
"""
_COUNT = """
WITH step AS (
  SELECT k.account_id, s.followers, s.following, s.versions
  FROM upscrolled_accountcounters k
  JOIN unnest(%(ids)s::bigint[], %(followers)s::int[], %(following)s::int[], %(versions)s::int[])
    AS s(id, followers, following, versions) ON s.id = k.account_id
  ORDER BY k.account_id FOR NO KEY UPDATE OF k
)
UPDATE upscrolled_accountcounters c
SET followers = c.followers + step.followers, following = c.following + step.following,
    graph_version = c.graph_version + step.versions
FROM step WHERE c.account_id = step.account_id
"""


class Step(NamedTuple):
    """What is added to the numbers of one account."""

    followers: int = 0
    following: int = 0
    versions: int = 0


def alone(one: int, *others: int) -> None:
    """Wait until nobody else changes anything between these people, for the rest of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, {"one": one, "others": list(others)})


def count(steps: Mapping[int, Step]) -> None:
    """Add to the counters, whose rows are locked in the order of the ids.

    The last thing a verb does: many may wait for the row of somebody popular.
    """
    followers, following, versions = (list(column) for column in zip(*steps.values(), strict=True))
    row = {"ids": list(steps), "followers": followers, "following": following, "versions": versions}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, row)
