"""Scrolls: a draw that somebody is reading, kept for 15 minutes so that its pages never overlap.

What is kept is the shortlist of the draw (about ten kilobytes), not the pool: pools move on every epoch. It
is a cache: when it is lost the reader starts a new draw.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Final, Self

import msgspec
import numpy as np
import redis

from feed.ranking.draw import Lane
from feed.ranking.formula import V1, VERSIONS, Weights
from feed.ranking.receipt import NonceFrom, Receipt
from feed.ranking.shortlist import ENTRY, Head, Place, Ready, Shortlist
from feed.timelines.kinds import ALL
from upscrolled.core import valkey

log = logging.getLogger(__name__)

LIFETIME: Final = 900  # seconds
ENTRIES_KEPT: Final = 400  # of each lane at most
SEEN_MAX: Final = 2_000


@dataclass(slots=True)
class Scroll:
    """One draw of one viewer (0 for nobody), and what was taken out of it.

    `removed` gives the first reason for each id of the pool that this viewer does not get; it grows when a post
    turns out to be gone. `seen` are ids that were shown before, in the pool or not. `pool_posts` are in the pool, which
    `is_small` when it holds everything that may be drawn at all.
    """

    viewer_id: int
    digest: bytes
    epoch_ms: int
    nonce: str
    nonce_from: NonceFrom
    shortlist: Shortlist
    removed: dict[int, str]
    seen: list[int] = field(default_factory=list)
    kind: str = ALL
    pool_posts: int = 0
    is_small: bool = False

    @classmethod
    def begin(
        cls,
        ready: Ready,
        *,
        viewer_id: int,
        nonce: str,
        nonce_from: NonceFrom,
        removed: dict[int, str],
        seen: list[int],
        kind: str = ALL,
    ) -> Self:
        """Draw."""
        shortlist = ready.draw(nonce, removed)
        pool = ready.pool
        return cls(
            viewer_id,
            pool.digest,
            pool.epoch_ms,
            nonce,
            nonce_from,
            shortlist,
            removed,
            seen,
            kind,
            len(pool),
            ready.is_small,
        )

    def page(self, number: int) -> list[Place]:
        """Page `number`, from 0; empty at the end. Raises RanOut where the shortlist ends."""
        return self.shortlist.page(number, self.removed)

    def receipt(self, number: int, places: list[Place]) -> Receipt:
        """The receipt of a page, for the viewer whose scroll it is."""
        removed: dict[str, list[int]] = {}
        for post_id, reason in self.removed.items():
            removed.setdefault(reason, []).append(post_id)
        return Receipt(
            weights=self.shortlist.weights,
            epoch_ms=self.epoch_ms,
            digest=self.digest,
            nonce=self.nonce,
            nonce_from=self.nonce_from,
            page=number,
            counts={reason: len(ids) for reason, ids in removed.items()},
            removed={reason: tuple(ids) for reason, ids in removed.items()},
            items=tuple(self.shortlist.items(places)),
        )


class _Kept(msgspec.Struct, array_like=True):
    """A scroll as it lies in Valkey. Chances and scores follow from the seed and are left out."""

    viewer_id: int
    digest: bytes
    epoch_ms: int
    nonce: str
    nonce_from: str
    seed: int
    popular: bytes
    fresh: bytes
    popular_complete: bool
    fresh_complete: bool
    removed: dict[int, str]
    seen: list[int]
    kind: str = ALL
    pool_posts: int = 0
    is_small: bool = False
    version: int = V1.version


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Kept).decode


def keep(token: str, scroll: Scroll) -> bool:
    """Keep a scroll under its token for 15 minutes from now; say whether that worked."""
    short = scroll.shortlist
    popular, fresh = short.popular.cut(ENTRIES_KEPT), short.fresh.cut(ENTRIES_KEPT)
    kept = _Kept(
        scroll.viewer_id,
        scroll.digest,
        scroll.epoch_ms,
        scroll.nonce,
        scroll.nonce_from,
        short.seed,
        popular.entries.tobytes(),
        fresh.entries.tobytes(),
        popular.is_complete,
        fresh.is_complete,
        scroll.removed,
        scroll.seen[-SEEN_MAX:],
        scroll.kind,
        scroll.pool_posts,
        scroll.is_small,
        short.weights.version,
    )
    try:
        valkey.cache().set(_key(token), _encode(kept), ex=LIFETIME)
    except redis.RedisError as error:
        log.warning("A scroll is not kept: %s", error)
        return False
    return True


def find(token: str, *, viewer_id: int) -> Scroll | None:
    """The scroll with that token, if it is this viewer's and still there, for 15 minutes more.

    Raises redis.RedisError.
    """
    data = valkey.cache().getex(_key(token), ex=LIFETIME)
    if not isinstance(data, bytes):
        return None
    kept = _decode(data)
    if kept.viewer_id != viewer_id:
        return None
    weights = VERSIONS.get(kept.version)
    if weights is None:  # begun by a newer process than this one
        return None
    shortlist = Shortlist(
        kept.seed,
        _head("popular", kept.popular, kept.popular_complete, kept.seed, weights),
        _head("fresh", kept.fresh, kept.fresh_complete, kept.seed, weights),
        weights,
    )
    nonce_from: NonceFrom = msgspec.convert(kept.nonce_from, NonceFrom)
    return Scroll(
        kept.viewer_id,
        kept.digest,
        kept.epoch_ms,
        kept.nonce,
        nonce_from,
        shortlist,
        kept.removed,
        kept.seen,
        kept.kind,
        kept.pool_posts,
        kept.is_small,
    )


def _head(name: Lane, data: bytes, is_complete: bool, seed: int, weights: Weights) -> Head:
    entries = np.frombuffer(data, ENTRY)
    return Head.restored(name, entries, is_complete=is_complete, seed=seed, weights=weights)


def _key(token: str) -> str:
    return f"discover:scroll:{token}"
