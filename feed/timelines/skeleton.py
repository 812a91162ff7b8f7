"""What every skeleton answers: one step of ids, and from where the next step goes on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids of one step, newest first. `floor` is the cursor of the next step, or None when nothing is left.

    Going down, the next step holds ids below `floor`; going up (min_id), ids above it. It may lie beyond the
    last id, where a step has looked at rows that it did not take.
    """

    ids: list[int]
    floor: int | None
