"""Find people by what they are called."""

from __future__ import annotations

import re

from upscrolled.core import text
from upscrolled.queries.lists import NOT_BLOCKED
from upscrolled.queries.persons import named, people
from upscrolled.queries.rows import rows
from upscrolled.viewer import Person, Viewer

QUERY_MAX = 200
# A name in whatever script is found by its beginning, by the beginning of a word in it, or by being written nearly
# like it. Beginnings are a short walk along an index of each name, however many have them. The other two read as
# much of the indexes of trigrams as there are names with some of the letters, so they are asked only where
# beginnings do not fill the page, likeness only where nobody is called so at all. Of many it is some CANDIDATES,
# with nobody left out whom the viewer follows.
CANDIDATES = 100
_LAST = "\U0010ffff"  # no name goes on with a greater letter
_LIKE = "(lower(a.username) %% %(q)s::text OR lower(a.display_name) %% %(q)s::text)"
_SEARCH = f"""
WITH first AS MATERIALIZED (
  (SELECT a.id FROM upscrolled_account a
   WHERE lower(a.username) ~>=~ %(q)s::text AND lower(a.username) ~<=~ %(last)s::text
   ORDER BY lower(a.username) USING ~<~ LIMIT %(candidates)s)
  UNION
  (SELECT a.id FROM upscrolled_account a
   WHERE lower(a.display_name) ~>=~ %(q)s::text AND lower(a.display_name) ~<=~ %(last)s::text
   ORDER BY lower(a.display_name) USING ~<~ LIMIT %(candidates)s)
), found AS (
  SELECT id FROM first
  UNION
  (SELECT a.id FROM upscrolled_account a WHERE lower(a.display_name) LIKE %(word)s
     AND (SELECT count(*) FROM first) < %(limit)s::int + %(offset)s::int LIMIT %(candidates)s)
  UNION
  (SELECT a.id FROM upscrolled_account a WHERE {_LIKE}
     AND NOT EXISTS (SELECT 1 FROM first) LIMIT %(candidates)s)
  UNION
  (SELECT a.id FROM upscrolled_follow f JOIN upscrolled_account a ON a.id = f.target_id
   WHERE f.account_id = %(viewer)s AND (lower(a.username) LIKE %(begins)s OR lower(a.display_name) LIKE %(begins)s
                                        OR lower(a.display_name) LIKE %(word)s OR {_LIKE}))
  UNION
  SELECT %(exact)s::bigint
)
SELECT a.id FROM found
CROSS JOIN LATERAL (SELECT x.id, x.username, x.display_name, x.is_active, x.confirmed_at
                    FROM upscrolled_account x WHERE x.id = found.id LIMIT 1) a
CROSS JOIN LATERAL (SELECT x.followers FROM upscrolled_accountcounters x WHERE x.account_id = found.id LIMIT 1) c
LEFT JOIN upscrolled_follow f ON f.account_id = %(viewer)s AND f.target_id = a.id
WHERE a.is_active AND a.confirmed_at IS NOT NULL
  AND (a.id = %(exact)s OR (
    NOT EXISTS (SELECT 1 FROM upscrolled_restriction s
                WHERE s.subject_kind = 'account' AND s.subject_id = a.id AND s.kind = 'account_suspended'
                  AND s.starts_at <= now() AND (s.ends_at IS NULL OR s.ends_at > now()))
    {NOT_BLOCKED}))
  AND (f.id IS NOT NULL OR NOT %(following)s)
ORDER BY a.id = %(exact)s DESC, lower(a.username) LIKE %(begins)s DESC,
         lower(a.display_name) LIKE %(begins)s DESC, f.id IS NOT NULL DESC,
         greatest(similarity(lower(a.username), %(q)s::text),
                  similarity(lower(a.display_name), %(q)s::text)) DESC,
         c.followers DESC, a.id
LIMIT %(limit)s OFFSET %(offset)s
"""


def search_people(
    viewer: Viewer, q: str, *, limit: int, offset: int = 0, following: bool = False
) -> list[Person]:
    """Find people by name or display name: who is called exactly so, then by beginning, then by likeness.

    Somebody's exact name (or the address of their page) finds them even where one blocks the other: clients
    have no other way to unblock. `following` leaves only people the viewer follows.
    """
    wanted = text.clean(q[:QUERY_MAX])
    exact = named(wanted)
    name = wanted.removeprefix("@").lower()
    if not name:
        return []
    pattern = re.sub(r"([\\%_])", r"\\\1", name)
    row = {
        "viewer": viewer.id,
        "exact": exact or 0,
        "q": name,
        "last": name + _LAST,
        "begins": f"{pattern}%",
        "word": f"% {pattern}%",
        "following": following,
        "candidates": 0 if following else CANDIDATES,
        "limit": limit,
        "offset": offset,
    }
    return people(viewer, [found[0] for found in rows(_SEARCH, row)])
