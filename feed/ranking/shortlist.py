"""The beginning of a draw: the first few hundred posts of each lane, and the pages that they fill.

`draw.Order` scores a whole pool. It is the readable form, and the one that verifies. A reader sees a few
pages, so what serves them (`Ready`, one for each pool, and `Shortlist`, one for each draw) takes logarithms
and sorts only where a post can be among the first: a post is, when its chance number lies above a bound
that its base fixes once for the pool. Both give the same pages; a test holds them together.
"""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from feed.ranking import draw, formula
from feed.ranking.draw import Item, Lane, Rows
from feed.ranking.formula import F64, U64, V1, Weights
from feed.ranking.pool import Pool

# How many posts of each lane a draw looks at, roughly: a dozen pages. A lane of up to twice as many is taken
# whole.
POPULAR_WANTED: Final = 240
FRESH_WANTED: Final = 60

ENTRY: Final = np.dtype(
    [
        ("id", "<u8"),
        ("author_id", "<u8"),
        ("likes", "<u4"),
        ("comments", "<u4"),
        ("shares", "<u4"),
        ("base", "<f8"),
    ]
)
Entries = NDArray[np.void]


class RanOut(Exception):
    """The shortlist cannot say how the feed goes on; the whole pool could."""


class Place(NamedTuple):
    """A post in its slot: the lane that it came from, where it stands in that lane, and its id."""

    lane: Lane
    at: int
    id: int


