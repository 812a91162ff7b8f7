"""What is shown of cards, in one statement for a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import connection

_COLUMNS = """
  l.url, c.host, c.title, c.description, c.author_name, c.author_url, c.provider, c.language, c.published_at,
  c.image, c.image_description, c.width, c.height, c.blurhash
"""
_OF_POSTS = f"""
SELECT p.post_id, {_COLUMNS}
FROM feed_postcard p JOIN feed_card c ON c.link_id = p.link_id JOIN feed_link l ON l.id = c.link_id
WHERE p.post_id = ANY(%(ids)s) AND c.title <> ''
"""
_OF_LINKS = f"""
SELECT c.link_id, {_COLUMNS} FROM feed_card c JOIN feed_link l ON l.id = c.link_id
WHERE c.link_id = ANY(%(ids)s) AND c.title <> ''
"""


class CardFacts(msgspec.Struct, frozen=True):
    """A card as it is shown; empty texts are what is not known. In the order of `_COLUMNS`."""

    url: str
    host: str
    title: str
    description: str = ""
    author_name: str = ""
    author_url: str = ""
    provider: str = ""
    language: str = ""
    published_at: datetime | None = None
    image: str = ""
    image_description: str = ""
    width: int = 0
    height: int = 0
    blurhash: str = ""


def of_posts(post_ids: Sequence[int]) -> dict[int, CardFacts]:
    """Return the cards that these posts show, by post; none for a page that nobody has read yet."""
    return _cards(_OF_POSTS, post_ids)


def of_links(link_ids: Sequence[int]) -> dict[int, CardFacts]:
    """Return the cards of these links, by link."""
    return _cards(_OF_LINKS, link_ids)


def _cards(statement: str, ids: Sequence[int]) -> dict[int, CardFacts]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(ids)})
        return {row[0]: CardFacts(*row[1:]) for row in cursor.fetchall()}
