"""The title of something that a person keeps for themselves."""

from __future__ import annotations

from upscrolled.core import text
from upscrolled.core.errors import Invalid


def checked_title(written: str, *, at_most: int) -> str:
    """Return the title as it is stored. Raises Invalid for one of which nothing is seen, and for one too long."""
    title = text.clean(written)
    if text.is_blank(title):
        raise Invalid("Validation failed: Title can't be blank")
    if len(title) > at_most:
        raise Invalid(f"Validation failed: Title is too long: {len(title)} characters; at most {at_most}")
    return title
