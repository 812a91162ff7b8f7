"""A visit: one device and one person before it, who asks, waits, and asks again when told to.

Within a visit one thing follows the other, as on a phone; visits wait for nobody (see `wave`).
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from random import Random, randrange
from typing import Any

import msgspec

from upscrolled.surge.http import Abandoned, Answer, Client
from upscrolled.surge.ledger import Ledger
from upscrolled.surge.mailbox import Mailbox
from upscrolled.surge.meter import Meter

# What is asked for, and the class in which the product has it (docs/operations.md, Shedding).
CLASSES = {
    **dict.fromkeys(("instance", "app", "token", "sign-up", "confirm", "me", "home"), "core"),
    **dict.fromkeys(("post", "like", "follow"), "writing"),
    **dict.fromkeys(("notifications", "context", "profile", "suggestions"), "reading"),
    **dict.fromkeys(
        ("trends", "discover", "public", "a stranger's context", "a stranger's profile"), "extra"
    ),
}
LONGEST_WAIT = 12.0  # seconds that somebody waits when told to come again; told more, they do without
SECOND_TRIES = {"core": 2, "writing": 1, "reading": 1, "extra": 0}
THINKING = 0.3  # seconds, mean: two weeks are short


class Author(msgspec.Struct):
    """Somebody, by id."""

    id: str


class Seen(msgspec.Struct):
    """A post, as far as a visit needs it."""

    id: str
    account: Author
    reblog: Author | None = None


class _Drawn(msgspec.Struct):
    status: Seen


class _DiscoverPage(msgspec.Struct):
    items: list[_Drawn]


class GaveUp(Exception):
    """The visit cannot go on."""


@dataclass
class World:
    """What all visits share."""

    url: str
    meter: Meter
    ledger: Ledger
    mailbox: Mailbox
    seed: int
    run: str  # tells the names of this run from those of another
    number: int = 0
    hurry: bool = False  # nobody thinks: to find out what the machine can do


def somewhere() -> str:
    """Return an address on the net; which one makes no difference, so no seed says so."""
    return ".".join(str(randrange(1, 255)) for _ in range(4))


class Visit:
    """One device and one person before it."""

    def __init__(self, world: World, rng: Random, *, address: str, token: str = "") -> None:
        self.world, self.rng = world, rng
        self.client = Client(world.url, address=address, token=token)

    async def come(self) -> None:
        """Do it all, and hang up."""
        try:
            await self.stay()
        finally:
            await self.client.close()

    async def stay(self) -> None:
        raise NotImplementedError

    async def ask(self, kind: str, method: str, path: str, **body: Any) -> Answer | None:
        """Ask, and again if told to come again soon; None if refused for good. Raises GaveUp if nobody answered."""
        meter, importance = self.world.meter, CLASSES[kind]
        for left in range(SECOND_TRIES[importance], -1, -1):
            meter.now.sent[importance] += 1
            begun = time.monotonic()
            try:
                answer = await self.client.ask(method, path, **body)
            except Abandoned as why:
                meter.abandon(kind, importance, str(why))
                raise GaveUp from None
            meter.count(kind, importance, answer.status, (time.monotonic() - begun) * 1_000)
            if answer.status not in (429, 503):
                return answer
            pause = answer.retry_after
            if not left or pause is None or pause > LONGEST_WAIT:
                return None
            await self.client.close()  # nobody holds a line for that long
            await asyncio.sleep(pause)
        return None

    async def need(self, kind: str, method: str, path: str, **body: Any) -> Answer:
        """Ask for something without which the visit makes no sense. Raises GaveUp."""
        answer = await self.ask(kind, method, path, **body)
        if answer is None or answer.status >= 400:
            raise GaveUp
        return answer

    async def posts(self, kind: str, path: str) -> list[Seen]:
        """Read a list of posts."""
        answer = await self.ask(kind, "GET", path)
        if answer is None or answer.status != 200:
            return []
        if kind == "discover":
            return [item.status for item in msgspec.json.decode(answer.body, type=_DiscoverPage).items]
        return msgspec.json.decode(answer.body, type=list[Seen])

    async def think(self) -> None:
        """Look at what came."""
        if not self.world.hurry:
            await asyncio.sleep(self.rng.expovariate(1 / THINKING))
