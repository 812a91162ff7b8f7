"""Which accounts may not be erased yet: rooms above know of what is still being decided about them."""

from __future__ import annotations

from collections.abc import Callable, Collection

# Of numbers of accounts: those for which something is still open.
Held = Callable[[Collection[int]], set[int]]

_rooms: list[Held] = []


def join(held: Held) -> None:
    """Have this room asked too before an account is erased."""
    if held not in _rooms:
        _rooms.append(held)


def held(account_ids: Collection[int]) -> set[int]:
    """Return those of the accounts that have to wait."""
    return {account_id for room in _rooms for account_id in room(account_ids)}
