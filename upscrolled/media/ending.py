"""How attachments end: those that no post took in time, and those that somebody deleted.

Deleting really deletes: row, hashes and files; but while a LegalHold stands, or moderators may still need to look at
it (`KeptMedia`), it is kept, out of sight.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from upscrolled.media import ledger
from upscrolled.models import FileUse, KeptMedia, LegalHold, MediaAttachment

AT_ONCE = 500


def expire(*, now: datetime) -> int:
    """Delete attachments that no post has and whose time is over; return how many."""
    over = MediaAttachment.objects.filter(attached_at=None, deleted_at=None, expires_at__lte=now)
    chosen = list(over.order_by("expires_at").values_list("pk", flat=True)[:AT_ONCE])
    return over.filter(pk__in=chosen).update(deleted_at=now, open=False)


def purge(*, now: datetime) -> int:
    """Remove what was deleted and nobody has to keep; return how many attachments went."""
    held = Exists(LegalHold.objects.filter(attachment=OuterRef("pk"), released_at=None))
    shown = Exists(KeptMedia.objects.filter(attachment=OuterRef("pk")))
    deleted = MediaAttachment.objects.filter(~held, ~shown, deleted_at__isnull=False).order_by("deleted_at")
    return sum(_purge(number, now) for number in list(deleted.values_list("pk", flat=True)[:AT_ONCE]))


@transaction.atomic
def _purge(attachment_id: int, now: datetime) -> bool:
    rows = MediaAttachment.objects.select_for_update(skip_locked=True)
    row = rows.filter(pk=attachment_id, deleted_at__isnull=False).first()
    if row is None or LegalHold.objects.filter(attachment=row, released_at=None).exists():
        return False
    if KeptMedia.objects.filter(attachment=row).exists():
        return False
    ledger.release(list(FileUse.objects.filter(attachment=row)), now=now)
    LegalHold.objects.filter(attachment=row).delete()
    row.delete()
    return True
