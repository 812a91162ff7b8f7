"""People and relations as a viewer sees them. Who closed the account or never confirmed it is not found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from upscrolled import people as loader
from upscrolled.core import text
from upscrolled.core.errors import NotFound
from upscrolled.core.ids import LARGEST
from upscrolled.core.paging import Page
from upscrolled.viewer import Person, Viewer

QUERY_MAX = 200
_NAME = re.compile(r"@?([A-Za-z0-9_]{1,30})(?:@(.+))?\Z")


def get_person(viewer: Viewer, account_id: int) -> Person:
    """Return somebody, or raise NotFound. People who block the viewer, or are suspended, are found."""
    person = loader.load(viewer, [account_id]).get(account_id)
    if person is None or not _found(person, viewer):
        raise NotFound
    return person


def fresh_person(viewer: Viewer, account_id: int) -> Person:
    """Return somebody as they stand after a verb changed what is between the two."""
    loader.forget(viewer, account_id)
    return loader.load(viewer, [account_id])[account_id]


def lookup(viewer: Viewer, acct: str) -> Person:
    """Return who is called `name`, `@name` or `name@this.host`, in any case. Raises NotFound."""
    account_id = _named(acct)
    if account_id is None:
        raise NotFound
    return get_person(viewer, account_id)


def people(viewer: Viewer, account_ids: Iterable[int]) -> list[Person]:
    """Return these people in this order; who is not found is left out."""
    wanted = list(account_ids)
    loaded = loader.load(viewer, wanted)
    found = (loaded[account_id] for account_id in wanted if account_id in loaded)
    return [person for person in found if _found(person, viewer)]


def relationships(
    viewer: Viewer, account_ids: Iterable[int], *, with_suspended: bool = False
) -> list[Person]:
    """Return these people, for what stands between each and the viewer."""
    found = people(viewer, account_ids)
    return [person for person in found if with_suspended or not _suspended(person)]


# --- lists -------------------------------------------------------------------------------------------


class PeoplePage(NamedTuple):
    """People of a list, and the cursors of its ends: ids of relations, which only the Link header tells."""

    people: list[Person]
    first: int | None = None
    last: int | None = None


_EMPTY = PeoplePage([])
_NOT_BLOCKED = """
  AND NOT EXISTS (SELECT 1 FROM upscrolled_block b WHERE b.account_id = %(viewer)s AND b.target_id = a.id)
  AND NOT EXISTS (SELECT 1 FROM upscrolled_block b WHERE b.account_id = a.id AND b.target_id = %(viewer)s)
"""
_IN_FORCE = "AND (r.expires_at IS NULL OR r.expires_at > now())"


def followers(viewer: Viewer, account_id: int, page: Page) -> PeoplePage:
    """Return who follows somebody, newest first; nobody if they hide it. Raises NotFound."""
    if _keeps_lists(get_person(viewer, account_id), viewer):
        return _EMPTY
    return _list(viewer, page, "follow", owner="target", owner_id=account_id, more=_NOT_BLOCKED)


def following(viewer: Viewer, account_id: int, page: Page) -> PeoplePage:
    """Return whom somebody follows, newest first; nobody if they hide it. Raises NotFound."""
    if _keeps_lists(get_person(viewer, account_id), viewer):
        return _EMPTY
    return _list(viewer, page, "follow", owner="account", owner_id=account_id, more=_NOT_BLOCKED)


def blocks(viewer: Viewer, page: Page) -> PeoplePage:
    """Return whom the viewer blocks, newest first."""
    return _list(viewer, page, "block", owner="account", owner_id=viewer.id)


def mutes(viewer: Viewer, page: Page) -> PeoplePage:
    """Return whom the viewer mutes at present, newest first."""
    return _list(viewer, page, "mute", owner="account", owner_id=viewer.id, more=_IN_FORCE)


def follow_requests(viewer: Viewer, page: Page) -> PeoplePage:
    """Return who asks to follow the viewer, newest first."""
    return _list(viewer, page, "followrequest", owner="target", owner_id=viewer.id)


def count_follow_requests(viewer: Viewer) -> int:
    """Return how many ask to follow the viewer."""
    return int(
        _rows(
            """SELECT count(*) FROM upscrolled_followrequest r
               JOIN upscrolled_account a ON a.id = r.account_id AND a.is_active
               WHERE r.target_id = %(viewer)s""",
            {"viewer": viewer.id},
        )[0][0]
    )


# Bounds are always there, so that it is one statement, prepared once, whatever page is asked for.
_LIST = """
SELECT r.id, a.id FROM upscrolled_{relation} r
JOIN upscrolled_account a ON a.id = r.{other}_id AND a.is_active AND a.confirmed_at IS NOT NULL
WHERE r.{owner}_id = %(owner)s AND r.id < %(under)s::bigint AND r.id > %(over)s::bigint {more}
ORDER BY r.id {direction} LIMIT %(limit)s
"""


def _list(
    viewer: Viewer, page: Page, relation: str, *, owner: str, owner_id: int, more: str = ""
) -> PeoplePage:
    statement = _LIST.format(
        relation=relation,
        owner=owner,
        other="account" if owner == "target" else "target",
        more=more,
        direction="ASC" if page.upward else "DESC",
    )
    bounds = {"under": page.max_id or LARGEST, "over": page.above or 0, "limit": page.limit}
    rows = _rows(statement, {"owner": owner_id, "viewer": viewer.id, **bounds})
    if page.upward:
        rows.reverse()
    if not rows:
        return _EMPTY
    full = len(rows) == page.limit
    found = people(viewer, [row[1] for row in rows])
    return PeoplePage(found, first=rows[0][0], last=rows[-1][0] if full else None)


def _keeps_lists(owner: Person, viewer: Viewer) -> bool:
    """Say whether the owner shows this viewer neither followers nor followed."""
    if owner.id == viewer.id:
        return False
    return owner.hide_collections or owner.blocked_by or _suspended(owner)


# --- search ------------------------------------------------------------------------------------------

# Both names have an index of trigrams; a name in whatever script is found by its beginning, by the beginning
# of a word in it, or by being written nearly like it. One letter matches a large part of everybody: then the
# order is that of some CANDIDATES, with nobody left out whom the viewer follows.
CANDIDATES = 1_000
_MATCHES = """
  (lower(a.username) LIKE %(begins)s OR lower(a.display_name) LIKE %(begins)s
   OR lower(a.display_name) LIKE %(word)s
   OR lower(a.username) %% %(q)s::text OR lower(a.display_name) %% %(q)s::text)
