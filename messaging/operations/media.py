"""Photos, videos and voice notes of messages: uploads as for posts, but their files are never among everybody's.

Which files an upload needs, and when one of them goes, is counted by rows (`upscrolled/media/ledger.py`). A message
names its uploads, and an upload belongs to one message. Only who sees the message is given addresses, signed for a
while.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from messaging.models import Message, Reported
from upscrolled.models import Account, MediaAttachment
from upscrolled.operations import attaching, attachments

PURPOSE = MediaAttachment.Purpose.MESSAGE


def free(named: Sequence[str], *, by: Account) -> list[int]:
    """Return the ids of what a client named, in its order. Raises Invalid (not theirs, taken, too many), NotReady."""
    if not named:
        return []
    attaching.require_free(attaching.found(named, by=by, what="A message"))
    return attaching.numbers(named)


def give(attachment_ids: Sequence[int], *, by: Account, now: datetime) -> None:
    """Give uploads to a message that was just written. Raises Invalid if another took one meanwhile."""
    if attachment_ids:
        attachments.attach(attachment_ids, owner_id=by.id, everybody=False, now=now, purpose=PURPOSE)


def end(message_id: int, attachment_ids: Sequence[int], *, now: datetime) -> None:
    """Delete uploads, files and all, that a message names no more; those in a report stay until it is settled."""
    if not attachment_ids:
        return
    reported = Reported.objects.filter(message_id=message_id).values_list("attachments", flat=True)
    shown = {number for numbers in reported for number in numbers}
    if gone := [number for number in attachment_ids if number not in shown]:
        attachments.let_go(gone, now=now, at_once=True)


def end_evidence(report_id: int, *, now: datetime) -> None:
    """Let go of the media of a settled report: what its sender has deleted meanwhile goes now.

    Call it within a transaction. Calling it again changes nothing.
    """
    held = Reported.objects.select_for_update().filter(report_id=report_id).exclude(attachments=[])
    of = {each.message_id: each.attachments for each in held}
    Reported.objects.filter(report_id=report_id).update(attachments=[])
    for message in Message.objects.filter(pk__in=of, deleted_at__isnull=False).order_by("id"):
        end(message.id, of[message.id], now=now)
