"""A pool: the posts among which one epoch draws, frozen (spec/discover.md, "Pools").

The bytes of a pool are exactly what its digest is taken over, so whoever holds the published file checks it
with any SHA-256 tool.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from feed.ranking import formula
from feed.ranking.formula import MASK64, U64, V1, Weights

POPULAR: Final = 1
FRESH: Final = 2
NO_DIGEST: Final = bytes(32)

ROW: Final = np.dtype(
    [
        ("id", "<u8"),
        ("author_id", "<u8"),
        ("likes", "<u4"),
        ("comments", "<u4"),
        ("shares", "<u4"),
        ("base", "<f8"),
        ("part", "u1"),
    ]
)
HEAD: Final = np.dtype([("previous", "V32"), ("epoch_ms", "<u8"), ("version", "<u4")])


class Row(NamedTuple):
    """An eligible post as the database holds it; the three counts are of distinct, confirmed accounts."""

    id: int
    author_id: int
    likes: int
    comments: int
    shares: int
    base: float


@dataclass(frozen=True, eq=False)
class Pool:
    """The popular and the fresh part of one epoch, in columns, by ascending id. Nothing in it can be changed.

    `part` is 1 for popular, 2 for fresh, 3 for both. Raises ValueError for columns that cannot be a pool.
    """

    previous: bytes
    epoch_ms: int
    version: int
    id: U64
    author_id: U64
    likes: NDArray[np.uint32]
    comments: NDArray[np.uint32]
    shares: NDArray[np.uint32]
    base: NDArray[np.float64]
    part: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if len(self.previous) != 32:
            raise ValueError("the previous digest of a pool has 32 bytes")
        if (self.id[1:] <= self.id[:-1]).any():
            raise ValueError("the rows of a pool stand once each, by ascending id")
        if not np.isfinite(self.base).all():
            raise ValueError("every base in a pool is a finite number")
        if not ((self.part >= POPULAR) & (self.part <= (POPULAR | FRESH))).all():
            raise ValueError("every row of a pool is in its popular part, its fresh part, or both")
        for name in ROW.names or ():
            getattr(self, name).flags.writeable = False

    @classmethod
    def of(
        cls,
        popular: Iterable[tuple[int, int, int, int, int, float]] | NDArray[np.void],
        fresh: Iterable[tuple[int, int, int, int, int, float]] | NDArray[np.void],
        *,
        epoch_ms: int,
        previous: bytes = NO_DIGEST,
        version: int = V1.version,
    ) -> "Pool":
        """A pool of rows that the database has selected already, in any order: `Row`s, plain tuples, or an array.

        An array has the columns of `Row`, by their names.

        Raises ValueError when a post of both parts differs between them (they were not one snapshot), or
        stands twice in one.
        """
        rows = _rows(popular, POPULAR), _rows(fresh, FRESH)
        merged = np.concatenate(rows)
        merged = merged[np.argsort(merged["id"], kind="stable")]
        return cls._from_rows(_merged(merged), epoch_ms=epoch_ms, previous=previous, version=version)

    @classmethod
    def select(
        cls,
        candidates: Iterable[Row],
        *,
        epoch_ms: int,
        previous: bytes = NO_DIGEST,
        weights: Weights = V1,
    ) -> "Pool":
        """The pool of one epoch out of all otherwise eligible posts: the two SQL scans, in plain form."""
        rows = [row for row in candidates if _created_ms(row) <= epoch_ms]
        start = ring_start(previous, epoch_ms)
        popular = sorted(rows, key=lambda row: (row.base, row.id), reverse=True)
        fresh = sorted(
            (row for row in rows if is_fresh(row, epoch_ms, weights)),
            key=lambda row: ring_distance(row.id, start),
        )
        return cls.of(
            popular[: weights.pool_size],
            fresh[: weights.fresh_size],
            epoch_ms=epoch_ms,
            previous=previous,
            version=weights.version,
        )

    @classmethod
    def from_bytes(cls, data: bytes, *, digest: bytes | None = None) -> "Pool":
        """The pool that `to_bytes` wrote. Raises ValueError if it is none, or has another digest."""
        if digest is not None and sha256(data).digest() != digest:
            raise ValueError("these bytes are not the pool with that digest")
        if len(data) < HEAD.itemsize or (len(data) - HEAD.itemsize) % ROW.itemsize:
            raise ValueError("these bytes are not a pool: their length does not fit")
        head = np.frombuffer(data, HEAD, count=1)[0]
        return cls._from_rows(
            np.frombuffer(data, ROW, offset=HEAD.itemsize),
            epoch_ms=int(head["epoch_ms"]),
            previous=data[:32],
            version=int(head["version"]),
        )

    def to_bytes(self) -> bytes:
        """Previous digest, epoch, version and rows, little-endian: 44 bytes and 37 for each post."""
        return self._bytes

    @cached_property
    def _bytes(self) -> bytes:
        head = np.array([(self.previous, self.epoch_ms, self.version)], HEAD)
        rows = np.empty(len(self), ROW)
        for name in ROW.names or ():
            rows[name] = getattr(self, name)
        return head.tobytes() + rows.tobytes()

    def __len__(self) -> int:
        return len(self.id)

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 over the pool's bytes: published before any draw, it fixes every draw."""
        return sha256(self._bytes).digest()

    @cached_property
    def popular(self) -> NDArray[np.intp]:
        """Where the rows of the popular part stand."""
        return np.flatnonzero(self.part & POPULAR)

    @cached_property
    def fresh(self) -> NDArray[np.intp]:
        """Where the rows of the fresh part stand."""
        return np.flatnonzero(self.part & FRESH)

    @cached_property
    def author(self) -> NDArray[np.intp]:
        """A small number for each row's author, from 0: the index that the author cap counts by."""
        return np.unique(self.author_id, return_inverse=True)[1]

    @cached_property
    def ring_start(self) -> int:
        """The point of the ring from which the fresh part was met, going up."""
        return ring_start(self.previous, self.epoch_ms)

    def popular_ids(self) -> list[int]:
        """The popular part by descending base, ties by higher id."""
        rows = self.popular[np.lexsort((self.id[self.popular], self.base[self.popular]))[::-1]]
        return [int(post_id) for post_id in self.id[rows]]

    def fresh_ids(self) -> list[int]:
        """The fresh part in the order in which the ring met it."""
        ids = self.id[self.fresh]
        met = np.argsort(formula.mix_all(ids) - np.uint64(self.ring_start))
        return [int(post_id) for post_id in ids[met]]

    def lowest_base(self) -> float | None:
        """The lowest base that got into the popular part; None when it is empty."""
        return float(self.base[self.popular].min()) if len(self.popular) else None

    def arc(self, weights: Weights = V1) -> tuple[int, int]:
        """First and last point of the ring, both included, between which every fresh post is in the pool.

        When the fresh part is not full the whole ring was searched: the arc ends just below its start.
        """
        if len(self.fresh) < weights.fresh_size:
            return self.ring_start, (self.ring_start - 1) & MASK64
        return self.ring_start, formula.mix(self.fresh_ids()[-1])

    @classmethod
    def _from_rows(cls, rows: NDArray[np.void], *, epoch_ms: int, previous: bytes, version: int) -> "Pool":
        columns = {name: np.ascontiguousarray(rows[name]) for name in ROW.names or ()}
        return cls(previous=previous, epoch_ms=epoch_ms, version=version, **columns)


