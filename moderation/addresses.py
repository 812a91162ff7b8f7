"""Addresses of this site's pages, as people copy them, and what they show to the public."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import connection

from moderation.subjects import Subject
from upscrolled.core.errors import Invalid

ADDRESS_MAX: Final = 2_000
_POST = re.compile(r"/@(\w{1,30})/(\d{1,18})/?")
_PROFILE = re.compile(r"/@(\w{1,30})/?")
_TAG = re.compile(r"/tags/([^/]{1,100})/?")
# What only followers see is not told to exist: whoever sees it has an account, and reports it with that.
_FIND_POST: Final = """
SELECT p.id, p.author_id FROM feed_post p JOIN upscrolled_account a ON a.id = p.author_id
WHERE p.id = %(id)s AND lower(a.username) = lower(%(name)s) AND p.audience IN ('public', 'unlisted')
"""
_FIND_PROFILE: Final = "SELECT id, id FROM upscrolled_account WHERE lower(username) = lower(%(name)s)"
_FIND_TAG: Final = "SELECT id, NULL::bigint FROM feed_tag WHERE name = lower(%(name)s)"


def find(address: str) -> tuple[Subject, int | None]:
    """Return what an address shows, and whose it is (None: a hashtag's). Raises Invalid, with the address."""
    shown = address.strip()[:200]
    if len(address) > ADDRESS_MAX:
        raise Invalid(f"Validation failed: an address of {len(address)} characters; at most {ADDRESS_MAX}")
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        raise Invalid(f"Validation failed: {shown!r} is no address") from None
    if parts.netloc.lower() != urlsplit(settings.PUBLIC_URL).netloc.lower():
        raise Invalid(f"Validation failed: {shown!r} is no address of this site")
    path = unquote(parts.path)
    for pattern, kind, statement in (
        (_POST, "post", _FIND_POST),
        (_PROFILE, "account", _FIND_PROFILE),
        (_TAG, "hashtag", _FIND_TAG),
    ):
        if match := pattern.fullmatch(path):
            facts = {"name": match[1], "id": int(match[2]) if kind == "post" else 0}
            with connection.cursor() as cursor:
                cursor.execute(statement, facts)
                row = cursor.fetchone()
            if row is not None:
                return Subject(kind, row[0]), row[1]
            break
    raise Invalid(f"Validation failed: {shown!r} shows no public post, profile or hashtag")
