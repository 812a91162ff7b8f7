"""States of cases and appeals, and the only place that knows their order. Pure; checked when it loads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from upscrolled.core.errors import Conflict

Table = Mapping[tuple[str, str], str]

CASE: Final[Table] = {
    ("open", "claim"): "claimed",
    ("claimed", "claim"): "claimed",  # a lease that ran out goes to another, or the holder's is prolonged
    ("claimed", "release"): "open",
    ("claimed", "decide"): "decided",
    ("claimed", "dismiss"): "decided",
}
APPEAL: Final[Table] = {
    ("filed", "claim"): "claimed",
    ("claimed", "claim"): "claimed",
    ("claimed", "release"): "filed",
    ("claimed", "uphold"): "upheld",
    ("claimed", "overturn"): "overturned",
}
_STARTS: Final = {"case": "open", "appeal": "filed"}
_ENDS: Final = {"case": {"decided"}, "appeal": {"upheld", "overturned"}}


class OutOfOrder(Conflict):
    """The step does not follow on the state."""


def advance(table: Table, state: str, step: str) -> str:
    """Return the state after a step. Raises OutOfOrder."""
    after = table.get((state, step))
    if after is None:
        raise OutOfOrder(f"This is {state}; it cannot {step} any more")
    return after


def _check(name: str, table: Table) -> None:
    """Every state is reached from the one start, and every one that is no end leads on."""
    reached, start = {_STARTS[name]}, _STARTS[name]
    while more := {after for (before, _), after in table.items() if before in reached} - reached:
        reached |= more
    states = {state for (before, _), after in table.items() for state in (before, after)}
    stuck = states - {before for before, _ in table} - _ENDS[name]
    if states - reached or stuck or not reached & _ENDS[name]:
        raise ValueError(f"states of {name}: unreached {states - reached}, stuck {stuck}, from {start}")


_check("case", CASE)
_check("appeal", APPEAL)
