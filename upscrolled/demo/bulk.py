"""Rows by the thousand and by the million: only for worlds that are made to be measured.

A large world is made inside PostgreSQL, table by table, while the tables have neither indexes nor constraints
(`strip`); what was taken off is put back afterwards exactly as the catalogue described it. All of it belongs
into one transaction: whoever interrupts it finds the database as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models.fields import NOT_PROVIDED
from psycopg import sql

Model = type[models.Model]


def copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows to a table, in their order. Names are ours, never somebody's input."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as out:
        for row in rows:
            out.write_row(row)


def run(statement: str) -> int:
    """Run one statement without parameters; return how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


def keep(name: str, query: str) -> int:
    """Keep the rows of a query as `scratch.name` until the world stands; return how many there are.

    Not a temporary table: parallel workers cannot read those.
    """
    made = run(f"CREATE UNLOGGED TABLE scratch.{name} AS {query}")
    run(f"ANALYZE scratch.{name}")
    return made


@contextmanager
def probing() -> Iterator[None]:
    """Look rows up by their index, one by one: where each lies near the one before, that beats a hash of all."""
    run("SET LOCAL enable_nestloop = on")
    run("SET LOCAL enable_hashjoin = off")
    yield
    run("SET LOCAL enable_hashjoin = on")
    run("SET LOCAL enable_nestloop = off")


def literal(value: Any) -> str:
    """Return a value as SQL text, for statements that take no parameters."""
    connection.ensure_connection()
    return str(sql.Literal(value).as_string(connection.connection))


def insert(model: Model, given: Mapping[str, str], source: str) -> int:
    """Fill a table from a SELECT; return how many rows were written.

    `given` maps columns to expressions over `source` (all that follows FROM). Every other column gets the
    default of its field, so that a column which somebody adds to a model needs nothing here.
    """
    values = {**defaults(model, given), **given}
    columns = ", ".join(map(_quoted, values))
    return run(
        f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {', '.join(values.values())} FROM {source}"
    )


def order(model: Model, column: str) -> None:
    """Lay the rows of a table that has no indexes yet as time would have: in the order of a column.

    What was written kind by kind lies all over the table else, and whoever reads the newest rows reads ten times as
    many pages as on a site that grew.
    """
    table = model._meta.db_table
    run(f"CREATE INDEX in_order ON {table} ({column})")
    run(f"CLUSTER {table} USING in_order")
    run("DROP INDEX in_order")


def defaults(model: Model, given: Iterable[str]) -> dict[str, str]:
    """Return what stands in the columns that are not `given`, as SQL; those the database fills are left out."""
    named = set(given)
    if unknown := named - {field.column for field in model._meta.concrete_fields}:
        raise ValueError(f"{model.__name__} has no column {', '.join(sorted(unknown))}")
    found: dict[str, str] = {}
    for field in model._meta.concrete_fields:
        by_database = isinstance(field, models.AutoField) or field.db_default is not NOT_PROVIDED
        if field.column is None or field.column in named or by_database:
            continue
        value = field.get_db_prep_save(field.get_default(), connection)
        if value is not None:
            found[field.column] = f"{literal(value)}::{field.db_type(connection)}"
    return found


# --- without indexes and constraints, and with them again -----------------------------------------------


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Something that was taken off the tables, and the statements that put it back."""

    title: str
    statements: tuple[str, ...]

    def run(self) -> None:
        """Put it back."""
        for statement in self.statements:
            run(statement)


# Keys of other tables that point here go too; checks stay, they cost next to nothing. Put back in this order:
# primary and unique keys, other indexes, foreign keys.
_CONSTRAINTS = """
SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid), c.contype = 'f'
FROM pg_constraint c
WHERE c.contype IN ('p', 'u', 'x', 'f') AND c.conparentid = 0
  AND (c.conrelid = ANY(%(tables)s::text[]::regclass[])
       OR (c.contype = 'f' AND c.confrelid = ANY(%(tables)s::text[]::regclass[])))
ORDER BY c.contype = 'f', c.contype <> 'p', c.conrelid::regclass::text, c.conname
"""
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = ANY(%(tables)s::text[]::regclass[])
  AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
ORDER BY 1
"""


def strip(tables: Sequence[str]) -> list[Rebuild]:
    """Take indexes, keys and foreign keys off these tables; return what puts them back, in order."""
    params = {"tables": list(tables)}
    with connection.cursor() as cursor:
        cursor.execute(_CONSTRAINTS, params)
        constraints = cursor.fetchall()
        cursor.execute(_INDEXES, params)
        indexes = cursor.fetchall()
        for table, name, _, _ in reversed(constraints):
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {_quoted(name)}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    keys = [
        Rebuild(name, (_added(table, name, definition),))
        for table, name, definition, foreign in constraints
        if not foreign
    ]
    foreign_keys: dict[str, list[str]] = {}
    for table, name, definition, foreign in constraints:
        if foreign:
            place = f"foreign keys of {table}" if table in tables else "foreign keys of other tables"
            foreign_keys.setdefault(place, []).append(_added(table, name, definition))
    return [
        *keys,
        *(Rebuild(name, (definition,)) for name, definition in indexes),
        *(Rebuild(title, tuple(statements)) for title, statements in foreign_keys.items()),
    ]


def _added(table: str, name: str, definition: str) -> str:
    return f"ALTER TABLE {table} ADD CONSTRAINT {_quoted(name)} {definition}"


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
