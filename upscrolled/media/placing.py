"""Where an attachment's files lie follows from who may see its post: among everybody's, or among the private ones.

A post that everybody may see has addresses that hold for ever; all else has signed ones. So files move when a post
takes them, when a decision restricts it or is taken back, and when it is deleted. The row says what is owed (`open`
differs from `public`); a few are moved at once after the commit, and the rest by the clock, as are those of a
process that died in between. Until it is done, signed addresses are shown.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from upscrolled.media import ledger, store
from upscrolled.models import FileUse, MediaAttachment, StoredFile

log = logging.getLogger(__name__)
Area = StoredFile.Area
_SETTLED = Q(open=F("public"))
AT_ONCE = 40  # attachments that whoever asks waits for; of a whole account's the rest is the clock's
_BATCH = 200
SHIFT = 12.0  # seconds: the clock comes again soon after


def show(attachment_ids: Sequence[int], *, everybody: bool, now: datetime) -> None:
    """Note whether everybody may have the files of attachments, and move them. Call it within a transaction."""
    MediaAttachment.objects.filter(pk__in=attachment_ids).update(open=everybody)
    settle_soon(attachment_ids, now=now)


def settle_soon(attachment_ids: Sequence[int], *, now: datetime) -> None:
    """Move the files once the transaction has ended; what fails then, or is too much, is left to the clock."""
    ids = list(attachment_ids)[:AT_ONCE]
    if ids:
        transaction.on_commit(lambda: settle(ids, now=now), robust=True)


def settle_owed(*, now: datetime) -> int:
    """Move what should lie elsewhere, for a shift at most; return how many attachments were looked at."""
    owed = MediaAttachment.objects.filter(~_SETTLED).order_by("id").values_list("id", flat=True)
    count, above, ends = 0, 0, time.monotonic() + SHIFT
    # From the last one on, not from the first again: one that cannot be moved keeps nobody else waiting.
    while (found := list(owed.filter(id__gt=above)[:_BATCH])) and time.monotonic() < ends:
        settle(found, now=now)
        count, above = count + len(found), found[-1]
    return count


def settle(attachment_ids: Sequence[int], *, now: datetime) -> None:
    """Move the files of each attachment to where its audience wants them. Doing it again changes nothing."""
    for attachment in MediaAttachment.objects.filter(pk__in=attachment_ids).exclude(_SETTLED):
        try:
            _settle(attachment, now)
        except OSError as error:  # the storage is away: the clock comes again
            log.warning("The files of attachment %s were not moved: %s", attachment.pk, error)


def _settle(attachment: MediaAttachment, now: datetime) -> None:
    uses = FileUse.objects.select_related("file").filter(attachment=attachment)
    moved: dict[int, int] = {}
    for file, wanted in {(use.file, _wanted(use, attachment)) for use in _lying(uses, attachment)}:
        moved[file.pk] = ledger.claim(
            wanted, file.name, size=file.bytes, media_type=file.media_type, sha256=file.sha256, now=now
        )
        if not store.store().exists(f"{wanted}/{file.name}"):
            store.store().copy(file.key, f"{wanted}/{file.name}", media_type=file.media_type)
    with transaction.atomic():
        row = MediaAttachment.objects.select_for_update().filter(pk=attachment.pk, open=attachment.open)
        if not row.exists():
            return  # it shall lie elsewhere again, or is gone
        lying = _lying(uses.select_for_update().order_by("pk"), attachment)
        if any(use.file_id not in moved for use in lying):
            return  # made meanwhile: the clock comes again
        ledger.move(lying, moved, now=now)
        MediaAttachment.objects.filter(pk=attachment.pk).update(public=attachment.open)


def _lying(uses: Iterable[FileUse], attachment: MediaAttachment) -> list[FileUse]:
    """Those whose files lie elsewhere than they should."""
    return [use for use in uses if use.file.area not in (_wanted(use, attachment), Area.INCOMING)]


def _wanted(use: FileUse, attachment: MediaAttachment) -> str:
    """Where a file is to lie; what is kept as evidence is never for everybody."""
    return Area.PUBLIC if attachment.open and use.role != FileUse.Role.EVIDENCE else Area.PRIVATE
