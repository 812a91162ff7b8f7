"""In whose name a transaction writes. PostgreSQL asks where a write lowers somebody's reach (adr/0023)."""

from __future__ import annotations

from typing import Final

from django.db import connection

# The same within a statement, which reads `FROM` it; %(actor)s is the account.
HAND: Final = "(SELECT set_config('upscrolled.actor', %(actor)s::bigint::text, true)) AS hand"


def as_owner(account_id: int) -> None:
    """Say that what follows in this transaction is done by, or in the name of, that account.

    Call it in the verb, where it is known who acts and that the thing is theirs; it ends with the transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('upscrolled.actor', %(account)s, true)", {"account": str(account_id)}
        )
