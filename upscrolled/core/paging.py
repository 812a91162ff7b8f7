"""Pages of lists by id, newest first, as Mastodon's clients ask for them; by offset for other lists.

All three bounds are exclusive. `max_id`: what is older. `since_id`: the newest page of what is newer.
`min_id`: the page just above, still newest first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
Params = dict[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for: at most `limit`; `offset` only in lists that ids do not order."""

    max_id: int | None = None
    since_id: int | None = None
    min_id: int | None = None
    limit: int = 20
    offset: int = 0

    @classmethod
    def clamped(
        cls,
        limit: int | None,
        default: int,
        maximum: int,
        *,
        max_id: int | None = None,
        since_id: int | None = None,
        min_id: int | None = None,
        offset: int | None = None,
    ) -> "Page":
        """A page whose limit is the default when none is asked for, and else from 1 to the maximum."""
        size = default if limit is None else max(1, min(limit, maximum))
        return cls(max_id, since_id, min_id, size, max(0, offset or 0))

    @property
    def upward(self) -> bool:
        """Whether the page is filled from its lower bound upwards: read ascending, then turn round."""
        return self.min_id is not None

    @property
    def above(self) -> int | None:
        """The bound that every id lies above. `min_id` wins over `since_id`, as at Mastodon."""
        return self.since_id if self.min_id is None else self.min_id

    def holds(self, identifier: int) -> bool:
        """Whether an id lies within the bounds, however many others do."""
        over, under = self.above, self.max_id
        return (over is None or identifier > over) and (under is None or identifier < under)

    def cut(self, ids: Iterable[int]) -> list[int]:
        """The ids of this page out of any, each once, newest first."""
        within = sorted({identifier for identifier in ids if self.holds(identifier)}, reverse=True)
        return within[-self.limit :] if self.upward else within[: self.limit]

    def window(self, items: Sequence[T]) -> Sequence[T]:
        """The items of this page out of a list that has an order of its own."""
        return items[self.offset : self.offset + self.limit]

    def links(
        self, first_id: int | None, last_id: int | None, full: bool
    ) -> tuple[Params | None, Params | None]:
        """The query parameters of the next (older) and the previous (newer) page; None where no link belongs.

        `first_id` and `last_id` are those of the page as read from the list, None when it was empty; `full`
        says whether it held `limit` entries before any were hidden from the reader.
        """
        if first_id is None or last_id is None:
            return None, None
        older = {"limit": str(self.limit), "max_id": str(last_id)}
        newer = {"limit": str(self.limit), "min_id": str(first_id)}
        return older if full else None, newer

    def offset_links(self, full: bool) -> tuple[Params | None, Params | None]:
        """The same as `links`, for a list that is paged by offset."""
        after = {"limit": str(self.limit), "offset": str(self.offset + self.limit)}
        before = {"limit": str(self.limit), "offset": str(max(0, self.offset - self.limit))}
        return after if full else None, before if self.offset else None
