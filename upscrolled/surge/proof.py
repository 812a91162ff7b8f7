"""Is everything there that was acknowledged? Asked of the product itself, as its owner would."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from upscrolled.surge.http import Abandoned, Answer, Client
from upscrolled.surge.ledger import Person

AT_ONCE = 4
TRIES, PAUSE = 30, 2.0
_PAGE = 40
_Thing = TypeVar("_Thing", bound=msgspec.Struct)


class Unanswered(Exception):
    """The product did not answer although it was asked again and again."""


@dataclass
class Proof:
    """How many acknowledged things of each kind were looked for, and which of them were not there."""

    checked: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("sign-ups", "posts", "likes", "follows"), 0)
    )
    lost: list[str] = field(default_factory=list)

    def note(self, kind: str, asked: Iterable[str], found: Iterable[str], of: Person) -> None:
        """Compare what somebody was promised with what is there."""
        asked = set(asked)
        self.checked[kind] += len(asked)
        self.lost += [f"{kind} {one} of {of.name}" for one in sorted(asked - set(found))]


class _Post(msgspec.Struct):
    id: str
    favourited: bool = False


class _Relationship(msgspec.Struct):
    id: str
    following: bool
    requested: bool = False


class _Me(msgspec.Struct):
    username: str


async def prove(url: str, people: list[Person]) -> Proof:
    """Read back every sign-up, post, like and follow. Raises Unanswered."""
    proof, gate = Proof(), asyncio.Semaphore(AT_ONCE)

    async def one(person: Person) -> None:
        async with gate:
            client = Client(url, address=person.address, token=person.token)
            try:
                await _prove(client, person, proof)
            finally:
                await client.close()

    await asyncio.gather(*(one(person) for person in people))
    return proof


async def _prove(client: Client, person: Person, proof: Proof) -> None:
    me = await _ask(client, "/api/v1/accounts/verify_credentials")
    # Whoever never opened the link of the mail has an account that says so.
    is_there = me.status == 403 or (
        me.status == 200 and msgspec.json.decode(me.body, type=_Me).username == person.name
    )
    proof.note("sign-ups", [person.name], [person.name] if is_there else [], person)
    for ids in _pages(person.posts):
        posts = _listed(await _ask(client, "/api/v1/statuses", ids), _Post)
        proof.note("posts", ids, [post.id for post in posts], person)
    for ids in _pages(person.likes):
        posts = _listed(await _ask(client, "/api/v1/statuses", ids), _Post)
        proof.note("likes", ids, [post.id for post in posts if post.favourited], person)
    for ids in _pages(person.follows):
        found = _listed(await _ask(client, "/api/v1/accounts/relationships", ids), _Relationship)
        proof.note("follows", ids, [one.id for one in found if one.following or one.requested], person)


def _pages(ids: set[str]) -> Iterator[tuple[str, ...]]:
    ordered = sorted(ids)
    return (tuple(ordered[first : first + _PAGE]) for first in range(0, len(ordered), _PAGE))


def _listed(answer: Answer, kind: type[_Thing]) -> list[_Thing]:
    """Read a list; whoever gets another answer than a list has nothing there."""
    return msgspec.json.decode(answer.body, type=list[kind]) if answer.status == 200 else []  # type: ignore[valid-type]


async def _ask(client: Client, path: str, ids: Iterable[str] = ()) -> Answer:
    """Ask until it is answered; limits and refusals are waited for. Raises Unanswered."""
    query = "&".join(f"id[]={one}" for one in ids)
    for _ in range(TRIES):
        try:
            answer = await client.ask("GET", f"{path}?{query}" if query else path)
        except Abandoned:
            await asyncio.sleep(PAUSE)
            continue
        if answer.status not in (429, 500, 502, 503):
            return answer
        await asyncio.sleep(min(answer.retry_after or 5 * PAUSE, 30.0))
    raise Unanswered(f"{path} was not answered in {TRIES} attempts.")
