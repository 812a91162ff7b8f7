"""Forget what statements say, once their account is gone; that they were made stays in the log."""

from __future__ import annotations

from django.db import connection


def forget(*, account_id: int) -> int:
    """Erase the keys of an account's statements, so that nobody can read them again; return how many.

    The database refuses it for an account that is open.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT moderation_forget(%(account)s)", {"account": account_id})
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])
