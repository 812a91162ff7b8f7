"""PostgreSQL as Django speaks it, but a persistent connection is checked without asking the server.

Django's health check is a statement at each request. A connection that the server closed has something to
read (the end of the stream), one that is well has nothing: the kernel knows, at no round trip.
"""

from __future__ import annotations

import select

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Connection to PostgreSQL."""

    def is_usable(self) -> bool:
        """Return whether the connection still stands; the server is asked only when there is a doubt."""
        if self.connection is None:
            return False
        try:
            waiting, _, _ = select.select([self.connection.fileno()], [], [], 0)
        except (OSError, ValueError, psycopg.Error):
            return False
        return not waiting or super().is_usable()
