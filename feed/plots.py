"""Bars as SVG: where each stands, how high it is and what is written at it; templates draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 180
TITLE: Final = 30
_HEAD, _FOOT, _GAP = 20, 24, 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in user units of the SVG, what it stands for, and the text above it."""

    x: float
    y: float
    width: float
    height: float
    label: str
    text: str

    @property
    def middle(self) -> float:
        """Where its texts are centred."""
        return round(self.x + self.width / 2, 1)

    @property
    def top(self) -> float:
        """Where the number above it stands."""
        return round(self.y - 5, 1)


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars beside each other, and one sentence that says what they are."""

    title: str
    bars: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def foot(self) -> int:
        """Where the labels stand."""
        return self.height - 8


def bars(
    title: str, labels: Sequence[str], shares: Sequence[float], *, texts: Sequence[str] | None = None
) -> Plot:
    """Draw shares (0 to 1) as bars, in percent; or any numbers, with their `texts`. The highest fills the height."""
    room, step = HEIGHT - _HEAD - _FOOT, WIDTH / len(shares)
    highest = max(*shares, 1e-9)
    made = []
    for place, (label, share) in enumerate(zip(labels, shares, strict=True)):
        height = round(room * share / highest, 1)
        x = round(place * step + _GAP / 2, 1)
        y = round(_HEAD + room - height, 1)
        text = texts[place] if texts else f"{100 * share:.1f} %"
        made.append(Bar(x, y, round(step - _GAP, 1), height, label, text))
    return Plot(title, tuple(made))


def stacked(plots: Sequence[Plot]) -> list[tuple[int, Plot]]:
    """Plots below each other in one picture: how far down each begins."""
    return [(number * (HEIGHT + TITLE), plot) for number, plot in enumerate(plots)]
