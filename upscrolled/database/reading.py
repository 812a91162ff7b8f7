"""Where the request at hand reads: on a replica, until something says that it must be the primary.

The decision belongs to one request. It begins in `edge.py`, every statement asks for it in `replicated/base.py`,
and once it says the primary it stays there: nobody sees a newer page followed by an older one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from upscrolled.database import marks, watch


@dataclass(slots=True)
class Reading:
    """What is known of the request at hand. `alias` is the replica it reads on, None for the primary."""

    alias: str | None
    account_id: int | None = None
    wrote: bool = False  # whether it opened a transaction


_at_hand: ContextVar[Reading | None] = ContextVar("reading", default=None)


@contextmanager
def begin(alias: str | None) -> Iterator[Reading]:
    """Begin a request that reads on this replica, or on the primary."""
    reading = Reading(alias)
    token = _at_hand.set(reading)
    try:
        yield reading
    finally:
        _at_hand.reset(token)


def alias() -> str | None:
    """The replica to read on, or None for the primary."""
    reading = _at_hand.get()
    return None if reading is None else reading.alias


def leave() -> bool:
    """Read on the primary for the rest of the request; say whether it read on a replica until now."""
    reading = _at_hand.get()
    if reading is None or reading.alias is None:
        return False
    reading.alias = None
    return True


def in_transaction() -> None:
    """A transaction was opened: it may write, so the request stays on the primary and may leave a mark."""
    reading = _at_hand.get()
    if reading is not None:
        reading.alias, reading.wrote = None, True


@contextmanager
def on_primary() -> Iterator[None]:
    """Read here on the primary, whatever the request does elsewhere.

    For what fills a cache that later events only add to: an event that the replica has not seen yet, and that
    was told before the cache stood, would be missing from it for good.
    """
    reading = _at_hand.get()
    if reading is None:
        yield
        return
    before, reading.alias = reading.alias, None
    try:
        yield
    finally:
        if not reading.wrote:
            reading.alias = before


def settle(account_id: int | None) -> bool:
    """Say who asks (0 for an application, None for a token that nobody knows here).

    True if the request has to move to the primary for them, because the replica lacks something that they wrote or
    lacks their token; what was read so far may then be out of date.
    """
    reading = _at_hand.get()
    if reading is None:
        return False
    reading.account_id = account_id
    if reading.alias is None or account_id == 0:
        return False
    if account_id is None or marks.is_ahead_of(account_id, watch.replayed(reading.alias)):
        reading.alias = None
        return True
    return False
