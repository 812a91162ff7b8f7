"""From events to what listeners are told. Each room registers a teller for the events it can render."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol

import msgspec

from upscrolled.streaming.channels import Channel, reaches
from upscrolled.streams import Event


class Hearing(Protocol):
    """A listener as tellers see them: whom the token is of (0: nobody) and where they are."""

    @property
    def account_id(self) -> int: ...
    @property
    def country(self) -> str: ...
    @property
    def scopes(self) -> str: ...


Place = tuple[Any, Channel]  # a listener, and the channel on which they hear something


class Ears:
    """Who listens where. Changed between two batches of events only, never while tellers read it."""

    def __init__(self) -> None:
        self._places: dict[str, dict[str, dict[Hearing, set[Channel]]]] = {}

    def add(self, listener: Hearing, channel: Channel) -> None:
        """Let somebody listen."""
        keys = self._places.setdefault(channel.kind.source, {})
        keys.setdefault(channel.key, {}).setdefault(listener, set()).add(channel)

    def remove(self, listener: Hearing, channel: Channel) -> None:
        """Let somebody listen no longer."""
        keys = self._places.get(channel.kind.source, {})
        heard = keys.get(channel.key, {})
        heard.get(listener, set()).discard(channel)
        if not heard.get(listener):
            heard.pop(listener, None)
        if not heard:
            keys.pop(channel.key, None)

    def on(self, source: str, key: str | int = "") -> list[Place]:
        """Return who listens to a source under this key: an account, a hashtag, a list."""
        heard = self._places.get(source, {}).get(str(key), {})
        return [(listener, channel) for listener, channels in heard.items() for channel in channels]

    def keys(self, source: str) -> list[str]:
        """Return the keys under which somebody listens."""
        return list(self._places.get(source, {}))


@dataclass(slots=True)
class Told:
    """One thing told to some listeners on channels of theirs. `payload` is JSON, None where there is none."""

    event: Event
    places: Sequence[Place]
    name: str
    payload: str | None
    _frames: dict[tuple[Channel, bool], bytes | str] = field(default_factory=dict)

    def frame(self, channel: Channel, *, last: bool) -> str:
        """Return the frame of a WebSocket: one text for all who hear this on the same channel.

        Only the last frame of an event carries its id, so that who comes back after the first gets both again.
        """
        found = self._frames.get((channel, last))
        if found is None:
            shown: dict[str, Any] = {"stream": channel.labels, "event": self.name}
            if self.payload is not None:
                shown["payload"] = self.payload
            if last:
                shown["id"] = self.event.id
            found = self._frames[channel, last] = msgspec.json.encode(shown).decode()
        return str(found)


class Teller(Protocol):
    """Says who is told what of some events, which come in their order."""

    def __call__(self, events: Sequence[Event], ears: Ears) -> Iterable[Told]: ...


_tellers: dict[str, Teller] = {}
_guards: dict[str, Callable[[str, int], bool]] = {}


def register(*names: str, teller: Teller) -> None:
    """Let this teller speak of events with these names; a room does so in its `live` module."""
    for name in names:
        _tellers[name] = teller


def guard(source: str, *, asks: Callable[[str, int], bool]) -> None:
    """Let a room say who may listen to a source: `asks` gets the key and the account, and reads what is there now."""
    _guards[source] = asks


def may_listen(channel: Channel, account_id: int) -> bool:
    """Say whether this account may listen there, as far as some room has a word in it; reads the database."""
    asks = _guards.get(channel.kind.source)
    return asks is None or asks(channel.key, account_id)


def tell(events: Sequence[Event], ears: Ears) -> Iterator[Told]:
    """Say who is told what, in the order of the events as far as any one listener can see it."""
    for teller, together in groupby(events, key=lambda event: _tellers.get(event.name, as_it_is)):
        yield from teller(list(together), ears)


def as_it_is(events: Sequence[Event], ears: Ears) -> Iterator[Told]:
    """Tell the accounts that an event is for what it is about, as it stands."""
    for event in events:
        places = [place for account in event.to for place in ears.on(event.on, account)]
        places = [place for place in places if reaches(place[0].scopes, event.name)]
        if places:
            payload = msgspec.json.encode(event.about).decode() if event.about else None
            yield Told(event, places, event.name, payload)
