"""Load the people of a page, with what stands between them and the viewer, in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from msgspec.structs import astuple

from upscrolled.core import ids
from upscrolled.viewer import Person, Viewer

# One probe of a unique index for each relation and person. LATERAL with a LIMIT says so to the planner, which
# would else read all of a viewer's followers to find those on the page: the cost follows the page, never the graph.
# Whom a bio names is looked up only where it has an @; far more of them than anybody writes are left out.
_COLUMNS = """
SELECT a.id, a.username, a.display_name, a.note, a.fields,
       CASE WHEN position('@' IN a.note) > 0 OR position('@' IN a.fields::text) > 0 THEN
         (SELECT string_agg(m.username, ' ') FROM upscrolled_account m
          WHERE m.is_active AND m.confirmed_at IS NOT NULL AND lower(m.username) = ANY(ARRAY(
            SELECT lower(x[1]) FROM regexp_matches(a.note || ' ' || a.fields::text, '@([A-Za-z0-9_]+)', 'g') x
            LIMIT 50))) END,
       a.pronouns, a.place_id, a.avatar, a.header,
       a.avatar_description, a.header_description, a.locked, a.bot, a.discoverable, a.indexable,
       a.hide_collections, a.shows_application, a.is_active, a.confirmed_at IS NOT NULL,
       coalesce(c.followers, 0), coalesce(c.following, 0), coalesce(c.posts, 0), c.last_post_on,
       ARRAY(SELECT r.kind FROM upscrolled_restriction r
             WHERE r.subject_kind = 'account' AND r.subject_id = a.id
               AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now())
               AND (r.countries = '{}' OR %(country)s = ANY(r.countries))),
"""
_RELATION = """
       f.id IS NOT NULL, coalesce(f.reposts, false), coalesce(f.notify, false), f.languages,
       fb.id IS NOT NULL, q.id IS NOT NULL, qb.id IS NOT NULL,
       b.id IS NOT NULL, bb.id IS NOT NULL,
       m.id IS NOT NULL, coalesce(m.notifications, false), m.expires_at
"""
# What only a relation's own screen shows, which no page of posts pays for.
_CLOSELY = """,
       EXISTS (SELECT 1 FROM upscrolled_endorsement e WHERE e.account_id = %(viewer)s AND e.target_id = a.id),
       coalesce((SELECT n.text FROM upscrolled_accountnote n
                 WHERE n.account_id = %(viewer)s AND n.target_id = a.id), '')
"""
# Each of these probes falls on another page of the largest index, one for every person.
_FOLLOWS_BACK = """
LEFT JOIN LATERAL (SELECT x.id FROM upscrolled_follow x
                   WHERE x.account_id = a.id AND x.target_id = %(viewer)s
                   LIMIT 1) fb ON true
"""
_RELATED = f"""
LEFT JOIN LATERAL (SELECT x.id, x.reposts, x.notify, x.languages FROM upscrolled_follow x
                   WHERE x.account_id = %(viewer)s AND x.target_id = a.id
                   LIMIT 1) f ON true
{_FOLLOWS_BACK}
LEFT JOIN LATERAL (SELECT x.id FROM upscrolled_followrequest x
                   WHERE x.account_id = %(viewer)s AND x.target_id = a.id
                   LIMIT 1) q ON true
LEFT JOIN LATERAL (SELECT x.id FROM upscrolled_followrequest x
                   WHERE x.account_id = a.id AND x.target_id = %(viewer)s
                   LIMIT 1) qb ON true
LEFT JOIN LATERAL (SELECT x.id FROM upscrolled_block x
                   WHERE x.account_id = %(viewer)s AND x.target_id = a.id
                   LIMIT 1) b ON true
LEFT JOIN LATERAL (SELECT x.id FROM upscrolled_block x
                   WHERE x.account_id = a.id AND x.target_id = %(viewer)s
                   LIMIT 1) bb ON true
