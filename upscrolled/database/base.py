"""PostgreSQL as Django speaks it, but a persistent connection is checked without asking the server.

Django's health check is a statement at each request. A connection that the server closed has something to
read (the end of the stream), one that is well has nothing: the kernel knows, at no round trip.

And a migration rather gives up than makes everybody wait.
"""

from __future__ import annotations

import select
from typing import Any, Self

import psycopg
from django.db.backends.postgresql import base
from django.db.backends.postgresql.schema import DatabaseSchemaEditor

LOCK_TIMEOUT = "5s"


class SchemaEditor(DatabaseSchemaEditor):
    """Changes tables within a transaction, which is taken back if a table stays in use.

    A statement that waits for a table's lock stands in the way of all that come after it, reads too: behind one
    long query the whole site would wait. What runs outside of transactions (indexes that are made concurrently)
    stands in nobody's way, and may wait.
    """

    def __enter__(self) -> Self:
        """Begin, with patience of LOCK_TIMEOUT for each lock."""
        super().__enter__()
        if self.atomic_migration and not self.collect_sql:
            self.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        return self


class DatabaseWrapper(base.DatabaseWrapper):
    """Connection to PostgreSQL."""

    SchemaEditorClass: Any = SchemaEditor

    def is_usable(self) -> bool:
        """Return whether the connection still stands; the server is asked only when there is a doubt."""
        if self.connection is None:
            return False
        try:
            waiting, _, _ = select.select([self.connection.fileno()], [], [], 0)
        except (OSError, ValueError, psycopg.Error):
            return False
        return not waiting or super().is_usable()
