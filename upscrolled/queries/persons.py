"""People one by one. Who closed the account or never confirmed it is not found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from upscrolled import people as loader
from upscrolled.core.errors import NotFound
from upscrolled.queries.rows import rows
from upscrolled.viewer import Person, Viewer

_NAME = re.compile(r"@?([A-Za-z0-9_]{1,30})(?:@(.+))?\Z")


def get_person(viewer: Viewer, account_id: int) -> Person:
    """Return somebody, or raise NotFound. People who block the viewer, or are suspended, are found."""
    person = loader.load(viewer, [account_id]).get(account_id)
    if person is None or not found_by(person, viewer):
        raise NotFound
    return person


def fresh_person(viewer: Viewer, account_id: int) -> Person:
    """Return somebody as they stand after a verb changed what is between the two."""
    return loader.load_closely(viewer, [account_id])[account_id]


def lookup(viewer: Viewer, acct: str) -> Person:
    """Return who is called `name`, `@name` or `name@this.host`, in any case. Raises NotFound."""
    account_id = named(acct)
    if account_id is None:
        raise NotFound
    return get_person(viewer, account_id)


def people(viewer: Viewer, account_ids: Iterable[int]) -> list[Person]:
    """Return these people in this order; who is not found is left out."""
    wanted = list(account_ids)
    loaded = loader.load(viewer, wanted)
    found = (loaded[account_id] for account_id in wanted if account_id in loaded)
    return [person for person in found if found_by(person, viewer)]


def relationships(
    viewer: Viewer, account_ids: Iterable[int], *, with_suspended: bool = False
) -> list[Person]:
    """Return these people, for what stands between each and the viewer."""
    wanted = list(account_ids)
    loaded = loader.load_closely(viewer, wanted)
    found = (loaded[account_id] for account_id in wanted if account_id in loaded)
    return [
        person
        for person in found
        if found_by(person, viewer) and (with_suspended or not is_suspended(person))
    ]


def found_by(person: Person, viewer: Viewer) -> bool:
    """Say whether this viewer finds this person: one's own account also before it is confirmed."""
    return person.active and (person.confirmed or person.id == viewer.id)


def is_suspended(person: Person) -> bool:
    """Say whether a suspension is in force."""
    return "account_suspended" in person.restrictions


def named(acct: str) -> int | None:
    """Return the id behind a name or the address of a page, or None; other hosts' names are nobody's."""
    site = urlsplit(settings.PUBLIC_URL)
    written = acct.strip().removeprefix(f"{settings.PUBLIC_URL}/")
    match = _NAME.match(written)
    if match is None:
        return None
    name, host = match.groups()
    if host is not None and host.lower() not in (site.netloc.lower(), site.hostname):
        return None
    found = rows("SELECT id FROM upscrolled_account WHERE lower(username) = %(name)s", {"name": name.lower()})
    return int(found[0][0]) if found else None
