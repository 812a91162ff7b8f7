"""What is kept only for a while: addresses of sign-ins, and sign-ups that nobody confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef

from upscrolled.core import ids
from upscrolled.models import Account

SWEEP_EVERY: Final = timedelta(hours=1)
ROWS, ACCOUNTS = 5_000, 500
_EMPTY = """
UPDATE upscrolled_signinrecord SET address = NULL
WHERE id IN (SELECT id FROM upscrolled_signinrecord
             WHERE address IS NOT NULL AND created_at <= %(before)s ORDER BY created_at LIMIT %(rows)s)
"""
# The column of the library's table must hold something: the address that nobody has stands for none.
_EMPTY_SESSIONS = """
UPDATE usersessions_usersession SET ip = '0.0.0.0' WHERE last_seen_at <= %(before)s AND ip <> '0.0.0.0'
"""
_ENDED = """
DELETE FROM usersessions_usersession u
WHERE NOT EXISTS (SELECT 1 FROM django_session s WHERE s.session_key = u.session_key)
"""


def empty_addresses(*, now: datetime) -> int:
    """Empty the addresses that would be older than IP_RETENTION_DAYS by the next sweep; return how many.

    Those of sign-ins and of sessions: a session lives on as long as it is used, and its address must not.
    """
    before = now - timedelta(days=settings.IP_RETENTION_DAYS) + SWEEP_EVERY
    emptied, count = 0, ROWS
    while count == ROWS:
        with connection.cursor() as cursor:
            cursor.execute(_EMPTY, {"before": before, "rows": ROWS})
            count = cursor.rowcount
        emptied += count
    with connection.cursor() as cursor:  # few sessions live that long: most end with their two weeks
        cursor.execute(_EMPTY_SESSIONS, {"before": before})
        return emptied + int(cursor.rowcount)


def forget_ended_sessions() -> int:
    """Delete what is listed of sessions that are over, their addresses with it; return how many.

    A session lasts two weeks after what was last done with it; `empty_addresses` sees to the address of one that is
    used for longer.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ENDED)
        return int(cursor.rowcount)


def forget_unconfirmed(*, now: datetime) -> int:
    """Delete sign-ups whose address nobody confirmed for UNCONFIRMED_DAYS, and so free their names; return how many.

    They never did anything. Kept are those whose address is confirmed and who wait for approval, and the staff's.
    """
    if not settings.UNCONFIRMED_DAYS:
        return 0
    before = ids.first_at(now - timedelta(days=settings.UNCONFIRMED_DAYS))
    confirmed = Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True))
    stale = Account.objects.filter(~confirmed, confirmed_at=None, pk__lt=before, is_staff=False)
    forgotten = 0
    while names := list(stale.order_by("pk").values_list("pk", flat=True)[:ACCOUNTS]):
        # Asked again with the delete: somebody may have opened the link meanwhile.
        stale.filter(pk__in=names).delete()
        forgotten += len(names)
    return forgotten
