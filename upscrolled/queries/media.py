"""One's own attachments; and which file an address leads to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from upscrolled.core.errors import NotFound
from upscrolled.media import shown
from upscrolled.media.addresses import Holder
from upscrolled.media.shown import MediaFacts
from upscrolled.viewer import Viewer
from upscrolled.visibility import given_sql


@dataclass(frozen=True, slots=True)
class Found:
    """A stored file: its key in the storage, and its media type."""

    key: str
    media_type: str


def get_media(viewer: Viewer, attachment_id: int) -> MediaFacts:
    """Return an attachment of the viewer's own. Raises NotFound."""
    found = shown.of_ids([attachment_id]).get(attachment_id)
    if found is None or found.owner_id != viewer.id:
        raise NotFound
    return found


def own(viewer: Viewer, attachment_ids: Sequence[int]) -> list[MediaFacts]:
    """Return those of the attachments that are the viewer's own and still there, in this order."""
    known = shown.of_ids(attachment_ids)
    found = (known.get(number) for number in attachment_ids)
    return [facts for facts in found if facts is not None and facts.owner_id == viewer.id]


_FILE = f"""
SELECT f.area || '/' || f.name, f.media_type
FROM upscrolled_fileuse u JOIN upscrolled_storedfile f ON f.id = u.file_id
JOIN upscrolled_mediaattachment a ON a.id = u.attachment_id
WHERE u.attachment_id = %(attachment)s AND f.name = %(name)s AND f.area <> 'incoming'
  AND (%(staff)s OR u.role <> 'evidence')
  AND (a.deleted_at IS NULL
       OR (%(staff)s AND EXISTS (SELECT 1 FROM upscrolled_keptmedia k WHERE k.attachment_id = a.id)))
  AND (%(spared)s OR {given_sql()})
LIMIT 1
"""
_SOMEBODY = -1  # an account that there is not: to whom the address was given is known no more


def file_of(attachment_id: int, name: str, *, holder: Holder = Holder.READER, country: str = "") -> Found:
    """Return a file of an attachment, wherever it lies, for whoever holds an address signed for it.

    Raises NotFound; so an address ends with the attachment, however long it was signed for, and a reader's with a
    decision that withholds it from them. One of moderators also leads to what is deleted, until nobody keeps it.
    """
    row: dict[str, Any] = {
        "attachment": attachment_id,
        "name": name,
        "staff": holder is Holder.STAFF,
        "spared": holder is not Holder.READER,
        "viewer": _SOMEBODY,
        "country": country,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FILE, row)
        found = cursor.fetchone()
    if found is None:
        raise NotFound
    return Found(*found)
