"""Line plots as small SVG files that can be read on light and on dark paper."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 760, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 46, 40
_COLOURS = ("#1f77b4", "#d9480f", "#2b8a3e", "#9c36b5", "#c2255c", "#868e96")
_DASHES = ("", "7 3", "2 2", "9 3 2 3", "4 2", "1 3")
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #343a40 } .title { font-size: 14px; font-weight: 600 }
.grid { stroke: #adb5bd; stroke-width: .5 } .line { fill: none; stroke-width: 1.6; stroke-linejoin: round }
@media (prefers-color-scheme: dark) { text { fill: #e9ecef } .grid { stroke: #495057 } }
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A name and one value a second; None leaves a gap."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Axes:
    """Where values stand on the paper."""

    seconds: int
    lowest: float
    highest: float
    is_log: bool

    def x(self, second: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * second / max(self.seconds - 1, 1)

    def y(self, value: float) -> float:
        if self.is_log:
            value = max(value, self.lowest)
            share = math.log(value / self.lowest) / math.log(self.highest / self.lowest)
        else:
            share = (value - self.lowest) / (self.highest - self.lowest)
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share


def chart(
    title: str,
    unit: str,
    lines: Sequence[Line],
    *,
    marks: Sequence[tuple[float, str]] = (),
    is_log: bool = False,
) -> str:
    """Return an SVG of these lines over the seconds; `marks` are (second, label) below the axis."""
    values = [value for line in lines for value in line.values if value is not None]
    axes = _axes(
        max((len(line.values) for line in lines), default=1), max(values, default=1.0), is_log=is_log
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title><style>{_STYLE}</style>',
        f'<text class="title" x="{_LEFT}" y="16">{escape(title)}, {escape(unit)}</text>',
        *_grid(axes),
        *(_mark(axes, second, label) for second, label in marks),
    ]
    x = float(_LEFT)
    for number, line in enumerate(lines):
        look = (
            f'stroke="{_COLOURS[number % len(_COLOURS)]}" stroke-dasharray="{_DASHES[number % len(_DASHES)]}"'
        )
        parts += [f'<path class="line" {look} d="{_path(axes, line.values)}"/>']
        parts += [
            f'<path class="line" {look} d="M{x:.0f} 32h22"/><text x="{x + 27:.0f}" y="36">{escape(line.name)}</text>'
        ]
        x += 46 + 7 * len(line.name)
    return "\n".join([*parts, "</svg>", ""])


def _axes(seconds: int, highest: float, *, is_log: bool) -> Axes:
    if is_log:
        return Axes(seconds, 1.0, max(10.0 ** math.ceil(math.log10(max(highest, 2.0))), 10.0), is_log=True)
    step = _step(highest)
    return Axes(seconds, 0.0, max(math.ceil(highest / step), 1) * step, is_log=False)


def _step(highest: float) -> float:
    """Return a round distance between grid lines: four or five of them up to the highest value."""
    rough = max(highest, 1e-9) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)


def _grid(axes: Axes) -> list[str]:
    if axes.is_log:
        values = [10.0**power for power in range(round(math.log10(axes.highest)) + 1)]
    else:
        step = _step(axes.highest)
        values = [step * number for number in range(round(axes.highest / step) + 1)]
    return [
        f'<path class="grid" d="M{_LEFT} {axes.y(value):.1f}H{WIDTH - _RIGHT}"/>'
        f'<text x="{_LEFT - 6}" y="{axes.y(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
        for value in values
    ]


def _mark(axes: Axes, second: float, label: str) -> str:
    x = axes.x(second)
    return (
        f'<path class="grid" d="M{x:.1f} {_TOP}V{HEIGHT - _BOTTOM + 5}"/>'
        f'<text x="{x:.1f}" y="{HEIGHT - _BOTTOM + 20}" text-anchor="middle">{escape(label)}</text>'
    )


def _path(axes: Axes, values: Sequence[float | None]) -> str:
    steps, is_drawing = [], False
    for second, value in enumerate(values):
        if value is not None:
            steps.append(f"{'L' if is_drawing else 'M'}{axes.x(second):.1f} {axes.y(value):.1f}")
        is_drawing = value is not None
    return "".join(steps)
