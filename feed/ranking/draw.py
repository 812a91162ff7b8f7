"""The draw: from a pool and a nonce to the order of one viewer's feed (spec/discover.md, "The draw").

A reader sees a few pages of a pool of twenty thousand. So a lane is scored as a whole, which numpy does in
about a millisecond, but sorted only as far as somebody walks it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from feed.ranking import formula
from feed.ranking.formula import F64, V1, Weights
from feed.ranking.pool import Pool

Lane = Literal["popular", "fresh"]
Rows = NDArray[np.intp]

# Why a post is taken out of one viewer's draw; the first that applies is the one that counts.
REASONS: Final = (
    "own",
    "unavailable",
    "muted",
    "hidden",
    "filtered",
    "language",
    "sensitive",
    "followed",
    "seen",
)

DOMAIN: Final = b"upscrolled-discover-1"
NONCE_BYTES: Final = 64
FIRST_SORTED: Final = 256


@dataclass(frozen=True, slots=True)
class Item:
    """A post in its slot, with every number that put it there. `score` ordered it in its `lane`."""

    id: int
    author_id: int
    created_ms: int
    likes: int
    comments: int
    shares: int
    tickets: int
    base: float
    lane: Lane
    u: float
    score: float


Page = tuple[Item, ...]


def draw(pool: Pool, nonce: str, removed: Mapping[int, str] | None = None, weights: Weights = V1) -> "Order":
    """Draw a feed: the same pool, nonce and removed ids give the same order everywhere and for ever.

    `removed` gives the reason for each id that is taken out before the draw. Raises ValueError for a nonce
    that is not UTF-8 of at most 64 bytes, and for weights of another version than the pool's.
    """
    if weights.version != pool.version:
        raise ValueError(f"a pool of version {pool.version} cannot be drawn with version {weights.version}")
    return Order(pool, nonce, removed or {}, weights)


def seed(digest: bytes, nonce: str) -> int:
    """The 64-bit seed of a draw. Raises ValueError for a nonce that is not UTF-8 of at most 64 bytes."""
    try:
        text = nonce.encode()
    except UnicodeEncodeError:
        raise ValueError("a nonce must be UTF-8 text") from None
    if len(text) > NONCE_BYTES:
        raise ValueError(f"a nonce has at most {NONCE_BYTES} bytes of UTF-8, this one {len(text)}")
    return int.from_bytes(sha256(DOMAIN + digest + text).digest()[:8], "big")


def first_reasons(ids: Mapping[str, Iterable[int]]) -> dict[int, str]:
    """Turn the ids to take out for each reason into one reason for each id: the first that applies."""
    return {post_id: reason for reason in reversed(REASONS) for post_id in ids.get(reason, ())}


class Order:
    """The order of one feed, drawn page by page as it is read."""

    def __init__(self, pool: Pool, nonce: str, removed: Mapping[int, str], weights: Weights) -> None:
        self.pool = pool
        self.nonce = nonce
        self.weights = weights
        self.seed = seed(pool.digest, nonce)
        gone = _rows_of(pool, removed)
        self.removed = {int(post_id): removed[int(post_id)] for post_id in pool.id[gone]}
        self._placed = np.zeros(len(pool), np.bool_)
        self._placed[gone] = True
        self._popular = self._popular_lane()
        self._fresh = self._fresh_lane()
        self._pages: list[Page] = []

    def page(self, number: int) -> Page:
        """Page `number`, from 0; empty at the end of the feed and beyond."""
        if number < 0:
            raise ValueError("pages are counted from 0")
        while len(self._pages) <= number:
            if self._pages and not self._pages[-1]:
                return ()
            self._pages.append(self._next_page())
        return self._pages[number]

    def __iter__(self) -> Iterator[Page]:
        """The pages that hold something, in order."""
        for number in count():
            page = self.page(number)
            if not page:
                return
            yield page

    def item(self, post_id: int, lane: Lane) -> Item | None:
        """What a post would carry if this draw placed it from `lane`; None if it is not in that lane."""
        rows = _rows_of(self.pool, [post_id])
        held = self._popular if lane == "popular" else self._fresh
        return self._describe(held, int(rows[0])) if len(rows) and int(rows[0]) in held else None

    def _popular_lane(self) -> "_Lane":
        rows = self._still_in(self.pool.popular)
        chance = formula.u_all(self.seed, self.pool.id[rows])
        score = self.pool.base[rows] + self.weights.temperature * formula.gumbel_of(chance)
        return _Lane("popular", rows, chance, score)

    def _fresh_lane(self) -> "_Lane":
        rows = self._still_in(self.pool.fresh)
        chance = formula.u_all(formula.mix(self.seed), self.pool.id[rows])
        return _Lane("fresh", rows, chance, chance)

    def _still_in(self, rows: Rows) -> Rows:
        return rows[~self._placed[rows]]

    def _next_page(self) -> Page:
        w = self.weights
        first = len(self._pages) * w.page + 1
        closed = self._placed.copy()
        held: Counter[int] = Counter()
        items: list[Item] = []
        for slot in range(first, first + w.page):
            found = self._take(slot, closed)
            if found is None:
                break
            lane, row = found
            items.append(self._describe(lane, row))
            self._placed[row] = closed[row] = True
            author = int(self.pool.author[row])
            held[author] += 1
            if held[author] == w.author_cap:
                closed |= self.pool.author == author
        return tuple(items)

    def _take(self, slot: int, closed: NDArray[np.bool_]) -> "tuple[_Lane, int] | None":
        """Find the next open row of the slot's own lane, else of the other one."""
        lanes = self._popular, self._fresh
        for lane in lanes if slot % self.weights.fresh_every else reversed(lanes):
            row = lane.best_open(closed)
            if row is not None:
                return lane, row
        return None

    def _describe(self, lane: "_Lane", row: int) -> Item:
        pool = self.pool
        likes, comments, shares = int(pool.likes[row]), int(pool.comments[row]), int(pool.shares[row])
        chance, score = lane.numbers(row)
        return Item(
            id=int(pool.id[row]),
            author_id=int(pool.author_id[row]),
            created_ms=int(pool.id[row]) >> 16,
            likes=likes,
            comments=comments,
            shares=shares,
            tickets=formula.tickets(likes, comments, shares, self.weights),
            base=float(pool.base[row]),
            lane=lane.name,
            u=chance,
            score=score,
        )


