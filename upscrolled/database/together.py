"""Several statements on one way to PostgreSQL and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def together() -> Iterator[None]:
    """Send the statements of the block without waiting for each; every one begins when the one before has ended.

    Each needs a cursor of its own, and what is fetched within the block has arrived. For a transaction: waiting is
    what a short statement costs most, on both sides.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
