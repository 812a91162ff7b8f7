"""Legal holds: keep the row and the files of an attachment, whatever its owner does, until the hold is released."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from upscrolled import tasks
from upscrolled.core.errors import Conflict, Invalid, NotFound
from upscrolled.models import Account, LegalHold, MediaAttachment


@transaction.atomic
def place_hold(attachment_id: int, *, because: str, by: Account | None, now: datetime) -> LegalHold:
    """Keep an attachment, also one that was deleted and is still there. Raises NotFound, Invalid, Conflict."""
    if not because.strip():
        raise Invalid("A hold needs a reason: whose order, and its number")
    row = MediaAttachment.objects.select_for_update().filter(pk=attachment_id).first()
    if row is None:
        raise NotFound(f"There is no attachment {attachment_id}, or it is gone already")
    if LegalHold.objects.filter(attachment=row, released_at=None).exists():
        raise Conflict(f"A hold stands on {attachment_id} already")
    return LegalHold.objects.create(attachment=row, because=because.strip(), placed_by=by, placed_at=now)


@transaction.atomic
def release_hold(attachment_id: int, *, now: datetime) -> None:
    """Let an attachment go its way again; what was deleted meanwhile goes now. Raises NotFound."""
    standing = LegalHold.objects.filter(attachment_id=attachment_id, released_at=None)
    if not standing.update(released_at=now):
        raise NotFound(f"No hold stands on {attachment_id}")
    tasks.remove_media_soon()