LEFT JOIN LATERAL (SELECT x.id, x.notifications, x.expires_at FROM upscrolled_mute x
                   WHERE x.account_id = %(viewer)s AND x.target_id = a.id
                     AND (x.expires_at IS NULL OR x.expires_at > now())
                   LIMIT 1) m ON true
"""
_FROM = f"""
FROM upscrolled_account a
LEFT JOIN upscrolled_accountcounters c ON c.account_id = a.id
{_RELATED}
WHERE a.id = ANY(%(ids)s)
"""
SQL = _COLUMNS + _RELATION + _FROM
# As a page of posts needs it, where nobody's answer depends on whom the author follows.
ONE_WAY_SQL = SQL.replace(_FOLLOWS_BACK, "").replace("fb.id IS NOT NULL", "NULL::boolean")
CLOSE_SQL = _COLUMNS + _RELATION + _CLOSELY + _FROM
# The same relations of many viewers at once; who has none with somebody is left out.
_MANY = f"""
SELECT v.id, a.id, {_RELATION}
FROM unnest(%(viewers)s::bigint[]) v (id) CROSS JOIN unnest(%(ids)s::bigint[]) a (id)
{_RELATED.replace("%(viewer)s", "v.id")}
WHERE coalesce(f.id, fb.id, q.id, qb.id, b.id, bb.id, m.id) IS NOT NULL
"""
_FIRST = Person.__struct_fields__.index("followed")
_LANGUAGES = Person.__struct_fields__.index("languages") - _FIRST
Relation = tuple[Any, ...]  # the fields of `Person` from `followed` on, as they stand in `_RELATION`


def load(viewer: Viewer, account_ids: Iterable[int], *, both_ways: bool = True) -> dict[int, Person]:
    """Bring these accounts into `viewer.people` (one statement, none if all are there) and return them all.

    Ids of nobody are left out of the answer. Not `both_ways`: whether they follow the viewer may be left open.
    """
    known = viewer.people
    wanted = [number for number in set(account_ids) if not _is_known(known.get(number), both_ways=both_ways)]
    if wanted:
        _bring(viewer, wanted, SQL if both_ways else ONE_WAY_SQL)
    return viewer.people


def load_closely(viewer: Viewer, account_ids: Iterable[int]) -> dict[int, Person]:
    """Load these accounts anew, as they stand now, with the viewer's remarks and recommendations too."""
    wanted = list(set(account_ids))
    forget(viewer, *wanted)
    if wanted:
        _bring(viewer, wanted, CLOSE_SQL)
    return viewer.people


def relations(viewer_ids: Iterable[int], account_ids: Iterable[int]) -> dict[int, dict[int, Relation]]:
    """Return by viewer and account what stands between each two of them, in one statement; strangers are left out."""
    found: dict[int, dict[int, Relation]] = {}
    row = {"viewers": list(viewer_ids), "ids": list(account_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_MANY, row)
        for viewer_id, account_id, *relation in cursor.fetchall():
            if relation[_LANGUAGES] is not None:  # a list cannot be compared by its hash
                relation[_LANGUAGES] = tuple(relation[_LANGUAGES])
            found.setdefault(viewer_id, {})[account_id] = tuple(relation)
    return found


def related(person: Person, relation: Relation) -> Person:
    """Return the person as somebody meets them who has this relation with them."""
    return Person(*astuple(person)[:_FIRST], *relation)


def forget(viewer: Viewer, *account_ids: int) -> None:
    """Drop these people from what the viewer knows, after a verb changed a relation with them."""
    for account_id in account_ids:
        viewer.people.pop(account_id, None)


def _is_known(person: Person | None, *, both_ways: bool) -> bool:
    return person is not None and not (both_ways and person.follows_me is None)


def _bring(viewer: Viewer, account_ids: list[int], statement: str) -> None:
    row: dict[str, Any] = {
        "viewer": viewer.id,
        "country": viewer.country,
        "ids": ids.array(account_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, row)
        for found in cursor.fetchall():
            person = Person(*found)
            viewer.people[person.id] = person
