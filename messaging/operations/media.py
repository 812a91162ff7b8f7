"""Photos, videos and voice notes of messages: uploads as for posts, but their files are never among everybody's.

Which files an upload needs, and when one of them goes, is counted by rows (`upscrolled/media/ledger.py`). A message
names its uploads, and an upload belongs to one message. Only who sees the message is given addresses, signed for a
while.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from messaging.models import Message, Reported
from upscrolled import acting
from upscrolled.models import Account, MediaAttachment
from upscrolled.operations import attaching, attachments

PURPOSE = MediaAttachment.Purpose.MESSAGE


def free(named: Sequence[str], *, by: Account) -> list[int]:
    """Return the ids of what a client named, in its order. Raises Invalid (not theirs, taken, too many), NotReady."""
    if not named:
        return []
    found = attaching.found(named, by=by, what="A message")
    attaching.require_free(found)
    attaching.require_given(found, whole=True)
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


def end_evidence(message_ids: Collection[int], *, now: datetime) -> int:
    """Empty what moderators were shown of these messages, and let go of the media that their senders deleted meanwhile.

    Of reports alone that moderation has taken up; it asks when nobody may look any more. Return how many copies there
    were. Call it within a transaction. Calling it again changes nothing.
    """
    shown = Reported.objects.select_related("report").select_for_update(of=("self",))
    shown = shown.filter(message_id__in=message_ids, report__handed_at__isnull=False)
    held = list(shown.exclude(body=b"", attachments=[]))
    Reported.objects.filter(pk__in=[each.pk for each in held]).update(body=b"", key_id="", attachments=[])
    standing = set(
        Message.objects.filter(pk__in={each.message_id for each in held}, deleted_at=None).values_list(
            "pk", flat=True
        )
    )
    for each in held:
        if each.message_id not in standing:
            acting.as_owner(each.report.target_id)  # who sent it and deleted it
            end(each.message_id, each.attachments, now=now)
    return len(held)
