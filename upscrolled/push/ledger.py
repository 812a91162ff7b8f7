"""What is owed to phones: a row for each push, taken for a lease, struck off when the push service has it.

Whoever wants to be told, of what, by whom and when is decided when the row is made; whether they may still see it
when it is sent. Rows that nothing comes of are given up after some tries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

TRIES: Final = 6
LEASE: Final = timedelta(seconds=60)
PAUSES: Final = (30, 120, 600, 3_600, 14_400)  # seconds after each try that failed
LIFETIME: Final = timedelta(hours=48)  # and as long a push service keeps it for a phone that is off


@dataclass(frozen=True, slots=True)
class Owed:
    """A push to be sent now, with where it goes; `kind` is "" where the notification is there no more.

    `withdraws`: it says that all up to this notification was read elsewhere, or all of one conversation.
    """

    id: int
    subscription_id: int
    account_id: int
    notification_id: int
    withdraws: bool
    kind: str
    attempts: int
    created_at: datetime
    service: str
    endpoint: str
    p256dh: bytes
    auth: bytes
    standard: bool
    key_id: str
    conversation_id: int | None = None

    @property
    def about(self) -> str:
        """What a later push takes the place of: an earlier one of the same is not shown beside it."""
        if not self.withdraws:
            return str(self.notification_id)
        return "read" if self.conversation_id is None else f"conversation {self.conversation_id}"


# In quiet hours nothing is pushed, then or later: what came stands in the list. Equal hours are no hours.
_OWE = """
INSERT INTO upscrolled_pushdelivery (subscription_id, notification_id, withdraws, due_at, attempts, created_at)
SELECT s.id, n.id, false, %(now)s, 0, %(now)s
FROM upscrolled_notification n
JOIN upscrolled_pushsubscription s ON s.account_id = n.recipient_id AND n.kind = ANY(s.alerts)
LEFT JOIN upscrolled_notificationchoice c ON c.account_id = n.recipient_id
WHERE n.id = ANY(%(ids)s::bigint[])
  AND CASE s.policy
      WHEN 'none' THEN false
      WHEN 'followed' THEN EXISTS (SELECT 1 FROM upscrolled_follow f
                                   WHERE f.account_id = n.recipient_id AND f.target_id = n.actor_id)
      WHEN 'follower' THEN EXISTS (SELECT 1 FROM upscrolled_follow f
                                   WHERE f.account_id = n.actor_id AND f.target_id = n.recipient_id)
      ELSE true END
  AND (c.account_id IS NULL OR (NOT n.kind = ANY(c.unwanted) AND (
    SELECT NOT CASE WHEN c.quiet_from <= c.quiet_until THEN m.m >= c.quiet_from AND m.m < c.quiet_until
                    ELSE m.m >= c.quiet_from OR m.m < c.quiet_until END
    FROM (SELECT extract(hour FROM %(now)s::timestamptz AT TIME ZONE c.zone) * 60
                 + extract(minute FROM %(now)s::timestamptz AT TIME ZONE c.zone) AS m) m)))
