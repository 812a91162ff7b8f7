"""Run a statement that reads, and bring all its rows."""

from __future__ import annotations

from typing import Any

from django.db import connection


def rows(statement: str, row: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return what the statement answers, with the parameters of `row`."""
    with connection.cursor() as cursor:
        cursor.execute(statement, row)
        return list(cursor.fetchall())