class Ready:
    """A pool made ready for many draws. Raises ValueError for weights of another version than the pool's."""

    def __init__(self, pool: Pool, weights: Weights = V1) -> None:
        if weights.version != pool.version:
            raise ValueError(
                f"a pool of version {pool.version} cannot be drawn with version {weights.version}"
            )
        self.pool = pool
        self.weights = weights
        # A popular part that is not full holds every eligible post, however old.
        self.is_small = len(pool.popular) < weights.pool_size
        self._popular = _Draft("popular", pool, pool.popular, weights)
        self._fresh = _Draft("fresh", pool, pool.fresh, weights)
        self._authors, author = np.unique(pool.author_id, return_inverse=True)
        self._by_author = np.argsort(author, kind="stable")
        self._author_starts = np.append(
            np.searchsorted(author, range(len(self._authors)), sorter=self._by_author), len(pool)
        )

    def posts_by(self, authors: Collection[int]) -> list[int]:
        """The posts of the pool that these accounts wrote."""
        found: list[int] = []
        if authors:
            for number in _positions(self._authors, authors).tolist():
                start, end = self._author_starts[number : number + 2]
                found += self.pool.id[self._by_author[start:end]].tolist()
        return found

    def among(self, ids: Mapping[int, str]) -> dict[int, str]:
        """Those of the ids that are in the pool, with what they carry."""
        return {i: ids[i] for i in self.pool.id[_positions(self.pool.id, ids)].tolist()} if ids else {}

    def draw(self, nonce: str, removed: Collection[int] = (), *, whole: bool = False) -> "Shortlist":
        """Draw the beginning of a feed (`whole`: all of it), without the `removed` ids.

        Raises ValueError for a nonce that is not UTF-8 of at most 64 bytes.
        """
        seed = draw.seed(self.pool.digest, nonce)
        out = None
        if removed:
            out = np.zeros(len(self.pool), np.bool_)
            out[_positions(self.pool.id, removed)] = True
        return Shortlist(
            seed,
            self._popular.head(seed, out, whole=whole),
            self._fresh.head(formula.mix(seed), out, whole=whole),
            self.weights,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The first posts of a lane, best first, with the numbers that put them there.

    `is_complete` says that the lane holds nothing beyond them.
    """

    name: Lane
    entries: Entries
    is_complete: bool
    chance: F64
    score: F64

    @classmethod
    def restored(
        cls, name: Lane, entries: Entries, *, is_complete: bool, seed: int, weights: Weights
    ) -> Self:
        """The head of the draw with that seed, out of its entries alone: the numbers follow from them."""
        chance = formula.u_all(seed if name == "popular" else formula.mix(seed), entries["id"])
        return cls(name, entries, is_complete, chance, _score(name, entries["base"], chance, weights))

    def cut(self, most: int) -> Self:
        """The first `most` posts of this."""
        if len(self.entries) <= most:
            return self
        kept = slice(most)
        return replace(
            self,
            entries=self.entries[kept],
            is_complete=False,
            chance=self.chance[kept],
            score=self.score[kept],
        )


class _Draft:
    """One lane of a pool, and from what chance on each of its posts may be among the first of a draw."""

    def __init__(self, name: Lane, pool: Pool, rows: Rows, weights: Weights) -> None:
        self._name = name
        self._rows = rows
        self._weights = weights
        self._entries = np.empty(len(rows), ENTRY)
        for field in ENTRY.names or ():
            self._entries[field] = getattr(pool, field)[rows]
        self._ids, self._base = pool.id[rows], pool.base[rows]
        self._floor, chance = self._popular_floor() if name == "popular" else self._fresh_floor()
        # In units of the 52 bits that decide; a few less than due, so that no rounding loses a post.
        self._bound = np.maximum(chance * 2**52 - 4, 0).astype(np.uint64) << np.uint64(12)

    def head(self, seed: int, removed: NDArray[np.bool_] | None, *, whole: bool) -> Head:
        """The first posts of the draw with that seed (`whole`: all), without the removed rows of the pool."""
        floor = -np.inf if whole else self._floor
        rolled = formula.mix_all(self._ids ^ np.uint64(formula.mix(seed)))
        at = np.flatnonzero(rolled >= self._bound) if floor > -np.inf else np.arange(len(rolled))
        if removed is not None:
            at = at[~removed[self._rows[at]]]
        chance = ((rolled[at] >> np.uint64(12)).astype(np.float64) + 0.5) * 2**-52
        score = _score(self._name, self._base[at], chance, self._weights)
        # Rows stand by ascending id, so that of equals, turned round, the higher id comes first. Below the
        # floor not all are here.
        best = np.argsort(score, kind="stable")[::-1][: np.count_nonzero(score > floor + 1e-9)]
        return Head(self._name, self._entries[at[best]], floor == -np.inf, chance[best], score[best])

    def _popular_floor(self) -> tuple[float, F64]:
        w = self._weights
        weight = self._base / w.temperature
        floor = _floor(weight, POPULAR_WANTED)
        chance: F64 = np.exp(-np.exp(-np.clip(floor - weight, -30, 700)))
        return floor * w.temperature, chance

    def _fresh_floor(self) -> tuple[float, F64]:
        if len(self._ids) <= 2 * FRESH_WANTED:
            return -np.inf, np.zeros(1)
        floor = 1 - FRESH_WANTED / len(self._ids)
        return floor, np.array([floor])


@dataclass(frozen=True, slots=True, eq=False)
class Shortlist:
    """The first posts of both lanes of one draw."""

    seed: int
    popular: Head
    fresh: Head
    weights: Weights = V1

    def pages(self, gone: Container[int] = ()) -> Iterator[list[Place]]:
        """The pages that hold something, in order, as if `gone` had been taken out before the draw.

        Raises RanOut when a page needs what lies beyond the shortlist.
        """
        popular, fresh = _Walk(self.popular, gone), _Walk(self.fresh, gone)
        placed: set[int] = set()
        first = 1
        while page := self._page(first, popular, fresh, placed):
            yield page
            first += self.weights.page
            popular.next_page()
            fresh.next_page()

    def page(self, number: int, gone: Container[int] = ()) -> list[Place]:
        """Page `number`, from 0; empty after the end of the feed. Raises RanOut."""
        return next(islice(self.pages(gone), number, None), [])

    def items(self, places: list[Place]) -> list[Item]:
        """Everything that put these posts into their slots."""
        popular = self._items(self.popular, [place.at for place in places if place.lane == "popular"])
        fresh = self._items(self.fresh, [place.at for place in places if place.lane == "fresh"])
        return [next(popular if place.lane == "popular" else fresh) for place in places]

    def _items(self, head: Head, at: list[int]) -> Iterator[Item]:
        rows = head.entries[at].tolist(), head.chance[at].tolist(), head.score[at].tolist()
        for (post_id, author_id, likes, comments, shares, base), u, score in zip(*rows, strict=True):
            tickets = formula.tickets(likes, comments, shares, self.weights)
            created_ms = post_id >> 16
            yield Item(
                post_id, author_id, created_ms, likes, comments, shares, tickets, base, head.name, u, score
            )

    def _page(self, first: int, popular: "_Walk", fresh: "_Walk", placed: set[int]) -> list[Place]:
        cap, every = self.weights.author_cap, self.weights.fresh_every
        held: dict[int, int] = {}
        page: list[Place] = []
        for slot in range(first, first + self.weights.page):
            own, other = (popular, fresh) if slot % every else (fresh, popular)
            found = own.take(placed, held, cap) or other.take(placed, held, cap)
            if found is None:
                break
            place, author = found
            page.append(place)
            placed.add(place.id)
            held[author] = held.get(author, 0) + 1
        return page


class _Walk:
    """One lane, walked page by page. Whoever is passed over for the author cap waits for the next page."""

    def __init__(self, head: Head, gone: Container[int]) -> None:
        self._name = head.name
        self._ids: list[int] = head.entries["id"].tolist()
        self._authors: list[int] = head.entries["author_id"].tolist()
        self._complete = head.is_complete
        self._gone = gone
        self._ahead = iter(range(len(self._ids)))
        self._waiting: list[int] = []
        self._passed_over: list[int] = []

    def take(self, placed: set[int], held: Mapping[int, int], cap: int) -> tuple[Place, int] | None:
        """The next post that fits, and its author; None when the lane has none. Raises RanOut."""
        while (at := self._next()) is not None:
            post_id, author = self._ids[at], self._authors[at]
            if post_id in placed or post_id in self._gone:
                continue
            if held.get(author, 0) >= cap:
                self._passed_over.append(at)
                continue
            return Place(self._name, at, post_id), author
        if not self._complete:
            raise RanOut
        return None

    def next_page(self) -> None:
        """Start with a fresh author cap."""
        # Best first: who was passed over now stands before who still waits, and both before the rest.
        self._waiting = self._waiting[::-1]
        self._waiting = [*self._passed_over, *self._waiting][::-1]
        self._passed_over = []

    def _next(self) -> int | None:
        return self._waiting.pop() if self._waiting else next(self._ahead, None)


def _score(lane: Lane, base: F64, chance: F64, weights: Weights) -> F64:
    """What orders a lane, highest first."""
    return base + weights.temperature * formula.gumbel_of(chance) if lane == "popular" else chance


def _floor(weight: F64, wanted: int) -> float:
    """A score above which about `wanted` posts are expected, given their log weights.

    Minus infinity when there are not many more than that anyway.
    """
    if len(weight) <= 2 * wanted:
        return -np.inf
    top = float(weight.max())
    # Above `high` fewer are expected, by Markov's inequality; above `low` nearly all of the best `wanted` are.
    high = top + float(np.log(np.exp(weight - top).sum() / wanted))
    low = min(float(np.partition(weight, -wanted)[-wanted]) - 2, high)
    for _ in range(12):
        middle = (low + high) / 2
        expected = -np.expm1(-np.exp(np.minimum(weight - middle, 30))).sum()
        low, high = (middle, high) if expected > wanted else (low, middle)
    return low


def _positions(ordered: U64, wanted: Iterable[int]) -> Rows:
    """Where those of the wanted values stand that are in the ordered array."""
    values = np.fromiter(wanted, np.uint64)
    at = np.searchsorted(ordered, values)
    inside = at < len(ordered)
    at, values = at[inside], values[inside]
    found: Rows = at[ordered[at] == values]
    return found
