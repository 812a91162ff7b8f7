"""Why somebody meets a post in discover: the parts of its score, read out of the pool that it was drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from feed.queries import pools as published
from feed.queries import posts, reach
from feed.queries.reach import Standing
from feed.ranking import draw, formula
from feed.ranking.formula import VERSIONS, Weights
from feed.timelines import pools
from feed.timelines.discover import check_nonce
from upscrolled.core.errors import Invalid
from upscrolled.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Luck:
    """What chance gave a post in one lane of a draw: `u`, and the score that ordered it there."""

    lane: str
    u: float
    gumbel: float | None
    score: float


@dataclass(frozen=True, slots=True)
class Why:
    """The parts of a score. `standing` is None when the post is not in that pool; `lucks` empty without a nonce.

    `worth` is how many of its tickets are left after `age_ms`.
    """

    post_id: int
    epoch_ms: int
    digest: bytes
    weights: Weights
    age_ms: int
    decay: float
    standing: Standing | None
    nonce: str | None
    nonce_from: str | None
    lucks: tuple[Luck, ...]

    @property
    def worth(self) -> float:
        """Tickets, after what time took of them."""
        return self.standing.tickets * self.decay if self.standing else 0.0


class _Told(msgspec.Struct):
    """The part of a receipt that is needed."""

    pool: str
    nonce: str
    nonce_from: str | None = None


def explain(viewer: Viewer, post_id: int, *, receipt: str | None, now: datetime) -> Why:
    """Return why a post that this viewer may see stands where it does.

    `receipt` is the JSON of a page's receipt; of it the pool and the nonce are needed, the rest may be left out.
    Without one it is the current pool, and no luck. Raises NotFound, NotKept, Invalid.
    """
    post = posts.get_original(viewer, post_id)
    told = _told(receipt) if receipt else None
    pool = published.pool(told.pool) if told else pools.current(now=now).pool
    weights = VERSIONS[pool.version]
    standing = reach.standing(pool, post.id)
    age_ms = max(pool.epoch_ms - (post.id >> 16), 0)
    return Why(
        post_id=post.id,
        epoch_ms=pool.epoch_ms,
        digest=pool.digest,
        weights=weights,
        age_ms=age_ms,
        decay=2.0 ** (-age_ms / weights.half_life_ms),
        standing=standing,
        nonce=told.nonce if told else None,
        nonce_from=told.nonce_from if told else None,
        lucks=_lucks(post.id, standing, told.nonce, weights) if told and standing else (),
    )


def _lucks(post_id: int, standing: Standing, nonce: str, weights: Weights) -> tuple[Luck, ...]:
    seed = draw.seed(standing.pool.digest, nonce)
    found: list[Luck] = []
    if standing.rank is not None:
        gumbel = formula.gumbel(seed, post_id)
        score = formula.popular_score(standing.base, seed, post_id, weights)
        found.append(Luck("popular", formula.u(seed, post_id), gumbel, score))
    if standing.is_fresh:
        chance = formula.fresh_score(seed, post_id)
        found.append(Luck("fresh", chance, None, chance))
    return tuple(found)


def _told(receipt: str) -> _Told:
    try:
        told: Any = msgspec.json.decode(receipt, type=_Told)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise Invalid(f"Validation failed: receipt must be the JSON of a page's receipt: {error}.") from None
    check_nonce(told.nonce)
    return told  # type: ignore[no-any-return]
