"""Addresses of this site's pages, as people copy them, and what they show to the public."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.db import connection

from moderation.subjects import Subject
from upscrolled.core.errors import Invalid

ADDRESS_MAX: Final = 2_000
_POST = re.compile(r"/@(\w{1,30})/(\d{1,18})/?")
_PROFILE = re.compile(r"/@(\w{1,30})/?")
_PRIVATE = re.compile(r"/media/private/[\w-]{1,90}/([0-9a-f]{2}/[0-9a-f]{64}\.\w{1,5})")
_PUBLIC = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\.\w{1,5}")
_TAG = re.compile(r"/tags/([^/]{1,100})/?")
# What only followers see is not told to exist: whoever sees it has an account, and reports it with that.
_FIND_POST: Final = """
SELECT p.id, p.author_id FROM feed_post p JOIN upscrolled_account a ON a.id = p.author_id
WHERE p.id = %(id)s AND lower(a.username) = lower(%(name)s) AND p.audience IN ('public', 'unlisted')
"""
# Any file of a photo, video or sound: the picture itself, its small form, a playlist, captions. The same file of
# several posts is one of the first.
_FIND_MEDIA: Final = """
SELECT m.id, m.owner_id FROM upscrolled_storedfile f JOIN upscrolled_fileuse u ON u.file_id = f.id
JOIN upscrolled_mediaattachment m ON m.id = u.attachment_id AND m.deleted_at IS NULL AND m.purpose = 'post'
JOIN feed_postmedia s ON s.attachment_id = m.id
JOIN feed_post p ON p.id = s.post_id AND p.deleted_at IS NULL AND p.audience IN ('public', 'unlisted')
WHERE f.name = %(name)s AND f.area IN ('public', 'private') ORDER BY m.id LIMIT 1
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
    if name := _file(address.strip(), parts):
        return _found("media", _FIND_MEDIA, {"name": name}, shown)
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
            return _found(kind, statement, facts, shown)
    raise Invalid(_NOTHING.format(shown=shown))


_NOTHING: Final = "Validation failed: {shown!r} shows no public post, photo, video, profile or hashtag"


def _found(kind: str, statement: str, facts: dict[str, Any], shown: str) -> tuple[Subject, int | None]:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        row = cursor.fetchone()
    if row is None:
        raise Invalid(_NOTHING.format(shown=shown))
    return Subject(kind, row[0]), row[1]


def _file(address: str, parts: SplitResult) -> str:
    """The stored name that an address of media ends with; empty for any other. Public ones may have another host."""
    public = f"{settings.MEDIA_PUBLIC_URL}/"
    plain = address.partition("?")[0].partition("#")[0]
    if plain.startswith(public) and _PUBLIC.fullmatch(plain.removeprefix(public)):
        return plain.removeprefix(public)
    ours = parts.netloc.lower() == urlsplit(settings.PUBLIC_URL).netloc.lower()
    match = _PRIVATE.fullmatch(parts.path) if ours else None
    return match[1] if match else ""
