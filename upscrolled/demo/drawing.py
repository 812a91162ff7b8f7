"""Pictures of the demo's people, drawn from nothing but a name and a topic: the same each time.

Drawn at twice the size and made smaller, which smooths every edge.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from colorsys import hls_to_rgb
from math import cos, pi, sin
from random import Random
from typing import NamedTuple

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
_AVATAR, _HEADER = (240, 240), (900, 300)
_FINER = 2
_GOLDEN = 0.618_034  # steps of this around the circle of hues never come near an earlier one


class Palette(NamedTuple):
    """Colours that go together: a pale and a deeper ground, a dark and a light to draw with, an accent."""

    pale: Colour
    ground: Colour
    dark: Colour
    light: Colour
    accent: Colour


def palette(number: int) -> Palette:
    """Return the colours of the person or thing with this number; neighbours differ most."""
    hue = number * _GOLDEN % 1
    return Palette(
        pale=_colour(hue, 0.86, 0.62),
        ground=_colour(hue + 0.04, 0.68, 0.52),
        dark=_colour(hue + 0.08, 0.26, 0.45),
        light=_colour(hue + 0.52, 0.95, 0.7),
        accent=_colour(hue + 0.46, 0.6, 0.72),
    )


def avatar(topic: str, number: int) -> bytes:
    """Draw the sign of a topic on a ground of one's own colours; a PNG."""
    pen = _Pen(_AVATAR, palette(number))
    pen.disc(0.5, 0.5, 0.4, pen.colours.light)
    _SIGNS[topic](pen)
    return pen.png()


def header(topic: str, number: int) -> bytes:
    """Draw a landscape: hills or waves, with a sun or stars above; a PNG."""
    rng = Random(f"{topic} {number}")
    pen = _Pen(_HEADER, palette(number))
    night = topic in ("sky", "music")
    if night:
        pen.fade(pen.colours.dark, pen.colours.ground)
        for _ in range(60):
            pen.disc(rng.uniform(0, 3), rng.uniform(0, 0.7), rng.uniform(0.003, 0.009), pen.colours.light)
    pen.disc(rng.uniform(0.5, 2.5), rng.uniform(0.25, 0.45), 0.13, pen.colours.light)
    waves = topic in ("sea", "bikes")
    for layer in range(4):
        share = layer / 3
        colour = _between(pen.colours.ground, pen.colours.dark, share)
        pen.hills(
            height=0.5 + 0.14 * layer,
            swing=(0.03 if waves else 0.11) * (1.1 - 0.5 * share),
            lengths=(rng.uniform(0.35, 0.5), 0.2)
            if waves
            else (rng.uniform(0.9, 1.6), rng.uniform(0.35, 0.6)),
            shift=rng.uniform(0, 2 * pi),
            colour=colour,
        )
    return pen.png()


