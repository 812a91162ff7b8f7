"""The numbers of the public ranking, version 1 (spec/discover.md, "Score" and "The draw").

Each formula stands here once in its readable form, for one post. Where a draw works through a whole pool, the
form for arrays (`..._all`) stands below it; a test holds the two together.
"""

from dataclasses import asdict, dataclass
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]

LN2: Final = log(2)
MASK64: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Weights:
    """Every constant of the ranking. A changed constant is a new version, dated in the public changelog.

    Sizes count posts, `page` counts slots, times are milliseconds (Unix ones for `origin_ms`). Raises
    ValueError for constants with which nothing could be drawn.
    """

    version: int = 1
    w_like: int = 1
    w_comment: int = 2
    w_share: int = 3
    half_life_ms: int = 21_600_000
    origin_ms: int = 1_735_689_600_000
    temperature: float = 1.0
    pool_size: int = 20_000
    fresh_size: int = 2_000
    fresh_every: int = 5
    fresh_window_ms: int = 86_400_000
    fresh_max_tickets: int = 10
    page: int = 20
    author_cap: int = 2

    def __post_init__(self) -> None:
        if min(self.half_life_ms, self.fresh_every, self.page, self.author_cap) < 1:
            raise ValueError("half-life, page, author cap and the step of the fresh lane are at least 1")

    def constants(self) -> dict[str, int | float]:
        """The constants by name, without the version: what a receipt and the public page print."""
        return {name: value for name, value in asdict(self).items() if name != "version"}


V1: Final = Weights()
# Every version that was ever in force: pools and receipts of an old one stay good. The newest freezes.
VERSIONS: Final = {V1.version: V1}
NEWEST: Final = V1


def tickets(likes: int, comments: int, shares: int, w: Weights = V1) -> int:
    """The tickets that a post holds in the raffle: one for being there, and more for each distinct answer."""
    return 1 + w.w_like * likes + w.w_comment * comments + w.w_share * shares


def base(n: int, created_ms: int, w: Weights = V1) -> float:
    """Order posts with `n` tickets as tickets * 2^(-age / half-life) would at any moment, without a clock."""
    return log(n) + (created_ms - w.origin_ms) / (w.half_life_ms / LN2)


def base_all(n: F64, created_ms: F64, w: Weights = V1) -> F64:
    """`base` of many posts; may differ from it in the last bits, as libraries' logarithms do."""
    decayed: F64 = np.log(n) + (created_ms - w.origin_ms) / (w.half_life_ms / LN2)
    return decayed


def mix(z: int) -> int:
    """Scatter 64 bits: SplitMix64's finaliser, a bijection."""
    z = (z + 0x9E3779B97F4A7C15) & MASK64
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK64
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK64
    return z ^ z >> 31


def mix_all(z: U64) -> U64:
    """`mix` of many values; equal to it in every bit."""
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


def u(seed: int, post_id: int) -> float:
    """The chance number of a post in a draw, evenly spread and always inside (0, 1)."""
    return ((mix(post_id ^ mix(seed)) >> 12) + 0.5) * 2**-52


def u_all(seed: int, post_ids: U64) -> F64:
    """`u` of many posts; equal to it in every bit."""
    top: F64 = (mix_all(post_ids ^ np.uint64(mix(seed))) >> np.uint64(12)).astype(np.float64)
    top += 0.5
    top *= 2**-52
    return top


def gumbel(seed: int, post_id: int) -> float:
    """Noise that turns sorting by log weight into drawing without replacement (the Gumbel-max trick)."""
    return -log(-log(u(seed, post_id)))


def gumbel_of(chance: F64) -> F64:
    """`gumbel` for chance numbers that `u_all` gave; equal to it but for the last bits."""
    noise: F64 = -np.log(-np.log(chance))
    return noise


def popular_score(base: float, seed: int, post_id: int, w: Weights = V1) -> float:
    """What orders the popular lane, highest first."""
    return base + w.temperature * gumbel(seed, post_id)


def fresh_score(seed: int, post_id: int) -> float:
    """What orders the fresh lane, highest first: chance alone, and other chance than the popular lane's."""
    return u(mix(seed), post_id)
