"""What is signed of a pool: its digest, and the two promises by which a missing post is proved (spec version 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from feed.ranking.formula import VERSIONS
from feed.ranking.pool import Pool

TITLE = "upscrolled-pool-1"


@dataclass(frozen=True, slots=True)
class Statement:
    """The public facts of a frozen pool.

    A post whose base is higher than `cut` must be in the popular part; while that is not full, `cut` is None and every
    eligible post must be. A new and quiet post whose mix(id) lies on the arc, both ends included, going up and round,
    must be in the fresh part.
    """

    pool: str
    epoch_ms: int
    version: int
    digest: bytes
    previous: bytes
    posts: int
    popular: int
    fresh: int
    cut: float | None
    arc_start: int
    arc_end: int

    @classmethod
    def of(cls, name: str, pool: Pool) -> Self:
        """The facts of this pool, published under a name."""
        weights = VERSIONS[pool.version]
        start, end = pool.arc(weights)
        full = len(pool.popular) >= weights.pool_size
        return cls(
            pool=name,
            epoch_ms=pool.epoch_ms,
            version=pool.version,
            digest=pool.digest,
            previous=pool.previous,
            posts=len(pool),
            popular=len(pool.popular),
            fresh=len(pool.fresh),
            cut=pool.lowest_base() if full else None,
            arc_start=start,
            arc_end=end,
        )

    def text(self) -> str:
        """The lines that are signed, in UTF-8, each ended by a line feed."""
        facts = (
            TITLE,
            f"pool {self.pool}",
            f"epoch_ms {self.epoch_ms}",
            f"version {self.version}",
            f"digest {self.digest.hex()}",
            f"previous {self.previous.hex()}",
            f"posts {self.posts} popular {self.popular} fresh {self.fresh}",
            f"cut {'none' if self.cut is None else self.cut.hex()}",
            f"arc {self.arc_start} {self.arc_end}",
        )
        return "".join(f"{fact}\n" for fact in facts)
