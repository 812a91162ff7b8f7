"""Mails about what somebody has not read: who wants them, when the next is due, how to end them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.db import connection

from upscrolled.mail import Mail
from upscrolled.models import MailDigest
from upscrolled.push import words

EVERY: Final = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
LEASE: Final = timedelta(minutes=15)  # after which another worker tries what one has taken and not sent
LINES: Final = 10
_SALT: Final = "digest"
_TAKE: Final = """
WITH due AS (
  SELECT d.account_id FROM upscrolled_maildigest d WHERE d.due_at <= %(now)s
  ORDER BY d.due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), taken AS (
  UPDATE upscrolled_maildigest d SET due_at = %(until)s FROM due WHERE d.account_id = due.account_id
  RETURNING d.account_id, d.every, d.told_id
)
SELECT t.account_id, t.every, greatest(t.told_id, coalesce(m.last_read_id, 0)), a.email, a.username, a.locale
FROM taken t JOIN upscrolled_account a ON a.id = t.account_id AND a.is_active AND a.confirmed_at IS NOT NULL
LEFT JOIN upscrolled_marker m ON m.account_id = t.account_id AND m.timeline = 'notifications'
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A mail that is due: to whom, and after which notification it begins."""

    account_id: int
    every: str
    after: int
    email: str
    username: str
    locale: str


def take(limit: int, *, now: datetime) -> list[Due]:
    """Take what is due for a lease: whoever dies with it leaves it to the next."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"now": now, "until": now + LEASE, "limit": limit})
        return [Due(*row) for row in cursor.fetchall()]


def done(due: Due, *, told_id: int, now: datetime) -> None:
    """Note up to which notification somebody was told, and when the next mail is due."""
    row = {"due_at": now + EVERY[due.every], "told_id": max(told_id, due.after)}
    MailDigest.objects.filter(account_id=due.account_id).update(**row)


def mail(due: Due, lines: list[str], count: int) -> Mail:
    """Write the mail: who did what, and no text of anybody's post."""
    stop = f"{settings.PUBLIC_URL}/mails/stop/{signing.dumps(due.account_id, salt=_SALT)}"
    said = words.digest(due.locale, name=due.username, site=settings.SITE_NAME, count=count)
    body = "\n".join(
        [
            said.greeting,
            "",
            *(f"- {line}" for line in lines),
            "",
            settings.PUBLIC_URL,
            "",
            f"{said.stop} {stop}",
            "",
        ]
    )
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return Mail(due.email, said.subject, body, headers)


def whose(token: str) -> int | None:
    """Return whose mails the link in one of them ends, or None for no such link. It works for ever."""
    try:
        return int(signing.loads(token, salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def stop(account_id: int) -> None:
    """Send somebody none of these mails any more."""
    MailDigest.objects.filter(account_id=account_id).delete()