def ring_start(previous: bytes, epoch_ms: int) -> int:
    """Where an epoch starts to look for fresh posts: nobody can know it before the previous pool is fixed."""
    return int.from_bytes(sha256(previous + epoch_ms.to_bytes(8, "big")).digest()[:8], "big")


def ring_distance(post_id: int, start: int) -> int:
    """How far up the ring a post lies from `start`, wrapping once round."""
    return (formula.mix(post_id) - start) & MASK64


def is_fresh(row: Row, epoch_ms: int, w: Weights = V1) -> bool:
    """Say whether an eligible post is new and quiet enough for the fresh part."""
    quiet = formula.tickets(row.likes, row.comments, row.shares, w) <= w.fresh_max_tickets
    return quiet and epoch_ms - w.fresh_window_ms <= _created_ms(row) <= epoch_ms


def _created_ms(row: Row) -> int:
    return row.id >> 16


def _rows(
    rows: Iterable[tuple[int, int, int, int, int, float]] | NDArray[np.void], part: int
) -> NDArray[np.void]:
    if not isinstance(rows, np.ndarray):
        return np.array([(*row, part) for row in rows], ROW)
    found = np.empty(len(rows), ROW)
    for name in Row._fields:
        found[name] = rows[name]
    found["part"] = part
    return found


def _merged(rows: NDArray[np.void]) -> NDArray[np.void]:
    """Join the two rows of a post that is in both parts; `rows` is sorted by id."""
    twice = np.flatnonzero(rows["id"][1:] == rows["id"][:-1])
    if (rows["part"][twice] & rows["part"][twice + 1]).any():
        raise ValueError("a post stands at most once in each part")
    for name in ROW.names or ():
        if name != "part" and (rows[name][twice] != rows[name][twice + 1]).any():
            raise ValueError("a post differs between the two parts: they were not read in one snapshot")
    rows["part"][twice] |= rows["part"][twice + 1]
    return np.delete(rows, twice + 1)
