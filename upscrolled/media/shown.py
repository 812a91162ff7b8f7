"""Attachments as they are shown, loaded for a whole page in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from upscrolled.core import ids


class Caption(msgspec.Struct, frozen=True):
    """Captions in one language: BCP 47 tag, the name that players show, and the stored file."""

    language: str
    name: str
    file: str


class MediaFacts(msgspec.Struct, frozen=True):
    """An attachment as somebody meets it. The order of the fields is the order of the columns in `COLUMNS`.

    `restrictions` are the kinds in force for the reader's country; what follows from them says the policy
    (`visibility.why_withheld`).
    """

    id: int
    owner_id: int
    kind: str
    state: str
    percent: int
    reason: str
    sentence: str
    description: str
    focus_x: float | None
    focus_y: float | None
    meta: dict[str, Any]
    blurhash: str
    colour: str
    files: dict[str, str]
    captions: list[Caption]
    public: bool
    attached: bool
    expires_at: datetime | None
    owed: bool
    restrictions: list[str]


# With the parameter `country`, '' when it is not known.
COLUMNS = """a.id, a.owner_id, a.kind, a.state, a.percent, a.reason, a.sentence, a.description, a.focus_x, a.focus_y,
    a.meta, a.blurhash, a.colour, a.files, a.captions, a.public AND a.open,
    a.attached_at IS NOT NULL, a.expires_at, a.due_at IS NOT NULL,
    ARRAY(SELECT r.kind FROM upscrolled_restriction r
          WHERE r.subject_kind = 'media' AND r.subject_id = a.id
            AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now())
            AND (r.countries = '{}' OR %(country)s = ANY(r.countries)))"""
_META, _FILES, _CAPTIONS = (
    MediaFacts.__struct_fields__.index(name) for name in ("meta", "files", "captions")
)


def facts(row: Sequence[Any]) -> MediaFacts:
    """Make facts of a row of `COLUMNS`."""
    told = list(row)
    told[_META], told[_FILES] = msgspec.json.decode(row[_META]), msgspec.json.decode(row[_FILES])
    told[_CAPTIONS] = msgspec.json.decode(row[_CAPTIONS], type=list[Caption])
    return MediaFacts(*told)


_BY_IDS = f"""
SELECT {COLUMNS} FROM upscrolled_mediaattachment a WHERE a.id = ANY(%(ids)s) AND a.deleted_at IS NULL
"""


def of_ids(attachment_ids: Sequence[int], *, country: str = "") -> dict[int, MediaFacts]:
    """Return those of the attachments that are there, whoever they belong to; the caller knows who may see them.

    `country` is the reader's, '' for owners and for who is nowhere in particular.
    """
    if not attachment_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BY_IDS, {"ids": ids.array(attachment_ids), "country": country})
        return {row[0]: facts(row) for row in cursor.fetchall()}
