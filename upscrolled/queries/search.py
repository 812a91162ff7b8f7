"""Find people by what they are called."""

from __future__ import annotations

import re

from upscrolled.core import scripts, text
from upscrolled.models.account import DISPLAY_NAME_MAX, LATER_WORDS, USERNAME_MAX
from upscrolled.queries.lists import NOT_BLOCKED
from upscrolled.queries.persons import named, people
from upscrolled.queries.rows import rows
from upscrolled.viewer import Person, Viewer

QUERY_MAX = 200
# A name in whatever script is found by its beginning, by the beginning of a later word in it, or by being what was
# meant with one slip of the finger. Each is a walk along an index of names from where one could stand, as short for
# a name of nobody as for one of a hundred thousand; likeness of whole names (trigrams) would read as much of an index
# as there are names with some of the letters. Of many it is some CANDIDATES, and those of the FOLLOWED last.
CANDIDATES, FOLLOWED, EVERYBODY = 80, 400, 2**31 - 1
# What is right again for more than so many letters after a slip was none.
SLIP, EACH = 8, 3  # letters; people looked at for each thing that may have been meant
_LENGTH = (4, max(USERNAME_MAX, DISPLAY_NAME_MAX) + 1)  # of what may be a name with a slip in it
_LAST = "\U0010ffff"  # no name goes on with a greater letter
_SHOWN = f"translate(lower(a.display_name), '{scripts.ALIKE}', '{scripts.AS}')"
_NAMES = ("lower(a.username)", _SHOWN)
_WORDS = tuple(f"substring({_SHOWN}, '{pattern}')" for pattern in LATER_WORDS)


def _called(number: str) -> str:
    """SQL for one account, with both its names as they are compared. LIMIT has each worked out once a row."""
    return f"""SELECT a.id, lower(a.username) AS name, {_SHOWN} AS shown, a.is_active, a.confirmed_at
  FROM upscrolled_account a WHERE a.id = {number} LIMIT 1"""


def _walk(name: str, *, begins: str = "%(q)s::text", limit: str = "%(candidates)s") -> str:
    """SQL for people one of whose names begins like this, in the order of that name."""
    return f"""(SELECT a.id FROM upscrolled_account a
   WHERE {name} ~>=~ {begins} AND {name} ~<=~ ({begins} || %(last)s::text)
   ORDER BY {name} USING ~<~ LIMIT {limit})"""


def _walks(names: tuple[str, ...], when: str) -> str:
    return "\n  UNION\n  ".join(f"(SELECT id FROM {_walk(name)} w WHERE {when})" for name in names)


# How many letters of what was typed somebody's name begins with; then all that differs by one slip not long before:
# a letter missing, another one, one too many, two exchanged.
_SLIPS = f"""
SELECT DISTINCT left(%(q)s::text, n) || rest AS name FROM (
  SELECT greatest(max(n), 0) AS reach FROM generate_series(1, length(%(q)s::text)) n
  WHERE {" OR ".join(f"EXISTS {_walk(name, begins='left(%(q)s::text, n)', limit='1')}" for name in _NAMES)}
) begins
CROSS JOIN generate_series(greatest(reach - {SLIP}, 0), reach) n
CROSS JOIN LATERAL (
  SELECT letter || substr(%(q)s::text, n + gone) AS rest
  FROM unnest(string_to_array(%(letters)s::text, NULL)) letter CROSS JOIN (VALUES (1), (2)) skipped (gone)
  UNION ALL SELECT substr(%(q)s::text, n + 2)
  UNION ALL SELECT reverse(substr(%(q)s::text, n + 1, 2)) || substr(%(q)s::text, n + 3)
) meant
"""
_SEARCH = f"""
WITH first AS MATERIALIZED (
  {_walks(_NAMES, "true")}
), later AS MATERIALIZED (
  {_walks(_WORDS, "%(following)s OR (SELECT count(*) FROM first) < %(limit)s::int + %(offset)s::int")}
), followed AS MATERIALIZED (
  SELECT a.id FROM (SELECT f.target_id FROM upscrolled_follow f WHERE f.account_id = %(viewer)s
                    ORDER BY f.id DESC LIMIT %(followed)s) f
  CROSS JOIN LATERAL ({_called("f.target_id")}) a
  WHERE greatest((SELECT count(*) FROM first), (SELECT count(*) FROM later)) >= %(candidates)s
    AND (a.name LIKE %(begins)s OR a.shown LIKE %(begins)s OR a.shown LIKE %(word)s)
), found AS (
  SELECT id FROM first UNION SELECT id FROM later UNION SELECT id FROM followed UNION
  (SELECT w.id FROM ({_SLIPS}) s CROSS JOIN LATERAL (
     {" UNION ".join(_walk(name, begins="s.name", limit=str(EACH)) for name in _NAMES)}) w
   WHERE NOT EXISTS (SELECT 1 FROM first) AND NOT EXISTS (SELECT 1 FROM later)
     AND length(%(q)s::text) BETWEEN {_LENGTH[0]} AND {_LENGTH[1]} LIMIT %(candidates)s)
  UNION SELECT %(exact)s::bigint
)
SELECT a.id FROM found
CROSS JOIN LATERAL ({_called("found.id")}) a
CROSS JOIN LATERAL (SELECT x.followers FROM upscrolled_accountcounters x WHERE x.account_id = found.id LIMIT 1) c
LEFT JOIN upscrolled_follow f ON f.account_id = %(viewer)s AND f.target_id = a.id
WHERE a.is_active AND a.confirmed_at IS NOT NULL
  AND (a.id = %(exact)s OR (
    NOT EXISTS (SELECT 1 FROM upscrolled_restriction s
                WHERE s.subject_kind = 'account' AND s.subject_id = a.id AND s.kind = 'account_suspended'
                  AND s.starts_at <= now() AND (s.ends_at IS NULL OR s.ends_at > now()))
    {NOT_BLOCKED}))
  AND (f.id IS NOT NULL OR NOT %(following)s)
ORDER BY a.id = %(exact)s DESC, a.name LIKE %(begins)s DESC, a.shown LIKE %(begins)s DESC, f.id IS NOT NULL DESC,
         greatest(similarity(a.name, %(q)s::text), similarity(a.shown, %(q)s::text)) DESC,
         c.followers DESC, a.id
LIMIT %(limit)s OFFSET %(offset)s
"""


def search_people(
    viewer: Viewer, q: str, *, limit: int, offset: int = 0, following: bool = False
) -> list[Person]:
    """Find people by name or display name: who is called exactly so, then by beginning, then but for one slip.

    Somebody's exact name (or the address of their page) finds them even where one blocks the other: clients
    have no other way to unblock. `following` leaves only people the viewer follows.
    """
    wanted = text.clean(q[:QUERY_MAX])
    exact = named(wanted)
    name = scripts.folded(wanted.removeprefix("@").lower())
    if not name:
        return []
    pattern = re.sub(r"([\\%_])", r"\\\1", name)
    row = {
        "viewer": viewer.id,
        "exact": exact or 0,
        "q": name,
        "last": _LAST,
        "letters": f"{scripts.letters(name)} ",
        "begins": f"{pattern}%",
        "word": f"% {pattern}%",
        "following": following,
        "candidates": CANDIDATES,
        "followed": EVERYBODY if following else FOLLOWED,
        "limit": limit,
        "offset": offset,
    }
    return people(viewer, [found[0] for found in rows(_SEARCH, row)])
