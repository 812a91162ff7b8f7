"""A small surge world for the tests that need one, made once for a module and emptied after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection

SCALE = 0.002  # 5,000 people, 20,000 posts: enough for the planner to prefer an index
UNTIL = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)

# What stands on every table: indexes and constraints, as the catalogue describes them.
_DEFINITIONS = """
SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname,
       pg_get_constraintdef(oid) || CASE WHEN convalidated THEN '' ELSE ' (not valid)' END
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""


def definitions() -> list[tuple[Any, ...]]:
    """Every index and constraint of the database."""
    with connection.cursor() as cursor:
        cursor.execute(_DEFINITIONS)
        return list(cursor.fetchall())


@contextmanager
def surge_world(*, seed: int = 1) -> Iterator[None]:
    """Make the world with the command that anybody would use; leave an empty database."""
    try:
        call_command(
            "demo",
            "--world",
            "surge",
            "--scale",
            str(SCALE),
            "--seed",
            str(seed),
            "--until",
            UNTIL.isoformat(),
        )
        yield
    finally:
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False)
