"""Find posts by their address, and hashtags by the beginning of their name.

Full-text search of posts comes with a later release.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from feed.facts import PostFacts
from feed.queries import posts
from upscrolled.core import ids, text
from upscrolled.core.errors import NotFound
from upscrolled.viewer import Viewer

_POST_PATH = re.compile(r"\A/@[A-Za-z0-9_]+/([0-9]+)/?\Z")
_PROFILE_PATH = re.compile(r"\A/@([A-Za-z0-9_]+)/?\Z")


def post_at(viewer: Viewer, address: str) -> PostFacts | None:
    """Return the post whose page this address is, or None."""
    found = _POST_PATH.match(_own_path(address))
    number = ids.parse(found[1]) if found else None
    if number is None:
        return None
    try:
        return posts.get_post(viewer, number)
    except NotFound:
        return None


def name_at(address: str) -> str | None:
    """Return the user name whose page this address is, or None."""
    found = _PROFILE_PATH.match(_own_path(address))
    return found[1] if found else None


def tags(query: str, *, limit: int, offset: int) -> list[str]:
    """Return hashtags that begin like this, the exact one first, as they were first written."""
    name = text.tag_name(query.lstrip("#"))
    if not name:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT display FROM feed_tag WHERE name LIKE %(prefix)s
               ORDER BY name <> %(name)s, length(name), name LIMIT %(limit)s OFFSET %(offset)s""",
            {"prefix": _like(name) + "%", "name": name, "limit": limit, "offset": offset},
        )
        return [row[0] for row in cursor.fetchall()]


def tag_display(name: str) -> str:
    """Return a hashtag as it was first written here, or as it was asked for. Raises NotFound for no tag."""
    normal = text.tag_name(name)
    if not normal:
        raise NotFound
    with connection.cursor() as cursor:
        cursor.execute("SELECT display FROM feed_tag WHERE name = %(name)s", {"name": normal})
        row = cursor.fetchone()
    return row[0] if row else name


def _own_path(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return parts.path if f"{parts.scheme}://{parts.netloc}" == settings.PUBLIC_URL else ""


def _like(prefix: str) -> str:
    return prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
