"""Hashtags by the beginning of their name."""

from __future__ import annotations

from typing import Any

from django.db import connection

from upscrolled.core import text

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
