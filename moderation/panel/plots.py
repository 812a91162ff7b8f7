"""Small plots as SVG: drawn here, so that no page needs a script or a style of its own for them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH: Final = 320
HEIGHT: Final = 72
_GAP: Final = 2


def bars(values: Sequence[tuple[str, int]], *, title: str, kind: str = "") -> SafeString:
    """Draw a bar for each (label, value), the tallest as high as the plot; each says its value when pointed at."""
    most = max((value for _, value in values), default=0) or 1
    step = WIDTH / max(1, len(values))
    drawn = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>',
        (
            (
                f"{number * step:.1f}",
                f"{HEIGHT - HEIGHT * value / most:.1f}",
                f"{step - _GAP:.1f}",
                f"{HEIGHT * value / most:.1f}",
                label,
                value,
            )
            for number, (label, value) in enumerate(values)
        ),
    )
    return format_html(
        '<svg class="plot {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        kind,
        WIDTH,
        HEIGHT,
        title,
        drawn,
    )
