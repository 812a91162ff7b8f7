"""Which pools there are. A new one is a row here, and the two partial indexes that its predicate needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from feed import candidates


@dataclass(frozen=True, slots=True)
class Kind:
    """A pool: its public name, and which posts it takes: said of a candidate `c`, and of the post `p` itself.

    The first stands in the partial indexes too, word for word, or the planner could not use them. The second is what
    an audit compares it with.
    """

    name: str
    predicate: str
    truth: str


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("all", predicate="true", truth="true"),
        Kind("video", predicate="c.video", truth=candidates.HAS_VIDEO),
    )
}
ALL: Final = "all"
