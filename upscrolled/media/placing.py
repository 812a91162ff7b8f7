"""Where an attachment's files lie follows from its audience: among everybody's, or among the private ones.

A post that everybody may see has addresses that hold for ever; all else has signed ones. So files move when a post
takes them, and when it is deleted. The row says what is owed (`open` differs from `public`); it is done at once
after the commit, and by the clock if the process died in between. Until it is done, signed addresses are shown.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from upscrolled.media import ledger, store
from upscrolled.models import FileUse, MediaAttachment, StoredFile

log = logging.getLogger(__name__)
Area = StoredFile.Area
_SETTLED = Q(open=F("public"))


def settle_soon(attachment_ids: Sequence[int], *, now: datetime) -> None:
    """Move the files once the transaction has ended; what fails then is left to the clock."""
    ids = list(attachment_ids)
    if ids:
        transaction.on_commit(lambda: settle(ids, now=now), robust=True)


def settle_owed(*, now: datetime, at_most: int = 200) -> int:
    """Move what should lie elsewhere; return how many attachments were looked at."""
    owed = MediaAttachment.objects.filter(~_SETTLED).order_by("id").values_list("id", flat=True)[:at_most]
    found = list(owed)
    settle(found, now=now)
    return len(found)


def settle(attachment_ids: Sequence[int], *, now: datetime) -> None:
    """Move the files of each attachment to where its audience wants them. Doing it again changes nothing."""
    for attachment in MediaAttachment.objects.filter(pk__in=attachment_ids).exclude(_SETTLED):
        try:
            _settle(attachment, now)
        except OSError as error:  # the storage is away: the clock comes again
            log.warning("The files of attachment %s were not moved: %s", attachment.pk, error)


def _settle(attachment: MediaAttachment, now: datetime) -> None:
    wanted = Area.PUBLIC if attachment.open else Area.PRIVATE
    uses = list(
        FileUse.objects.select_related("file")
        .filter(attachment=attachment)
        .exclude(file__area__in=(wanted, Area.INCOMING))
    )
    moved: dict[int, int] = {}
    for file in {use.file_id: use.file for use in uses}.values():
        moved[file.pk] = ledger.claim(
            wanted, file.name, size=file.bytes, media_type=file.media_type, sha256=file.sha256, now=now
        )
        if not store.store().exists(f"{wanted}/{file.name}"):
            store.store().copy(file.key, f"{wanted}/{file.name}", media_type=file.media_type)
    with transaction.atomic():
        row = MediaAttachment.objects.select_for_update().filter(pk=attachment.pk, open=attachment.open)
        if not row.exists():
            return  # it shall lie elsewhere again, or is gone
        present = FileUse.objects.select_for_update().select_related("file").filter(attachment=attachment)
        lying = [use for use in present.order_by("pk") if use.file.area not in (wanted, Area.INCOMING)]
        if any(use.file_id not in moved for use in lying):
            return  # made meanwhile: the clock comes again
        ledger.move(lying, moved, now=now)
        MediaAttachment.objects.filter(pk=attachment.pk).update(public=attachment.open)
