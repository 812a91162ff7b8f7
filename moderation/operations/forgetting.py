"""Forget what nobody may ask for any more: evidence with its copies of messages, what statements say to who is gone."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection, transaction

from moderation import keeping
from moderation.operations import messages
from upscrolled import evidence


@transaction.atomic
def forget_evidence(*, now: datetime) -> int:
    """Delete some of the evidence whose time is over, what was kept for it too; return of how many cases."""
    cases = keeping.forget_evidence(now=now)
    evidence.end(keeping.without_evidence(cases), now=now)
    messages.end_copies(keeping.unkept_messages(cases), now=now)
    return len(cases)


# What a hold of law keeps is asked for again each time.
_ERASED: Final = """
SELECT d.account_id FROM upscrolled_departure d
WHERE d.erased_at IS NOT NULL AND EXISTS (
  SELECT 1 FROM moderation_statement s JOIN moderation_statementkey k ON k.statement_id = s.id
  WHERE s.account_id = d.account_id AND k.key IS NOT NULL)
ORDER BY d.account_id
"""


def forget_erased() -> int:
    """Forget what statements say to people who left and whose account is erased; return how many statements."""
    with connection.cursor() as cursor:
        cursor.execute(_ERASED)
        erased = [row[0] for row in cursor.fetchall()]
    return sum(forget(account_id=account_id) for account_id in erased)


def forget(*, account_id: int) -> int:
    """Erase the keys of an account's statements, so that nobody can read them again; return how many.

    That they were made stays in the log. The database refuses it for an account that is open.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT moderation_forget(%(account)s)", {"account": account_id})
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])
