"""A request that reads and, against all habit, writes: what it writes must arrive. Prints where each step went."""

from __future__ import annotations

import django

django.setup()

from django.db import connection  # noqa: E402  # Django must be set up first

from upscrolled.database import reading  # noqa: E402
from upscrolled.models import Account  # noqa: E402


def where() -> str:
    """Which server answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        return "replica1" if cursor.fetchone()[0] else "primary"


def write() -> str:
    """Write outside of any transaction, as a view that forgot itself would."""
    changed = Account.objects.filter(username="carol").update(display_name="Carol")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE upscrolled_account SET note = 'x' WHERE username = 'carol' RETURNING note")
        return "written" if changed and cursor.fetchone() == ("x",) else "lost"


with reading.begin("replica1"):
    print(where(), write(), where(), write(), where())