ON CONFLICT DO NOTHING
"""
_READ = """
WITH unsent AS (
  DELETE FROM upscrolled_pushdelivery d USING upscrolled_pushsubscription s
  WHERE d.subscription_id = s.id AND s.account_id = %(account)s
    AND (d.withdraws AND d.conversation_id IS NULL OR d.notification_id <= %(read)s)
)
INSERT INTO upscrolled_pushdelivery (subscription_id, notification_id, withdraws, due_at, attempts, created_at)
SELECT s.id, %(read)s, true, %(now)s, 0, %(now)s FROM upscrolled_pushsubscription s
WHERE s.account_id = %(account)s AND s.withdraws AND s.token_id <> %(token)s
ON CONFLICT DO NOTHING
"""
# Goes on with a statement that has taken back the notifications `gone (id)` of one account, since a conversation was
# read: pushes of them are owed to nobody any more, and phones that asked for it are told, the reading one apart, each
# by a row of `withdrawn`.
WITHDRAW: Final = """unsent AS (
  DELETE FROM upscrolled_pushdelivery d USING upscrolled_pushsubscription s
  WHERE d.subscription_id = s.id AND s.account_id = %(account)s::bigint
    AND (d.notification_id IN (SELECT id FROM gone) OR d.withdraws AND d.conversation_id = %(conversation)s::bigint)
), withdrawn AS (
  INSERT INTO upscrolled_pushdelivery
    (subscription_id, notification_id, withdraws, conversation_id, due_at, attempts, created_at)
  SELECT s.id, g.last, true, %(conversation)s::bigint, %(now)s::timestamptz, 0, %(now)s::timestamptz
  FROM (SELECT max(id) AS last FROM gone) g CROSS JOIN upscrolled_pushsubscription s
  WHERE g.last IS NOT NULL AND s.account_id = %(account)s::bigint AND s.withdraws AND s.token_id <> %(token)s::bigint
  ON CONFLICT DO NOTHING RETURNING id
)"""
_TAKE = """
WITH due AS (
  SELECT d.id FROM upscrolled_pushdelivery d WHERE d.due_at <= %(now)s
  ORDER BY d.due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), taken AS (
  UPDATE upscrolled_pushdelivery d SET attempts = d.attempts + 1, due_at = %(until)s FROM due
  WHERE d.id = due.id RETURNING d.*
)
SELECT t.id, s.id, s.account_id, t.notification_id, t.withdraws, coalesce(n.kind, ''),
       t.attempts, t.created_at, s.service, s.endpoint, s.p256dh, s.auth, s.standard, s.key_id,
       t.conversation_id
FROM taken t JOIN upscrolled_pushsubscription s ON s.id = t.subscription_id
JOIN oauth2_provider_accesstoken k ON k.id = s.token_id AND k.expires > now()
LEFT JOIN upscrolled_notification n ON n.id = t.notification_id
ORDER BY t.id
"""
_STRIKE = "DELETE FROM upscrolled_pushdelivery WHERE id = ANY(%(ids)s::bigint[])"
_LATER = "UPDATE upscrolled_pushdelivery SET due_at = %(due)s WHERE id = %(id)s"
# A token that is gone takes its subscription along, and that what is owed to it.
_GONE = """
WITH gone AS (
  SELECT s.id FROM upscrolled_pushsubscription s WHERE s.id = ANY(%(ids)s::bigint[])
    OR NOT EXISTS (SELECT 1 FROM oauth2_provider_accesstoken t WHERE t.id = s.token_id AND t.expires > now())
), owed AS (
  DELETE FROM upscrolled_pushdelivery d USING gone WHERE d.subscription_id = gone.id
)
DELETE FROM upscrolled_pushsubscription s USING gone WHERE s.id = gone.id
"""


def owe(notification_ids: Sequence[int], *, now: datetime) -> int:
    """Owe these notifications to the phones that want them; return to how many."""
    return _run(_OWE, ids=list(notification_ids), now=now) if notification_ids else 0


def read_elsewhere(account_id: int, last_read_id: int, *, token_id: int, now: datetime) -> int:
    """Owe nobody's phone any more what was read; tell those that asked for it, the reading one (`token_id`) apart."""
    return _run(_READ, account=account_id, read=last_read_id, token=token_id, now=now)


def take(limit: int, *, now: datetime) -> list[Owed]:
    """Take what is due for a lease: whoever dies with it leaves it to the next."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"now": now, "until": now + LEASE, "limit": limit})
        return [_owed(*row) for row in cursor.fetchall()]


def strike_off(delivery_ids: Iterable[int]) -> None:
    """Owe these no more."""
    _run(_STRIKE, ids=list(delivery_ids))


def again(owed: Owed, *, now: datetime, seconds: int = 0) -> None:
    """Try this one later, at a time that the push service names or by ourselves; not for ever."""
    if owed.attempts >= TRIES or owed.created_at < now - LIFETIME:
        strike_off([owed.id])
        return
    pause = seconds or PAUSES[min(owed.attempts, len(PAUSES)) - 1]
    _run(_LATER, id=owed.id, due=now + timedelta(seconds=pause))


def drop(subscription_ids: Iterable[int] = ()) -> int:
    """Drop these subscriptions, and all whose token is good no more."""
    return _run(_GONE, ids=list(subscription_ids))


def _owed(*row: Any) -> Owed:
    found = Owed(*row)
    return replace(found, p256dh=bytes(found.p256dh), auth=bytes(found.auth))


def _run(sql: str, **row: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, row)
        return int(cursor.rowcount)
