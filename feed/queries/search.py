"""Find posts by their address, and hashtags by the beginning of their name.

Full-text search of posts comes with a later release.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from feed.facts import PostFacts
from feed.queries import posts
from feed.timelines import impressions
from upscrolled.core import ids, text
from upscrolled.core.errors import NotFound
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface

_POST_PATH = re.compile(r"\A/@[A-Za-z0-9_]+/([0-9]+)/?\Z")
_PROFILE_PATH = re.compile(r"\A/@([A-Za-z0-9_]+)/?\Z")


def post_at(viewer: Viewer, address: str) -> PostFacts | None:
    """Return the post whose page this address is, or None."""
    found = _POST_PATH.match(_own_path(address))
    number = ids.parse(found[1]) if found else None
    if number is None:
        return None
    try:
        post = posts.get_post(viewer, number)
    except NotFound:
        return None
    impressions.note(Surface.SEARCH, viewer, [post])
    return post


def name_at(address: str) -> str | None:
    """Return the user name whose page this address is, or None."""
    found = _PROFILE_PATH.match(_own_path(address))
    return found[1] if found else None


# The first of them by their letters; where there are more, those also that most people use at present. So the search
# for one letter costs what any other does, however many hashtags there are.
LOOKED_AT = 1_000
_TAGS = """
WITH first AS MATERIALIZED (
  SELECT t.id FROM feed_tag t WHERE t.name ~>=~ %(name)s::text AND t.name ~<=~ (%(name)s::text || %(last)s::text)
  ORDER BY t.name USING ~<~ LIMIT %(looked_at)s
), found AS (
  SELECT id FROM first
  UNION
  SELECT d.tag_id FROM (SELECT tag_id FROM feed_tagday WHERE day = (SELECT max(day) FROM feed_tagday)
                        ORDER BY people DESC LIMIT %(looked_at)s) d
  WHERE (SELECT count(*) FROM first) = %(looked_at)s
)
SELECT t.display FROM found CROSS JOIN LATERAL (SELECT * FROM feed_tag x WHERE x.id = found.id LIMIT 1) t
WHERE starts_with(t.name, %(name)s::text)
ORDER BY t.name <> %(name)s::text, length(t.name), t.name LIMIT %(limit)s OFFSET %(offset)s
"""
_LAST = "\U0010ffff"  # no name goes on with a greater letter


def tags(query: str, *, limit: int, offset: int) -> list[str]:
    """Return hashtags that begin like this, the exact one first, then the shortest, as they were first written."""
    name = text.tag_name(query.lstrip("#"))
    if not name:
        return []
    row: dict[str, Any] = {
        "name": name,
        "last": _LAST,
        "looked_at": LOOKED_AT,
        "limit": limit,
        "offset": offset,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAGS, row)
        return [found[0] for found in cursor.fetchall()]


def tag_display(name: str) -> str:
    """Return a hashtag as it was first written here, or as it was asked for. Raises NotFound for no tag."""
    normal = text.tag_name(name)
    if not normal:
        raise NotFound
    with connection.cursor() as cursor:
        cursor.execute("SELECT display FROM feed_tag WHERE name = %(name)s", {"name": normal})
        row = cursor.fetchone()
    if row is None and not text.is_hashtag(name):
        raise NotFound
    return row[0] if row else name


def _own_path(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return parts.path if f"{parts.scheme}://{parts.netloc}" == settings.PUBLIC_URL else ""
