"""Who of the staff may do what: the one table of roles and permissions (docs/adr/0026). Nothing here reads or writes.

A permission is named for what is done. PostgreSQL has the same table (`upscrolled_role_may`), and a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

PERMISSIONS: Final = (
    "sort",  # take a case, let it go, hand it on, note something; sort reports
    "hold",  # hold something back until somebody who decides has looked
    "decide",  # decide cases, or find that they keep to the rules; take back what one has just decided oneself
    "decide_many",  # decide about many at once, and take all of that back
    "undo",  # take back what others decided, and have a case looked at again
    "appeals",  # answer appeals, also those at the door
    "dark",  # the lane of abuse and terror
    "law",  # the lane of orders
    "messages",  # read reported messages of a case that one holds
    "grant",  # grant a single case to somebody from outside
    "seal",  # propose and confirm that a decision stays sealed
    "orders",  # enter orders of authorities
    "policies",  # choose how rules at the door work
    "crisis",  # begin and end crisis mode
    "sign_ups",  # let in or turn away who waits
    "team",  # see how much the team had to look at
    "site",  # places, providers of addresses, the records
    "staff",  # give roles and end them
)
_MODERATOR: Final = ("sort", "hold", "decide", "messages", "sign_ups")
# The strongest first: the one that a profile names, where somebody has several.
ROLES: Final[dict[str, frozenset[str]]] = {
    "admin": frozenset(PERMISSIONS),
    "senior": frozenset(
        (*_MODERATOR, "decide_many", "undo", "appeals", "dark", "law", "grant", "seal", "crisis")
    ),
    "moderator": frozenset(_MODERATOR),
    "legal": frozenset(("sort", "hold", "decide", "messages", "law", "seal", "orders")),
    "policy": frozenset(("policies", "crisis")),
    "triage": frozenset(("sort", "hold")),
}
# These work on cases everywhere unless they are given less; legal has to do with law alone.
LANES_OF_LAW: Final = ("order", "intimate")
UNLIMITED: Final = ("admin", "policy")  # what these do is not about single cases: their reach has no limits


def may(roles: Iterable[str], permission: str) -> bool:
    """Say whether any of these roles has a permission."""
    return any(permission in ROLES.get(role, frozenset()) for role in roles)


def who_may(permission: str) -> list[str]:
    """Return the roles that have a permission."""
    return [role for role, permissions in ROLES.items() if permission in permissions]


def strongest(roles: Iterable[str]) -> str:
    """Return the role that a profile names; empty for none."""
    held = set(roles)
    return next((role for role in ROLES if role in held), "")
