"""Viewer: who is looking, and what stands between them and the people on the page.

A page loads the people it speaks of once (`people.py`), for this viewer; after that every rule of
`visibility.py` is arithmetic on what is here. A rule that asks for somebody who was not loaded is a
mistake of ours and raises KeyError: no relation is ever guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from upscrolled.models import Account


class Person(msgspec.Struct, frozen=True, gc=False):
    """An account as this viewer meets it: profile, numbers, standing, and the relation both ways.

    The order of the fields is the order of the columns in `people.SQL`.
    """

    id: int
    username: str
    display_name: str
    note: str
    fields: str  # JSON text, as the driver brings it: rendered once a process, not once a row
    named: str | None  # user names after an @ in note and fields that are somebody's, with spaces between
    pronouns: str
    place_id: int | None
    avatar: str  # name of the stored picture, empty where there is none
    header: str
    avatar_description: str
    header_description: str
    locked: bool
    bot: bool
    discoverable: bool
    indexable: bool
    hide_collections: bool
    shows_application: bool  # beside their posts, to others
    active: bool
    confirmed: bool
    followers: int
    following_count: int
    posts: int
    last_post_on: date | None
    restrictions: tuple[str, ...]
    followed: bool
    shows_reposts: bool
    notifies: bool
    languages: list[str] | None
    follows_me: bool | None  # None: not asked (`people.load`)
    requested: bool
    requested_me: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool
    muting_until: Any
    # Loaded where relations are shown, by `people.load_closely`, and nowhere else.
    endorsed: bool = False
    remark: str = ""

    @property
    def blocked(self) -> bool:
        """Whether either of the two blocks the other."""
        return self.blocking or self.blocked_by


@dataclass(slots=True)
class Viewer:
    """Who is looking: an account with the version of its relations, or nobody."""

    account: Account | None = None
    graph_version: int = 0
    country: str = ""
    people: dict[int, Person] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The account's id, or 0 for nobody: no row has that id."""
        return self.account.id if self.account is not None else 0

    def person(self, account_id: int) -> Person:
        """Return that account as this viewer meets it; it must have been loaded for this page."""
        return self.people[account_id]


ANONYMOUS_GRAPH_VERSION = 0
