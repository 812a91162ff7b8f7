"""Pages by id, as Mastodon's clients walk them: parameters in, `Link` header out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from rest_framework.request import Request

from upscrolled.core.errors import BadRequest
from upscrolled.core.paging import Page

ID_MAX = 2**63 - 1
_CURSORS = ("max_id", "since_id", "min_id", "limit", "offset")


def page_of(request: Request, *, default: int, maximum: int) -> Page:
    """Read max_id, since_id, min_id and limit; a limit outside 1…maximum is brought inside, as Mastodon does.

    Raises BadRequest for an id that is no number.
    """
    query = request.query_params
    return Page(
        max_id=_id("max_id", query.get("max_id")),
        since_id=_id("since_id", query.get("since_id")),
        min_id=_id("min_id", query.get("min_id")),
        limit=limit_of(query.get("limit"), default=default, maximum=maximum),
    )


def limit_of(value: str | None, *, default: int, maximum: int) -> int:
    """Read a limit: its absolute value, at most `maximum`; the default when it is absent, 0 or no number."""
    try:
        number = abs(int(value or default))
    except ValueError:
        number = default
    return min(number or default, maximum)


def offset_of(value: str | None, *, maximum: int = 10_000) -> int:
    """Read an offset, 0 when it is absent or no number."""
    try:
        return min(max(int(value or 0), 0), maximum)
    except ValueError:
        return 0


def link(request: Request, *, following: dict[str, Any] | None, previous: dict[str, Any] | None) -> str:
    """Return the Link header, keeping the caller's filters; `following` is None after the last page."""
    kept = [(name, value) for name, values in request.query_params.lists() for value in values]
    kept = [(name, value) for name, value in kept if name not in _CURSORS]
    if "limit" in request.query_params:
        kept.insert(0, ("limit", request.query_params["limit"]))
    address = request.build_absolute_uri(request.path)
    parts = [
        f'<{address}?{urlencode([*kept, *cursor.items()])}>; rel="{rel}"'
        for cursor, rel in ((following, "next"), (previous, "prev"))
        if cursor
    ]
    return ", ".join(parts)


def _id(name: str, value: str | None) -> int | None:
    if value is None or value == "":
        return None
    if not (value.isascii() and value.isdigit()):
        raise BadRequest(f"{name} must be an id, not {value[:40]!r}.")
    return min(int(value[:20]), ID_MAX) if len(value) <= 20 else ID_MAX