class _Pen:
    """Draws in parts of the picture's height, from its upper left corner."""

    def __init__(self, size: tuple[int, int], colours: Palette) -> None:
        self.colours, self._size = colours, size
        self._unit = size[1] * _FINER
        self._wide = size[0] / size[1]
        self._image = Image.new("RGB", (size[0] * _FINER, self._unit))
        self._draw = ImageDraw.Draw(self._image)
        self.fade(colours.pale, colours.ground)

    def fade(self, above: Colour, below: Colour) -> None:
        """Fill all of it, from one colour down to another."""
        column = Image.new("RGB", (1, 64))
        for row in range(64):
            column.putpixel((0, row), _between(above, below, row / 63))
        self._image.paste(column.resize(self._image.size, Image.Resampling.BILINEAR))

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a circle around a point."""
        self.oval(x, y, radius, radius, colour)

    def oval(self, x: float, y: float, across: float, down: float, colour: Colour) -> None:
        """Fill an ellipse around a point, by half its width and height."""
        unit = self._unit
        box = ((x - across) * unit, (y - down) * unit, (x + across) * unit, (y + down) * unit)
        self._draw.ellipse(box, fill=colour)

    def ring(self, x: float, y: float, radius: float, width: float, colour: Colour) -> None:
        """Draw a circle's line."""
        unit = self._unit
        box = ((x - radius) * unit, (y - radius) * unit, (x + radius) * unit, (y + radius) * unit)
        self._draw.ellipse(box, outline=colour, width=round(width * unit))

    def box(
        self, left: float, top: float, right: float, bottom: float, colour: Colour, r: float = 0.03
    ) -> None:
        """Fill a rectangle with round corners."""
        unit = self._unit
        corners = (left * unit, top * unit, right * unit, bottom * unit)
        self._draw.rounded_rectangle(corners, radius=r * unit, fill=colour)

    def shape(self, colour: Colour, *points: tuple[float, float]) -> None:
        """Fill what these corners enclose."""
        self._draw.polygon([(x * self._unit, y * self._unit) for x, y in points], fill=colour)

    def line(self, colour: Colour, width: float, *points: tuple[float, float]) -> None:
        """Draw from point to point, with round ends."""
        unit = self._unit
        self._draw.line(
            [(x * unit, y * unit) for x, y in points], fill=colour, width=round(width * unit), joint="curve"
        )
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, colour)

    def hills(
        self, *, height: float, swing: float, lengths: tuple[float, float], shift: float, colour: Colour
    ) -> None:
        """Fill all below a line of two waves."""
        steps = [self._wide * step / 150 for step in range(151)]
        one, other = lengths
        tops = [
            (x, height + swing * (sin(2 * pi * x / one + shift) + 0.5 * sin(2 * pi * x / other + 2 * shift)))
            for x in steps
        ]
        self.shape(colour, *tops, (self._wide, 1.0), (0.0, 1.0))

    def png(self) -> bytes:
        """Return the picture."""
        out = io.BytesIO()
        self._image.resize(self._size, Image.Resampling.LANCZOS).save(out, "PNG", compress_level=1)
        return out.getvalue()


# --- signs, within a circle around (0.5, 0.5) with radius 0.4 -----------------------------------------


def _garden(pen: _Pen) -> None:
    pen.line(pen.colours.dark, 0.035, (0.5, 0.76), (0.5, 0.4))
    for x, y, across in ((0.39, 0.42, 0.11), (0.61, 0.36, 0.11), (0.4, 0.56, 0.09), (0.6, 0.52, 0.09)):
        pen.oval(x, y, across, 0.055, pen.colours.dark)
    pen.disc(0.5, 0.29, 0.08, pen.colours.accent)


def _kitchen(pen: _Pen) -> None:
    for x in (0.4, 0.5, 0.6):
        pen.line(pen.colours.accent, 0.025, (x, 0.4), (x + 0.03, 0.33), (x - 0.02, 0.27), (x + 0.01, 0.21))
    pen.box(0.3, 0.46, 0.7, 0.72, pen.colours.dark, 0.08)
    pen.box(0.24, 0.46, 0.76, 0.52, pen.colours.dark)


def _books(pen: _Pen) -> None:
    pen.shape(pen.colours.dark, (0.5, 0.34), (0.24, 0.27), (0.24, 0.64), (0.5, 0.72))
    pen.shape(pen.colours.accent, (0.5, 0.34), (0.76, 0.27), (0.76, 0.64), (0.5, 0.72))
    for y in (0.38, 0.46, 0.54):
        pen.line(pen.colours.light, 0.015, (0.3, y), (0.44, y + 0.04))
        pen.line(pen.colours.light, 0.015, (0.56, y + 0.04), (0.7, y))


def _bikes(pen: _Pen) -> None:
    for x in (0.33, 0.67):
        pen.ring(x, 0.58, 0.14, 0.03, pen.colours.dark)
    frame = ((0.33, 0.58), (0.43, 0.4), (0.6, 0.4), (0.48, 0.58), (0.33, 0.58))
    pen.line(pen.colours.accent, 0.028, *frame)
    pen.line(pen.colours.accent, 0.028, (0.48, 0.58), (0.42, 0.35))
    pen.line(pen.colours.accent, 0.028, (0.67, 0.58), (0.59, 0.33), (0.66, 0.31))
    pen.line(pen.colours.dark, 0.035, (0.38, 0.34), (0.46, 0.34))


def _photos(pen: _Pen) -> None:
    pen.box(0.4, 0.31, 0.6, 0.45, pen.colours.dark)
    pen.box(0.23, 0.37, 0.77, 0.69, pen.colours.dark, 0.05)
    pen.disc(0.5, 0.53, 0.12, pen.colours.light)
    pen.disc(0.5, 0.53, 0.085, pen.colours.accent)
    pen.disc(0.69, 0.43, 0.025, pen.colours.light)


