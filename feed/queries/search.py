"""Find posts by what they say or by their address, and hashtags by the beginning of their name."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from feed.facts import PostFacts
from feed.finding import Part, backend
from feed.finding.asked import Asked
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


def posts_saying(viewer: Viewer, asked: Asked, part: Part) -> list[PostFacts]:
    """Return posts that this viewer may see and that have what was asked for, newest first."""
    found = posts.posts(viewer, backend().posts(viewer, asked, part))
    impressions.note(Surface.SEARCH, viewer, found)
    return found


def name_at(address: str) -> str | None:
    """Return the user name whose page this address is, or None."""
    found = _PROFILE_PATH.match(_own_path(address))
    return found[1] if found else None


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
