"""Say of senders whether one wants to hear them although one's policies set them aside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from upscrolled import acting, streams
from upscrolled.models import Account

_SAY = f"""
INSERT INTO upscrolled_notificationsender AS s (recipient_id, sender_id, accepted, dismissed_at)
SELECT %(recipient)s, a.id, %(accepted)s, %(dismissed)s FROM upscrolled_account a, {acting.HAND}
WHERE a.id = ANY(%(senders)s::bigint[])
ON CONFLICT (recipient_id, sender_id) DO UPDATE SET
  accepted = s.accepted OR excluded.accepted, dismissed_at = coalesce(excluded.dismissed_at, s.dismissed_at)
"""


def accept(sender_ids: Iterable[int], *, by: Account) -> None:
    """Hear these senders from now on; what they sent stands in the list at once, which listeners are told to read."""
    _say(sender_ids, by, accepted=True, dismissed=None)
    streams.publish("notifications_merged", to=[by.id])


def dismiss(sender_ids: Iterable[int], *, by: Account, now: datetime) -> None:
    """Be asked of these senders no more, until they send something new."""
    _say(sender_ids, by, accepted=False, dismissed=now)


def _say(sender_ids: Iterable[int], by: Account, *, accepted: bool, dismissed: datetime | None) -> None:
    row: dict[str, Any] = {
        "actor": by.id,
        "recipient": by.id,
        "senders": list(sender_ids),
        "accepted": accepted,
        "dismissed": dismissed,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SAY, row)
