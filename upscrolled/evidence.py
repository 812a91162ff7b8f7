"""What moderators were shown stays as long as they may need it, whatever its owner deletes or replaces; nobody else
sees it.

Rows say for which case an attachment or a picture is kept. They are written with the case's evidence
(`moderation/casework.py`) and end with it; the database refuses to end them sooner.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef

from upscrolled.media import ledger as files
from upscrolled.models import FileUse, KeptMedia
from upscrolled.pictures import ledger

# A row of what is there by now, and stays until this transaction has said that it is kept.
KEEP: Final = """
kept_media AS (
  INSERT INTO upscrolled_keptmedia (attachment_id, case_id)
  SELECT a.id, f.case_id FROM ({media}) f JOIN upscrolled_mediaattachment a ON a.id = f.id FOR KEY SHARE OF a
  ON CONFLICT (case_id, attachment_id) DO NOTHING
), kept_pictures AS (
  INSERT INTO upscrolled_keptpicture (picture_id, case_id)
  SELECT p.name, f.case_id FROM ({pictures}) f JOIN upscrolled_picture p ON p.name = f.name FOR KEY SHARE OF p
  ON CONFLICT (case_id, picture_id) DO NOTHING
)"""
_END_MEDIA: Final = """
DELETE FROM upscrolled_keptmedia WHERE case_id = ANY(%(cases)s::bigint[]) RETURNING attachment_id
"""
_END_PICTURES: Final = """
DELETE FROM upscrolled_keptpicture WHERE case_id = ANY(%(cases)s::bigint[]) RETURNING picture_id
"""


def end(case_ids: Collection[int], *, now: datetime) -> None:
    """Keep nothing for these cases any more: what its owner deleted meanwhile goes. Call it within a transaction."""
    facts: dict[str, Any] = {"cases": list(case_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_END_MEDIA, facts)
        media = [row[0] for row in cursor.fetchall()]
        cursor.execute(_END_PICTURES, facts)
        names = sorted({row[0] for row in cursor.fetchall()})
    replaced = FileUse.objects.filter(attachment__in=media, role=FileUse.Role.EVIDENCE)
    kept = Exists(KeptMedia.objects.filter(attachment=OuterRef("attachment")))
    files.release(list(replaced.exclude(kept)), now=now)
    for name in names:
        ledger.give_up(name, now=now)
