"""The events of the last minutes, for whoever comes back after a gap."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence

from upscrolled import streams
from upscrolled.streams import Event

Position = tuple[int, int]


class Kept:
    """Events in their order, each once. `cursor` is the id of the newest that was read."""

    def __init__(self) -> None:
        self.cursor = streams.FIRST
        self._events: deque[Event] = deque()
        self._seen: set[tuple[str, str]] = set()
        self._since: Position = (0, 0)  # nothing is known of what came before

    @property
    def newest(self) -> Position:
        """Where the newest event stands."""
        return streams.position(self.cursor) or (0, 0)

    def keep(self, events: Sequence[Event]) -> list[Event]:
        """Keep events and return those that are new: whoever owes one may tell it twice."""
        fresh = []
        for event in events:
            self.cursor = event.id
            if (name := _once(event)) is not None:
                if name in self._seen:
                    continue
                self._seen.add(name)
            self._events.append(event)
            fresh.append(event)
        return fresh

    def forget(self) -> None:
        """Forget what is too old or too much."""
        oldest = _oldest()
        while self._events and (len(self._events) > streams.MOST or at(self._events[0]) < oldest):
            event = self._events.popleft()
            self._since = at(event)
            if (name := _once(event)) is not None:
                self._seen.discard(name)

    def lacks(self, position: Position) -> bool:
        """Say whether something that came after this position may be forgotten."""
        return position < max(self._since, _oldest())

    def after(self, position: Position) -> list[Event]:
        """Return the events after a position."""
        events = list(self._events)
        return events[bisect_right(events, position, key=at) :]


def at(event: Event) -> Position:
    """Return where an event stands among the others."""
    return streams.position(event.id) or (0, 0)


def _oldest() -> Position:
    return int((time.time() - streams.KEPT_SECONDS) * 1_000), 0


def _once(event: Event) -> tuple[str, str] | None:
    """What an event is known by that whoever owes it may tell twice."""
    return (event.name, event.once) if event.once else None