"""
_SEARCH = f"""
WITH found AS (
  (SELECT a.id FROM upscrolled_account a WHERE {_MATCHES} LIMIT %(candidates)s)
  UNION
  (SELECT a.id FROM upscrolled_follow f JOIN upscrolled_account a ON a.id = f.target_id
   WHERE f.account_id = %(viewer)s AND {_MATCHES})
  UNION
  SELECT %(exact)s::bigint
)
SELECT a.id FROM found
JOIN upscrolled_account a ON a.id = found.id
JOIN upscrolled_accountcounters c ON c.account_id = a.id
LEFT JOIN upscrolled_follow f ON f.account_id = %(viewer)s AND f.target_id = a.id
WHERE a.is_active AND a.confirmed_at IS NOT NULL
  AND (a.id = %(exact)s OR (
    NOT EXISTS (SELECT 1 FROM upscrolled_restriction s
                WHERE s.subject_kind = 'account' AND s.subject_id = a.id AND s.kind = 'account_suspended'
                  AND s.starts_at <= now() AND (s.ends_at IS NULL OR s.ends_at > now()))
    {_NOT_BLOCKED}))
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
    exact = _named(wanted)
    name = wanted.removeprefix("@").lower()
    if not name:
        return []
    pattern = re.sub(r"([\\%_])", r"\\\1", name)
    row = {
        "viewer": viewer.id,
        "exact": exact or 0,
        "q": name,
        "begins": f"{pattern}%",
        "word": f"% {pattern}%",
        "following": following,
        "candidates": 0 if following else CANDIDATES,
        "limit": limit,
        "offset": offset,
    }
    return people(viewer, [found[0] for found in _rows(_SEARCH, row)])


# --- the site ----------------------------------------------------------------------------------------


class Figures(NamedTuple):
    """The size of the site. Active is who posted in the last 30 days."""

    people: int
    posts: int
    active: int


def figures(now: datetime) -> Figures:
    """Return the size of the site, at most a minute old."""
    return _figures(int(now.timestamp()) // 60)


@lru_cache(maxsize=1)
def _figures(minute: int) -> Figures:
    return Figures(
        *_rows(
            """SELECT count(*), coalesce(sum(c.posts), 0)::bigint,
                      count(*) FILTER (WHERE c.last_post_on >= current_date - 30)
               FROM upscrolled_account a JOIN upscrolled_accountcounters c ON c.account_id = a.id
               WHERE a.is_active AND a.confirmed_at IS NOT NULL""",
            {},
        )[0]
    )


# --- how ---------------------------------------------------------------------------------------------


def _found(person: Person, viewer: Viewer) -> bool:
    return person.active and (person.confirmed or person.id == viewer.id)


def _suspended(person: Person) -> bool:
    return "account_suspended" in person.restrictions


def _named(acct: str) -> int | None:
    """Return the id behind a name or the address of a page, or None; other hosts' names are nobody's."""
    site = urlsplit(settings.PUBLIC_URL)
    written = acct.strip().removeprefix(f"{settings.PUBLIC_URL}/")
    match = _NAME.match(written)
    if match is None:
        return None
    name, host = match.groups()
    if host is not None and host.lower() not in (site.netloc.lower(), site.hostname):
        return None
    rows = _rows("SELECT id FROM upscrolled_account WHERE lower(username) = %(name)s", {"name": name.lower()})
    return int(rows[0][0]) if rows else None


def _rows(statement: str, row: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, row)
        return list(cursor.fetchall())
