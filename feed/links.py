"""Web addresses that posts carry: entered when a post is written, for the timeline and the trends of a link."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

from upscrolled.core import mailbox

LINKS_MAX, URL_MAX = 20, 2_048
_PORTS = {"http": 80, "https": 443}


def canonical(url: str) -> str | None:
    """Return the form under which an address is kept: host as DNS has it, no fragment, no usual port.

    None for what is no address of the web, names a user, is longer than URL_MAX, or lies on this site.
    """
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme.lower(), _host(parts)
    except ValueError:
        return None
    if scheme not in _PORTS or not host or "@" in parts.netloc or len(url) > URL_MAX:
        return None
    if host == _host(urlsplit(settings.PUBLIC_URL)):
        return None
    return urlunsplit((scheme, host, parts.path or "/", parts.query, ""))


def _host(parts: SplitResult) -> str:
    """Return host and port: lower case, ASCII, no dot at the end, no usual port. Raises ValueError."""
    name = parts.hostname or ""
    name = f"[{name}]" if ":" in name else mailbox.comparable(name)
    usual = parts.port in (None, _PORTS.get(parts.scheme.lower()))
    return name if usual or not name else f"{name}:{parts.port}"


def digest(url: str) -> bytes:
    """Return the 16 bytes that stand for a canonical address in the index."""
    return hashlib.sha256(url.encode()).digest()[:16]


# Rows are written in one order, so that two posts with the same links never wait for each other in a ring.
_ENTER = """
WITH given AS (
  SELECT * FROM unnest(%(urls)s::text[], %(digests)s::bytea[]) AS g (url, digest) ORDER BY digest
), made AS (
  INSERT INTO feed_link (url, digest) SELECT url, digest FROM given
  ON CONFLICT (digest) DO NOTHING RETURNING id
)
INSERT INTO feed_postlink (link_id, post_id)
SELECT id, %(post)s FROM (
  SELECT id FROM made UNION ALL SELECT l.id FROM feed_link l JOIN given g ON g.digest = l.digest
) AS links
ON CONFLICT (link_id, post_id) DO NOTHING
"""


def enter(post_id: int, urls: Iterable[str]) -> None:
    """Enter a post under the links it carries; one statement, none if it carries no link."""
    kept = list(dict.fromkeys(found for url in urls if (found := canonical(url))))[:LINKS_MAX]
    if kept:
        with connection.cursor() as cursor:
            cursor.execute(_ENTER, {"urls": kept, "digests": [digest(url) for url in kept], "post": post_id})


def leave(post_id: int) -> None:
    """Take a post out from under its links."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM feed_postlink WHERE post_id = %(post)s", {"post": post_id})
