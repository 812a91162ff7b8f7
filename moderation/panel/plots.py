"""Small plots as SVG: drawn here, so that no page needs a script or a style of its own for them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH: Final = 320
HEIGHT: Final = 72
_ABOVE: Final = 12  # for the number over a bar
_BELOW: Final = 15  # for its label, whose letters may reach below the line
_GAP: Final = 4


def bars(
    values: Sequence[tuple[str, int]], *, title: str, kind: str = "", mirrored: bool = False
) -> SafeString:
    """Draw a bar for each (label, value), the tallest as high as the plot, with its number above and its label below.

    `mirrored` puts the first at the right, as who reads from the right expects.
    """
    most = max((value for _, value in values), default=0) or 1
    step = WIDTH / max(1, len(values))
    shown = list(reversed(values)) if mirrored else list(values)
    drawn = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}: {}</title></rect>'
        '<text x="{}" y="{}" text-anchor="middle">{}</text><text x="{}" y="{}" text-anchor="middle">{}</text>',
        (_bar(label, value, place * step, step, value / most) for place, (label, value) in enumerate(shown)),
    )
    floor = _ABOVE + HEIGHT
    return format_html(
        '<svg class="plot {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<line x1="0" y1="{}" x2="{}" y2="{}"/></svg>',
        kind,
        WIDTH,
        floor + _BELOW,
        title,
        drawn,
        floor,
        WIDTH,
        floor,
    )


def _bar(label: str, value: int, left: float, step: float, part: float) -> tuple[object, ...]:
    height = HEIGHT * part
    top, middle = _ABOVE + HEIGHT - height, f"{left + step / 2:.1f}"
    rect = (f"{left + _GAP / 2:.1f}", f"{top:.1f}", f"{step - _GAP:.1f}", f"{height:.1f}", label, value)
    number = (middle, f"{top - 3:.1f}", value or "")
    return (*rect, *number, middle, f"{_ABOVE + HEIGHT + 10}", label)