class _Lane:
    """One lane: rows of the pool by descending score, ties by higher id, sorted as far as needed."""

    def __init__(self, name: Lane, rows: Rows, chance: F64, score: F64) -> None:
        self.name = name
        self._rows = rows
        self._chance = chance
        self._score = score
        self._sorted = rows[:0]
        self._rest = np.arange(len(rows))
        self._width = FIRST_SORTED

    def best_open(self, closed: NDArray[np.bool_]) -> int | None:
        """The row of highest score that is not closed, or None."""
        # Looking from the start each time costs about two microseconds, and keeps whoever was passed over
        # for the author cap in place for the next page without any list of them.
        while True:
            shut = closed[self._sorted]
            if len(shut) and not shut[at := int(shut.argmin())]:
                return int(self._sorted[at])
            if not len(self._rest):
                return None
            self._sort_more()

    def __contains__(self, row: int) -> bool:
        at = int(np.searchsorted(self._rows, row))
        return at < len(self._rows) and int(self._rows[at]) == row

    def numbers(self, row: int) -> tuple[float, float]:
        """The chance number and the score of a row of this lane."""
        at = int(np.searchsorted(self._rows, row))
        return float(self._chance[at]), float(self._score[at])

    def _sort_more(self) -> None:
        score = self._score[self._rest]
        near = np.ones(len(score), np.bool_)
        if len(score) > self._width:
            # Everything that ties with the last one comes along: the cut must not part equals.
            near = score >= np.partition(score, len(score) - self._width)[len(score) - self._width]
        chunk, self._rest = self._rest[near], self._rest[~near]
        # Rows stand by ascending id, so a higher row is a higher id.
        best_first = chunk[np.lexsort((chunk, score[near]))[::-1]]
        self._sorted = np.concatenate([self._sorted, self._rows[best_first]])
        self._width *= 4


def _rows_of(pool: Pool, ids: Iterable[int]) -> Rows:
    """Where those of `ids` stand that are in the pool."""
    wanted = np.fromiter(ids, np.uint64)
    at = np.searchsorted(pool.id, wanted)
    inside = at < len(pool)
    at, wanted = at[inside], wanted[inside]
    rows: Rows = at[pool.id[at] == wanted]
    return rows