def _code(pen: _Pen) -> None:
    pen.line(pen.colours.dark, 0.05, (0.37, 0.37), (0.23, 0.5), (0.37, 0.63))
    pen.line(pen.colours.dark, 0.05, (0.63, 0.37), (0.77, 0.5), (0.63, 0.63))
    pen.line(pen.colours.accent, 0.05, (0.55, 0.32), (0.45, 0.68))


def _music(pen: _Pen) -> None:
    pen.line(pen.colours.dark, 0.035, (0.42, 0.64), (0.42, 0.32), (0.68, 0.26), (0.68, 0.58))
    pen.line(pen.colours.dark, 0.06, (0.42, 0.36), (0.68, 0.3))
    pen.oval(0.37, 0.65, 0.075, 0.06, pen.colours.accent)
    pen.oval(0.63, 0.59, 0.075, 0.06, pen.colours.accent)


def _school(pen: _Pen) -> None:
    pen.shape(pen.colours.dark, (0.34, 0.6), (0.62, 0.28), (0.72, 0.38), (0.44, 0.7))
    pen.shape(pen.colours.accent, (0.62, 0.28), (0.67, 0.23), (0.77, 0.33), (0.72, 0.38))
    pen.shape(pen.colours.accent, (0.34, 0.6), (0.44, 0.7), (0.28, 0.75))


def _sky(pen: _Pen) -> None:
    pen.disc(0.47, 0.5, 0.25, pen.colours.dark)
    pen.disc(0.58, 0.43, 0.2, pen.colours.light)
    for x, y, radius in ((0.6, 0.4, 0.07), (0.73, 0.58, 0.045), (0.56, 0.6, 0.03)):
        _star(pen, x, y, radius)


def _sea(pen: _Pen) -> None:
    pen.shape(pen.colours.accent, (0.49, 0.22), (0.49, 0.54), (0.27, 0.54))
    pen.shape(pen.colours.dark, (0.53, 0.3), (0.53, 0.54), (0.7, 0.54))
    pen.shape(pen.colours.dark, (0.25, 0.58), (0.75, 0.58), (0.66, 0.68), (0.34, 0.68))
    wave = tuple((0.22 + step * 0.04, 0.75 + 0.015 * (-1) ** step) for step in range(15))
    pen.line(pen.colours.accent, 0.022, *wave)


def _crafts(pen: _Pen) -> None:
    pen.line(pen.colours.dark, 0.03, (0.26, 0.28), (0.66, 0.74))
    pen.line(pen.colours.dark, 0.03, (0.74, 0.28), (0.34, 0.74))
    pen.disc(0.5, 0.52, 0.19, pen.colours.accent)
    for step in (-0.08, 0.0, 0.08):
        pen.line(pen.colours.light, 0.014, (0.37, 0.5 + step), (0.5, 0.45 + step), (0.63, 0.54 + step))


def _walks(pen: _Pen) -> None:
    pen.shape(pen.colours.accent, (0.2, 0.68), (0.42, 0.33), (0.62, 0.68))
    pen.shape(pen.colours.dark, (0.38, 0.68), (0.61, 0.25), (0.82, 0.68))
    pen.shape(pen.colours.light, (0.545, 0.372), (0.61, 0.25), (0.67, 0.372), (0.61, 0.34))


def _star(pen: _Pen, x: float, y: float, radius: float) -> None:
    corners = []
    for step in range(10):
        far, turn = radius * (1 if step % 2 == 0 else 0.45), pi * step / 5 - pi / 2
        corners.append((x + far * cos(turn), y + far * sin(turn)))
    pen.shape(pen.colours.accent, *corners)


_SIGNS: dict[str, Callable[[_Pen], None]] = {
    "garden": _garden,
    "kitchen": _kitchen,
    "books": _books,
    "bikes": _bikes,
    "photos": _photos,
    "code": _code,
    "music": _music,
    "school": _school,
    "sky": _sky,
    "sea": _sea,
    "crafts": _crafts,
    "walks": _walks,
}
TOPICS = tuple(_SIGNS)


def _colour(hue: float, lightness: float, saturation: float) -> Colour:
    red, green, blue = hls_to_rgb(hue % 1, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def _between(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
