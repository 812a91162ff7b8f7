"""What a case or a decision is about: whose it is, what it says, how it is kept as evidence.

Posts are read here as they are, hidden or not: whoever decides must see what others do not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from moderation import near
from upscrolled.core.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Subject:
    """An account, a post, a hashtag …, by its number."""

    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """A subject as it stands: its owner (None: a hashtag's), their language, what it says."""

    subject: Subject
    owner_id: int | None
    language: str
    content: dict[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 of the content, by which the same evidence is kept once."""
        return hashlib.sha256(json.dumps(self.content, sort_keys=True).encode()).hexdigest()

    @property
    def text(self) -> str:
        """What it says, for telling near copies."""
        return str(self.content.get("text") or self.content.get("name") or "")

    @property
    def files(self) -> set[str]:
        """SHA-256 of its attachments as they were sent."""
        return {each["sha256"] for each in self.content.get("media") or () if each.get("sha256")}

    @property
    def media(self) -> list[int]:
        """Its attachments, also those that only its earlier versions show."""
        return attachments_of(self.content)

    @property
    def faces(self) -> list[str]:
        """The stored pictures of a profile, by their names."""
        return [str(self.content[place]) for place in ("avatar", "header") if self.content.get(place)]

    @property
    def pictures(self) -> list[str]:
        """PDQs of its pictures that are not too plain to be told apart."""
        return [each["pdq"] for each in self.content.get("pictures") or () if each["quality"] >= near.QUALITY]


def attachments_of(content: dict[str, Any]) -> list[int]:
    """Return the attachments that frozen content names, in their order."""
    named = [*(content.get("media") or ()), *(content.get("former_media") or ())]
    return [int(each["id"]) for each in named]


_ACCOUNT: Final = """
SELECT a.id, a.id, a.locale, jsonb_build_object('username', a.username, 'display_name', a.display_name, 'note', a.note,
  'fields', a.fields, 'avatar', a.avatar, 'header', a.header)
FROM upscrolled_account a WHERE a.id = ANY(%(ids)s::bigint[])
"""
# An attachment `m`, with what its owner put beside it and may replace.
_ATTACHMENT: Final = """jsonb_build_object('id', m.id::text, 'kind', m.kind, 'sha256', m.sha256,
              'description', m.description, 'captions', m.captions, 'thumbnail', m.files->'thumbnail')"""
_POST: Final = f"""
SELECT p.id, p.author_id, a.locale, jsonb_build_object('text', p.text, 'warning', p.warning, 'sensitive', p.sensitive,
  'language', p.language, 'audience', p.audience, 'in_reply_to', p.in_reply_to_id, 'parts', p.parts,
  'edited_at', p.edited_at, 'deleted', p.deleted_at IS NOT NULL,
  'edits', (SELECT jsonb_agg(jsonb_build_object('text', e.text, 'warning', e.warning, 'at', e.written_at) ORDER BY e.id)
            FROM feed_postedit e WHERE e.post_id = p.id),
  'pictures', (SELECT jsonb_agg(jsonb_build_object('pdq', h.pdq, 'quality', h.quality) ORDER BY m.position)
               FROM feed_postmedia m JOIN upscrolled_mediahash h ON h.attachment_id = m.attachment_id AND h.second = 0
               WHERE m.post_id = p.id AND m.position IS NOT NULL),
  'media', (SELECT jsonb_agg({_ATTACHMENT} ORDER BY s.position)
            FROM feed_postmedia s JOIN upscrolled_mediaattachment m ON m.id = s.attachment_id
            WHERE s.post_id = p.id AND s.position IS NOT NULL),
  'former_media', (SELECT jsonb_agg({_ATTACHMENT} ORDER BY m.id)
            FROM feed_postmedia s JOIN upscrolled_mediaattachment m ON m.id = s.attachment_id
            WHERE s.post_id = p.id AND s.position IS NULL))
FROM feed_post p JOIN upscrolled_account a ON a.id = p.author_id WHERE p.id = ANY(%(ids)s::bigint[])
"""
# One photo, video or sound, and the post that shows it, if one still does. Those of messages are reported with these.
_MEDIA: Final = f"""
SELECT m.id, m.owner_id, a.locale, jsonb_build_object('media', jsonb_build_array({_ATTACHMENT}),
  'deleted', m.deleted_at IS NOT NULL, 'audience', p.audience,
  'pictures', (SELECT jsonb_agg(jsonb_build_object('pdq', h.pdq, 'quality', h.quality))
               FROM upscrolled_mediahash h WHERE h.attachment_id = m.id AND h.second = 0),
  'post', CASE WHEN p.id IS NOT NULL THEN jsonb_build_object('id', p.id::text, 'text', p.text, 'warning', p.warning,
    'sensitive', p.sensitive, 'edited_at', p.edited_at, 'deleted', p.deleted_at IS NOT NULL) END)
FROM upscrolled_mediaattachment m JOIN upscrolled_account a ON a.id = m.owner_id
LEFT JOIN feed_postmedia s ON s.attachment_id = m.id LEFT JOIN feed_post p ON p.id = s.post_id
WHERE m.id = ANY(%(ids)s::bigint[]) AND m.purpose = 'post'
"""
_HASHTAG: Final = """
SELECT t.id, NULL::bigint, 'en', jsonb_build_object('name', t.name) FROM feed_tag t WHERE t.id = ANY(%(ids)s::bigint[])
"""
# Its text is sealed, and stays so: a moderator reads what was reported, in the report.
_MESSAGE: Final = """
SELECT m.id, m.sender_id, a.locale, jsonb_build_object('conversation', m.conversation_id, 'place', m.seq,
  'sealed', encode(sha256(m.body), 'hex'), 'edited_at', m.edited_at, 'deleted', m.deleted_at IS NOT NULL)
FROM messaging_message m JOIN upscrolled_account a ON a.id = m.sender_id WHERE m.id = ANY(%(ids)s::bigint[])
"""
_SQL: Final = {
    "account": _ACCOUNT,
    "handle": _ACCOUNT,
    "post": _POST,
    "media": _MEDIA,
    "hashtag": _HASHTAG,
    "message": _MESSAGE,
}


def load(subject: Subject) -> Loaded:
    """Read a subject as it stands. Raises NotFound, and Invalid for a kind that nobody can decide on yet."""
    found = load_all(subject.kind, [subject.id])
    if subject.id not in found:
        raise NotFound
    return found[subject.id]


def load_all(kind: str, numbers: Sequence[int]) -> dict[int, Loaded]:
    """Read subjects of one kind as they stand, in their order; who is not there is left out. Raises Invalid."""
    statement = _SQL.get(kind)
    if statement is None:
        raise Invalid(f"Validation failed: nothing can be decided about a {kind}")
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": sorted(numbers)})
        rows = cursor.fetchall()
    return {
        row[0]: Loaded(
            Subject(kind, row[0]), row[1], row[2], row[3] if isinstance(row[3], dict) else json.loads(row[3])
        )
        for row in sorted(rows, key=lambda row: int(row[0]))
    }


_RESTRICTED: Final = """
SELECT DISTINCT r.subject_id FROM upscrolled_restriction r
WHERE r.subject_kind = %(kind)s AND r.subject_id = ANY(%(ids)s::bigint[]) AND r.kind = %(restriction)s
  AND r.countries = %(countries)s::varchar[] AND (r.ends_at IS NULL OR r.ends_at > %(now)s)
"""
# In one order for all, so that no two wait for each other.
_ALONE: Final = """
SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(%(names)s::text[]) AS them (name)
"""


def alone(*subjects: Subject) -> None:
    """Wait until nobody else decides about these subjects, for the rest of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, {"names": sorted(f"moderation:{one.kind}:{one.id}" for one in subjects)})


def restricted(
    kind: str, numbers: Sequence[int], restriction: str, *, countries: list[str], now: datetime
) -> set[int]:
    """Return those on which that very restriction is in force, or waits to begin."""
    facts: dict[str, Any] = {"kind": kind, "ids": sorted(numbers), "restriction": restriction}
    with connection.cursor() as cursor:
        cursor.execute(_RESTRICTED, {**facts, "countries": countries, "now": now})
        return {row[0] for row in cursor.fetchall()}
