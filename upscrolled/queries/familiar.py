"""Whom one knows among somebody's followers."""

from __future__ import annotations

from collections.abc import Sequence

from upscrolled.core import ids
from upscrolled.queries.persons import is_suspended, people
from upscrolled.queries.rows import rows
from upscrolled.viewer import Person, Viewer

SHOWN, PROBES, FEWEST = 20, 2_000, 100
# Either one's own list is walked and each asked for a follow of theirs, or their followers are walked and each
# looked for in one's own list: whichever is shorter, and of it only the newest. So somebody with two million
# followers costs no more than the list of the one who asks, and both are found in one statement for all.
_FAMILIAR = """
SELECT t.id, found.id FROM unnest(%(ids)s::bigint[]) AS t(id)
JOIN upscrolled_accountcounters theirs ON theirs.account_id = t.id
JOIN upscrolled_accountcounters mine ON mine.account_id = %(viewer)s
CROSS JOIN LATERAL (
  (SELECT w.target_id AS id FROM (
     SELECT f.target_id FROM upscrolled_follow f WHERE f.account_id = %(viewer)s
     ORDER BY f.id DESC LIMIT %(probes)s) w
   WHERE mine.following <= theirs.followers AND w.target_id <> t.id
     AND (SELECT 1 FROM upscrolled_follow g
          WHERE g.account_id = w.target_id AND g.target_id = t.id LIMIT 1) IS NOT NULL
     AND (SELECT a.hide_collections FROM upscrolled_account a WHERE a.id = w.target_id) = false
   LIMIT %(shown)s)
  UNION ALL
  (SELECT w.account_id FROM (
     SELECT f.account_id FROM upscrolled_follow f WHERE f.target_id = t.id
     ORDER BY f.id DESC LIMIT %(probes)s) w
   WHERE mine.following > theirs.followers
     AND (SELECT 1 FROM upscrolled_follow g
          WHERE g.account_id = %(viewer)s AND g.target_id = w.account_id LIMIT 1) IS NOT NULL
     AND (SELECT a.hide_collections FROM upscrolled_account a WHERE a.id = w.account_id) = false
   LIMIT %(shown)s)
) found
"""


def familiar_followers(viewer: Viewer, account_ids: Sequence[int]) -> dict[int, list[Person]]:
    """Return, for each of these people who is found, up to SHOWN of their followers whom the viewer follows.

    People who hide whom they know are not told of, nor are their followers. Of long lists the newest part is
    looked at, the longer the fewer people are asked about.
    """
    asked = [person for person in people(viewer, account_ids) if not is_suspended(person)]
    open_ids = [person.id for person in asked if not person.hide_collections and not person.blocked_by]
    known: dict[int, list[Person]] = {person.id: [] for person in asked}
    if not open_ids:
        return known
    probes = max(FEWEST, PROBES // len(open_ids))
    row = {"viewer": viewer.id, "ids": ids.array(open_ids), "probes": probes, "shown": SHOWN}
    pairs = rows(_FAMILIAR, row)
    loaded = {person.id: person for person in people(viewer, dict.fromkeys(pair[1] for pair in pairs))}
    for target_id, follower_id in pairs:
        follower = loaded.get(follower_id)
        if follower is not None and not is_suspended(follower):
            known[target_id].append(follower)
    return known
