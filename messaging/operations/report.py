"""Show the moderators messages, and let them read those and no others; each reading is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from messaging import sealing
from messaging.models import Message, Reading, Report, Reported
from upscrolled import acting
from upscrolled.core import ids
from upscrolled.core.errors import Invalid, NotAllowed, NotFound
from upscrolled.media import shown
from upscrolled.media.shown import MediaFacts
from upscrolled.models import Account
from upscrolled.queries import staff

COMMENT_MAX = 1_000
MESSAGES_MAX = 50
CATEGORIES = ("spam", "legal", "violation", "other")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody says of messages that one person sent."""

    message_ids: Sequence[int]
    comment: str
    category: str = "other"
    rule_ids: Sequence[str] = ()


@transaction.atomic
def file_report(conversation_id: int, *, complaint: Complaint, by: Account, now: datetime) -> Report:
    """Show the moderators these messages, as they stand, and nothing else of the conversation.

    Whoever was in it when they were sent may: also who has left since, or blocks the sender, or is blocked. Raises
    NotFound, Invalid (none, too many, one's own, of several people, deleted; a long comment).
    """
    _check(complaint)
    found = _messages(conversation_id, complaint.message_ids, by)
    senders = {message.sender_id for message in found}
    if by.id in senders:
        raise Invalid("Validation failed: Nobody can report themselves")
    if len(senders) > 1:
        raise Invalid(f"Validation failed: The messages are of {len(senders)} people; report one at a time")
    acting.as_owner(by.id)
    report = Report.objects.create(
        reporter=by,
        target_id=senders.pop(),
        conversation_id=conversation_id,
        category="violation" if complaint.rule_ids else complaint.category,
        rule_ids=list(complaint.rule_ids),
        comment=complaint.comment,
        created_at=now,
    )
    Reported.objects.bulk_create(
        Reported(
            report=report,
            message_id=message.id,
            conversation_id=conversation_id,
            body=message.body,
            key_id=message.key_id,
            attachments=message.attachments,
        )
        for message in found
    )
    return report


@dataclass(frozen=True, slots=True)
class Evidence:
    """A reported message, as it stood when it was reported. `text` is None if the key is lost.

    `attachments` are its media. Both are empty once `operations/media.end_evidence` has ended the copy.
    """

    report_id: int
    message_id: int
    sender_id: int
    conversation_id: int
    written_at: datetime
    text: str | None
    attachments: tuple[MediaFacts, ...] = ()


@transaction.atomic
def read_evidence(message_id: int, *, reader: Account, because: str, now: datetime) -> list[Evidence]:
    """Let a moderator read a reported message, once for each report of it; that they did is kept, with the reason.

    Raises NotFound for a message that nobody reported, NotAllowed for who is no moderator, Invalid without a reason.
    """
    if not staff.may(reader, "messages", now=now):
        raise NotAllowed
    if not because.strip():
        raise Invalid("Say for which case the message is read; it is kept.")
    found = list(Reported.objects.select_related("report").filter(message_id=message_id).order_by("id"))
    if not found:
        raise NotFound
    Reading.objects.bulk_create(
        Reading(reported=each, reader=reader, because=because, read_at=now) for each in found
    )
    known = shown.of_ids(list({number for each in found for number in each.attachments}))
    return [
        Evidence(
            report_id=each.report_id,
            message_id=message_id,
            sender_id=each.report.target_id,
            conversation_id=each.conversation_id,
            written_at=ids.created_at(message_id),
            text=sealing.opened(
                bytes(each.body), each.key_id, conversation_id=each.conversation_id, about=message_id
            ),
            attachments=tuple(known[number] for number in each.attachments if number in known),
        )
        for each in found
    ]


@transaction.atomic
def hand_over(*, limit: int, now: datetime) -> list[Report]:
    """Take the oldest reports that moderation has not taken up yet; they are owed again if the caller fails.

    The caller opens its cases in the same transaction.
    """
    owed = Report.objects.select_for_update(skip_locked=True).filter(handed_at=None).order_by("id")
    taken = list(owed.prefetch_related("messages")[:limit])
    Report.objects.filter(pk__in=[report.pk for report in taken]).update(handed_at=now)
    return taken


# Whoever was a member sees no more of it than they did: `until_seq` for those who left.
_REPORTABLE = """
SELECT x.id FROM messaging_message x
JOIN messaging_member m ON m.conversation_id = x.conversation_id AND m.account_id = %(by)s
WHERE x.conversation_id = %(conversation)s AND x.id = ANY(%(ids)s::bigint[]) AND x.deleted_at IS NULL
  AND x.seq > m.from_seq AND x.seq <= coalesce(m.until_seq, x.seq)
"""


def _messages(conversation_id: int, message_ids: Sequence[int], by: Account) -> list[Message]:
    wanted = list(dict.fromkeys(message_ids))
    with connection.cursor() as cursor:
        cursor.execute(_REPORTABLE, {"by": by.id, "conversation": conversation_id, "ids": wanted})
        found = [row[0] for row in cursor.fetchall()]
    if len(found) < len(wanted):
        raise NotFound
    return list(Message.objects.filter(pk__in=found).order_by("seq"))


def _check(complaint: Complaint) -> None:
    if len(complaint.comment) > COMMENT_MAX:
        raise Invalid(
            f"Validation failed: Comment is too long ({len(complaint.comment)} characters; "
            f"the limit is {COMMENT_MAX})"
        )
    if complaint.category not in CATEGORIES:
        raise Invalid(f"Validation failed: Category must be one of {', '.join(CATEGORIES)}")
    if not 1 <= len(complaint.message_ids) <= MESSAGES_MAX:
        raise Invalid(
            f"Validation failed: {len(complaint.message_ids)} messages are named; name 1 to {MESSAGES_MAX}"
        )
