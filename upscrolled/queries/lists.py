"""Lists of people, newest relation first, paged by the ids of the relations."""

from __future__ import annotations

from typing import NamedTuple

from upscrolled.core.ids import LARGEST
from upscrolled.core.paging import Page
from upscrolled.queries.persons import get_person, is_suspended, people
from upscrolled.queries.rows import rows
from upscrolled.viewer import Person, Viewer


class PeoplePage(NamedTuple):
    """People of a list, and the cursors of its ends: ids of relations, which only the Link header tells."""

    people: list[Person]
    first: int | None = None
    last: int | None = None


EMPTY = PeoplePage([])
NOT_BLOCKED = """
  AND NOT EXISTS (SELECT 1 FROM upscrolled_block b WHERE b.account_id = %(viewer)s AND b.target_id = a.id)
  AND NOT EXISTS (SELECT 1 FROM upscrolled_block b WHERE b.account_id = a.id AND b.target_id = %(viewer)s)
"""
_IN_FORCE = "AND (r.expires_at IS NULL OR r.expires_at > now())"


def followers(viewer: Viewer, account_id: int, page: Page) -> PeoplePage:
    """Return who follows somebody, newest first; nobody if they hide it. Raises NotFound."""
    if keeps_lists(get_person(viewer, account_id), viewer):
        return EMPTY
    return people_of(viewer, page, "follow", owner="target", owner_id=account_id, more=NOT_BLOCKED)


def following(viewer: Viewer, account_id: int, page: Page) -> PeoplePage:
    """Return whom somebody follows, newest first; nobody if they hide it. Raises NotFound."""
    if keeps_lists(get_person(viewer, account_id), viewer):
        return EMPTY
    return people_of(viewer, page, "follow", owner="account", owner_id=account_id, more=NOT_BLOCKED)


def blocks(viewer: Viewer, page: Page) -> PeoplePage:
    """Return whom the viewer blocks, newest first."""
    return people_of(viewer, page, "block", owner="account", owner_id=viewer.id)


def mutes(viewer: Viewer, page: Page) -> PeoplePage:
    """Return whom the viewer mutes at present, newest first."""
    return people_of(viewer, page, "mute", owner="account", owner_id=viewer.id, more=_IN_FORCE)


def endorsements(viewer: Viewer, account_id: int, page: Page) -> PeoplePage:
    """Return whom somebody recommends, newest first. Raises NotFound."""
    owner = get_person(viewer, account_id)
    if owner.id != viewer.id and (owner.blocked_by or is_suspended(owner)):
        return EMPTY
    return people_of(viewer, page, "endorsement", owner="account", owner_id=account_id, more=NOT_BLOCKED)


def follow_requests(viewer: Viewer, page: Page) -> PeoplePage:
    """Return who asks to follow the viewer, newest first."""
    return people_of(viewer, page, "followrequest", owner="target", owner_id=viewer.id)


def count_follow_requests(viewer: Viewer) -> int:
    """Return how many ask to follow the viewer."""
    return int(
        rows(
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


def people_of(
    viewer: Viewer, page: Page, relation: str, *, owner: str, owner_id: int, more: str = ""
) -> PeoplePage:
    """Return a page of the other ends of a relation that `owner_id` stands at the end named `owner` of."""
    statement = _LIST.format(
        relation=relation,
        owner=owner,
        other="account" if owner == "target" else "target",
        more=more,
        direction="ASC" if page.upward else "DESC",
    )
    bounds = {"under": page.max_id or LARGEST, "over": page.above or 0, "limit": page.limit}
    found = rows(statement, {"owner": owner_id, "viewer": viewer.id, **bounds})
    if page.upward:
        found.reverse()
    if not found:
        return EMPTY
    listed = people(viewer, [row[1] for row in found])
    return PeoplePage(listed, first=found[0][0], last=found[-1][0] if len(found) == page.limit else None)


def keeps_lists(owner: Person, viewer: Viewer) -> bool:
    """Say whether the owner shows this viewer neither followers nor followed."""
    if owner.id == viewer.id:
        return False
    return owner.hide_collections or owner.blocked_by or is_suspended(owner)
