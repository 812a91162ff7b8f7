"""The kinds of request that are measured, each spread over many people as real readers are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from random import Random
from typing import Any

from tests.benchmarks.load import Request


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with a token."""

    id: int
    token: str
    followers: int


@dataclass
class Cast:
    """Who reads, and what there is to read."""

    readers: list[Reader]
    authors: list[int]  # accounts with at least 20 posts of their own
    told: list[Reader]  # readers with at least 20 notifications
    threads: list[int]  # public posts with three to five answers
    posts: list[tuple[int, int]]  # public posts as (post, author)
    talks: list[tuple[int, Reader]] = field(default_factory=list)  # conversations, and somebody in each


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request. `prepare` runs before each block and is not measured.

    `must` and `aim` are milliseconds of CPU (discover is bound to home). `writes` is True
    where the worker is held, so that only the answer is counted. With `again` each request of a block is sent
    once before, unmeasured: these readers have been here lately, whatever other kinds did to their lists.
    `against` names the ordinary kind that a heavy one is compared with; `most` bounds the requests of a block,
    where only one person can ask.
    """

    name: str
    title: str
    make: Callable[[int], list[Request]]
    must: float | None
    aim: float | None
    peers: str
    writes: bool = False
    again: bool = False
    prepare: Callable[[], Any] = lambda: None
    against: str = ""
    most: int = 1_000_000


def kinds(cast: Cast, *, forget_readers: Callable[[], None]) -> list[Kind]:
    """Return all kinds. Each `make(n)` returns n requests that nobody has sent before, where that matters."""
    rng = Random(1)
    turn = cycle(cast.readers)
    liked: list[Request] = []
    marks = _marks(cast, rng)

    def get(path: str, who: Iterator[Reader] = turn) -> Callable[[int], list[Request]]:
        return lambda n: [Request("GET", path, next(who).token) for _ in range(n)]

    def account(n: int) -> list[Request]:
        paths = (f"/api/v1/accounts/{rng.choice(cast.authors)}/statuses?limit=20" for _ in range(n))
        return [Request("GET", path, next(turn).token) for path in paths]

    def context(n: int) -> list[Request]:
        paths = (f"/api/v1/statuses/{rng.choice(cast.threads)}/context" for _ in range(n))
        return [Request("GET", path, next(turn).token) for path in paths]

    def favourite(n: int) -> list[Request]:
        made = [
            Request("POST", f"/api/v1/statuses/{post}/favourite", who.token) for post, who in _some(marks, n)
        ]
        liked.extend(made)
        return made

    def unfavourite(n: int) -> list[Request]:
        undone = [
            Request("POST", like.path.replace("favourite", "unfavourite"), like.token) for like in liked[:n]
        ]
        del liked[:n]
        return undone

    def post(n: int) -> list[Request]:
        return [_post(next(turn), number) for number in range(n)]

    told = cycle(cast.told)
    talks, drawn = cycle(cast.talks), count()

    def message(n: int) -> list[Request]:
        return [_message(*next(talks), next(drawn)) for _ in range(n)]

    def sync(n: int) -> list[Request]:
        path = "/api/v1/upscrolled/conversations/sync?cursor=0&limit=100"
        return [Request("GET", path, next(talks)[1].token) for _ in range(n)]

    private = [
        Kind("message", "send a message", message, 4.0, 2.5, "", writes=True),
        Kind("sync", "sync, 100 messages", sync, 5.0, 3.0, ""),
    ]
    return [
        Kind("home", "home, 20 posts", get("/api/v1/timelines/home?limit=20"), 3.4, 2.3, _HOME, again=True),
        Kind("home_first", "home, first visit", get("/api/v1/timelines/home?limit=20"), None, None, "GoToSocial 383",
             prepare=forget_readers),
        Kind("public", "public, 20 posts", get("/api/v1/timelines/public?limit=20"), 3.5, 2.0,
             "Takahē 36, GoToSocial 4.2-8.4"),
        Kind("account", "account, 20 posts", account, 3.5, 2.0, "Takahē 50, GoToSocial 33"),
        Kind("discover", "discover, 20 posts", get("/api/v1/upscrolled/discover"), None, None, "no peer runs one",
             again=True),
        Kind("discover_first", "discover, first visit", get("/api/v1/upscrolled/discover"), None, None, "",
             prepare=forget_readers),
        Kind("trends", "trends, 20 posts", get("/api/v1/trends/statuses?limit=20"), None, None, "no peer runs one",
             again=True),
        Kind("context", "context, 3 to 5 answers", context, 5.0, 3.0, "Takahē 56, GoToSocial 9"),
        Kind("notifications", "notifications, 20", get("/api/v1/notifications?limit=20", told), 5.0, 3.0,
             "Takahē 140, GoToSocial 19"),
        Kind("favourite", "favourite", favourite, 4.0, 2.5, "Takahē 23, GoToSocial 5-12", writes=True),
        Kind("unfavourite", "unfavourite", unfavourite, 4.0, 2.5, "", writes=True),
        Kind("post", "post (answer)", post, 4.0, 2.5, "Takahē 21, GoToSocial 13", writes=True),
        *(private if cast.talks else []),
    ]  # fmt: skip


_HOME = "Takahē 69-78, GoToSocial 5-9 (cold 383)"


def _marks(cast: Cast, rng: Random) -> Iterator[tuple[int, Reader]]:
    """Yield pairs of a post and somebody who has not liked it in this run; the world's own likes are few."""
    seen: set[tuple[int, int]] = set()
    while True:
        (post, author), who = rng.choice(cast.posts), rng.choice(cast.readers)
        if who.id != author and (post, who.id) not in seen:
            seen.add((post, who.id))
            yield post, who


def _some(marks: Iterator[tuple[int, Reader]], n: int) -> list[tuple[int, Reader]]:
    return [next(marks) for _ in range(n)]


def _post(who: Reader, number: int) -> Request:
    text = f"A plain post of about a hundred characters, as people write them on a phone, number {number}. #bench"
    return Request("POST", "/api/v1/statuses", who.token, json.dumps({"status": text}).encode())


def _message(conversation: int, who: Reader, number: int) -> Request:
    text = f"A plain message of about a hundred characters, as people write them on a phone, number {number}."
    body = json.dumps({"text": text, "client_id": f"bench-{number}"}).encode()
    return Request("POST", f"/api/v1/upscrolled/conversations/{conversation}/messages", who.token, body)
