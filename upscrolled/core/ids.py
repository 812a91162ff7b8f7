"""Time-sortable 64-bit ids in Mastodon's layout: Unix milliseconds shifted left by 16, and 16 bits to differ.

Clients may read the time out of an id and page by ids as if they were times; the ranking reads a post's age
there.
"""

import os
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from secrets import randbelow
from threading import Lock
from typing import Final

LOW_BITS: Final = 16
# The highest of the low bits is nobody's here: it marks ids of private messages (`messaging/models/message.py`).
COUNTED: Final = (1 << LOW_BITS - 1) - 1
LARGEST: Final = (1 << 63) - 1

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
REMEMBERED: Final = 4096
SUPPOSED: Final = 10  # elements of an array that PostgreSQL does not know


def at(now: datetime) -> int:
    """A new id of the moment `now`, above every id that this process has made for the same millisecond.

    A millisecond that is full runs over into the next one. Two processes that make an id in the same
    millisecond make the same one with a chance of one in 16384: the table's primary key refuses the second,
    and its caller asks again. Raises ValueError for a naive datetime, and outside the years 1970 to 6429.
    """
    return _made.take(_ms(now))


def first_at(moment: datetime) -> int:
    """The smallest id of that millisecond: what to compare ids with to compare them with a time."""
    return _ms(moment) << LOW_BITS


def created_ms(identifier: int) -> int:
    """Unix milliseconds of the moment that an id was made for."""
    return identifier >> LOW_BITS


def created_at(identifier: int) -> datetime:
    """The moment, in UTC, that an id was made for."""
    return EPOCH + created_ms(identifier) * MILLISECOND


def array(identifiers: Iterable[int]) -> str:
    """Ids as a parameter of `= ANY(…)`, written as PostgreSQL writes an array: a driver takes longer over a list.

    It is filled up to ten with 0, which is the id of nothing.

    PostgreSQL supposes ten where it cannot know. A plan for fewer than it supposes looks cheaper than the one it
    has prepared, so it would plan the statement anew at every call, which takes several times what running it does.
    """
    wanted = [*map(str, identifiers)]
    wanted += ["0"] * (SUPPOSED - len(wanted))
    return f"{{{','.join(wanted)}}}"


def parse(text: str) -> int | None:
    """The id that a client wrote; None for anything but a positive decimal integer of signed 64 bits."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST))):
        return None
    number = int(text)
    return number if 0 < number <= LARGEST else None


def _ms(moment: datetime) -> int:
    if moment.utcoffset() is None:
        raise ValueError("an id needs a moment with a time zone")
    ms = (moment - EPOCH) // MILLISECOND
    if not 0 <= ms <= LARGEST >> LOW_BITS:
        raise ValueError("an id holds a moment from 1970 to 6429")
    return ms


class _Made:
    """What this process has made lately: the newest id of each of the last few thousand milliseconds.

    Not one number for all, because `now` may lie in the past (imports, demo data, a clock set back) and the
    id must still say that moment, not the latest one seen.
    """

    def __init__(self) -> None:
        self.start_afresh()

    def start_afresh(self) -> None:
        self._lock = Lock()
        self._newest: OrderedDict[int, int] = OrderedDict()

    def take(self, ms: int) -> int:
        with self._lock:
            while self._newest.get(ms, 0) & COUNTED == COUNTED:
                ms += 1
            made = self._newest[ms] + 1 if ms in self._newest else _first_of(ms)
            self._newest[ms] = made
            self._newest.move_to_end(ms)
            if len(self._newest) > REMEMBERED:
                self._newest.popitem(last=False)
            return made


def _first_of(ms: int) -> int:
    # Chance keeps processes apart that know nothing of each other; the lower half leaves room to count up.
    return ms << LOW_BITS | randbelow(1 << LOW_BITS - 2)


_made: Final = _Made()
# A forked worker must neither go on counting where its parent does nor inherit a lock that a thread held.
os.register_at_fork(after_in_child=_made.start_afresh)
