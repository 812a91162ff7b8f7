"""How old somebody is, by the calendar."""

from __future__ import annotations

from datetime import date


def years_between(born: date, today: date) -> int:
    """Return the completed years of a life; who was born on 29 February turns a year older on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
