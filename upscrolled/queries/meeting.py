"""Whom somebody might want to meet: suggestions, and the directory of people who want to be found."""

from __future__ import annotations

from typing import NamedTuple

from upscrolled.queries.persons import people
from upscrolled.queries.rows import rows
from upscrolled.viewer import Person, Viewer

FRIENDS, THEIRS, CANDIDATES = 50, 50, 200
DEEPEST = 2_000
# Scalar subqueries and no NOT EXISTS: each stays one probe of an index for each candidate. Of the other form the
# planner may make a join that reads everything a viewer follows.
_WANTED = """
  a.is_active AND a.confirmed_at IS NOT NULL AND a.discoverable
  AND (SELECT 1 FROM upscrolled_restriction r
       WHERE r.subject_kind = 'account' AND r.subject_id = a.id
         AND r.kind IN ('account_suspended', 'account_limited', 'hidden_from_discover', 'hold')
         AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now()) LIMIT 1) IS NULL
  AND (SELECT 1 FROM upscrolled_block x WHERE x.account_id = %(viewer)s AND x.target_id = a.id LIMIT 1) IS NULL
  AND (SELECT 1 FROM upscrolled_block x WHERE x.account_id = a.id AND x.target_id = %(viewer)s LIMIT 1) IS NULL
  AND (SELECT 1 FROM upscrolled_mute x WHERE x.account_id = %(viewer)s AND x.target_id = a.id
         AND (x.expires_at IS NULL OR x.expires_at > now()) LIMIT 1) IS NULL
"""
_STRANGER = """
  AND a.id <> %(viewer)s
  AND (SELECT 1 FROM upscrolled_follow x WHERE x.account_id = %(viewer)s AND x.target_id = a.id LIMIT 1) IS NULL
  AND (SELECT 1 FROM upscrolled_followrequest x
       WHERE x.account_id = %(viewer)s AND x.target_id = a.id LIMIT 1) IS NULL
  AND (SELECT 1 FROM upscrolled_dismissedsuggestion x
       WHERE x.account_id = %(viewer)s AND x.target_id = a.id LIMIT 1) IS NULL
"""
# Friends' friends first, those of most friends before others. Then who is followed most lately, drawn with these
# follows as weights: for one viewer always in the same order, for each in another, so that not all newcomers
# crowd around the same few (Efraimidis and Spirakis 2006: the smallest -ln(u)/weight wins).
_SUGGESTED = f"""
WITH friends AS (
  SELECT f.target_id FROM upscrolled_follow f WHERE f.account_id = %(viewer)s ORDER BY f.id DESC LIMIT {FRIENDS}
), theirs AS (
  SELECT t.target_id AS id, count(*) AS shared FROM friends
  JOIN upscrolled_account host ON host.id = friends.target_id AND NOT host.hide_collections
  CROSS JOIN LATERAL (SELECT f.target_id FROM upscrolled_follow f WHERE f.account_id = friends.target_id
                      ORDER BY f.id DESC LIMIT {THEIRS}) t
  GROUP BY t.target_id ORDER BY shared DESC, t.target_id LIMIT {CANDIDATES}
), popular AS (
  SELECT p.account_id AS id,
         -ln(((hashint8extended(p.account_id, %(viewer)s) & 4294967295) + 1)::float8 / 4294967297) / p.score AS draw
  FROM upscrolled_popularaccount p ORDER BY draw LIMIT {CANDIDATES}
), candidate AS MATERIALIZED (
  SELECT id, min(rank) AS rank, bool_or(friend) AS friend, bool_or(NOT friend) AS popular FROM (
    SELECT id, row_number() OVER (ORDER BY shared DESC, id) AS rank, true AS friend FROM theirs
    UNION ALL SELECT id, {CANDIDATES} + row_number() OVER (ORDER BY draw), false FROM popular) both_kinds
  GROUP BY id
)
SELECT a.id, c.friend, c.popular FROM (SELECT * FROM candidate ORDER BY rank LIMIT {2 * CANDIDATES}) c
CROSS JOIN LATERAL (SELECT * FROM upscrolled_account x WHERE x.id = c.id LIMIT 1) a
WHERE {_WANTED} {_STRANGER}
ORDER BY c.rank LIMIT %(limit)s
"""
# The inner LIMIT makes the planner walk the index in its order and stop when the page is full.
_NEWEST = f"""
SELECT a.id FROM (
  SELECT x.* FROM upscrolled_account x WHERE x.discoverable AND x.is_active AND x.confirmed_at IS NOT NULL
  ORDER BY x.id DESC LIMIT {2 * DEEPEST}) a
WHERE {_WANTED} ORDER BY a.id DESC LIMIT %(limit)s OFFSET %(offset)s
"""
_ACTIVE = f"""
SELECT a.id FROM (
  SELECT c.account_id, c.last_post_on FROM upscrolled_accountcounters c WHERE c.last_post_on IS NOT NULL
  ORDER BY c.last_post_on DESC, c.account_id DESC LIMIT {2 * DEEPEST}) c
CROSS JOIN LATERAL (SELECT * FROM upscrolled_account x WHERE x.id = c.account_id LIMIT 1) a
WHERE {_WANTED} ORDER BY c.last_post_on DESC, c.account_id DESC LIMIT %(limit)s OFFSET %(offset)s
"""


class Suggestion(NamedTuple):
    """Somebody to follow, and why: friends follow them, or many do lately."""

    person: Person
    friends_follow: bool
    popular: bool


def suggestions(viewer: Viewer, *, limit: int) -> list[Suggestion]:
    """Suggest people whom the viewer neither follows, asked, blocked, muted nor dismissed, and who may be found."""
    found = rows(_SUGGESTED, {"viewer": viewer.id, "limit": limit})
    shown = {person.id: person for person in people(viewer, [row[0] for row in found])}
    return [Suggestion(shown[row[0]], row[1], row[2]) for row in found if row[0] in shown]


def directory(viewer: Viewer, *, newest: bool, limit: int, offset: int) -> list[Person]:
    """List people who want to be found: the newest first, or those who posted last.

    Past DEEPEST there is nothing more: nobody scrolls there, and each page would cost all pages before it.
    """
    if offset >= DEEPEST:
        return []
    row = {"viewer": viewer.id, "limit": min(limit, DEEPEST - offset), "offset": offset}
    return people(viewer, [found[0] for found in rows(_NEWEST if newest else _ACTIVE, row)])
