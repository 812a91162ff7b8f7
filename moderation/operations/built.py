"""Does the database refuse as the migrations made it: functions, triggers, constraints, each as it was written?

What is to be there is read from the migrations themselves, so nothing stands here twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple

from django.apps import apps
from django.db import connection
from django.db.migrations import RunSQL
from django.db.migrations.executor import MigrationExecutor

_FUNCTION: Final = re.compile(r"(?i)CREATE (?:OR REPLACE )?FUNCTION (\w+)\s*\(.*?AS \$\$(.*?)\$\$", re.DOTALL)
_NO_FUNCTION: Final = re.compile(r"(?i)DROP FUNCTION (?:IF EXISTS )?(\w+)")
_TRIGGER: Final = re.compile(
    r"(?i)CREATE (CONSTRAINT )?TRIGGER (\w+)\s+(BEFORE|AFTER)\s+(.*?)\s+ON\s+(?:public\.)?(\w+)\s(.*?)"
    r"EXECUTE FUNCTION (\w+)\s*\((.*?)\)\s*(?:;|\Z)",
    re.DOTALL,
)
_NO_TRIGGER: Final = re.compile(r"(?i)DROP TRIGGER (?:IF EXISTS )?(\w+) ON (\w+)")
_QUOTED: Final = re.compile(r"'([^']*)'")
_CONSTRAINT: Final = re.compile(r"(?i)ADD CONSTRAINT (\w+)")
_ROOM: Final = "moderation"
_FUNCTIONS: Final = "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
_TRIGGERS: Final = """
SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
"""
_CONSTRAINTS: Final = """
SELECT conname FROM pg_constraint WHERE convalidated UNION SELECT relname FROM pg_class c JOIN pg_index i
  ON i.indexrelid = c.oid WHERE i.indisunique AND i.indisvalid
"""


class _Trigger(NamedTuple):
    """What a trigger does, however its statement was laid out: on which writes of which columns, and when."""

    table: str
    name: str
    kind: str
    writes: frozenset[str]
    asked: tuple[str, ...]
    calls: str


class Built(NamedTuple):
    """Functions by their names with their bodies, triggers, and the names of constraints."""

    functions: dict[str, str]
    triggers: frozenset[_Trigger]
    constraints: frozenset[str]


def changed() -> tuple[int, list[str]]:
    """Return how many parts the migrations made, and which of them are not as they were made any more."""
    wanted, found = _made(), _found()
    wrong = [
        f"function {name}" for name, body in wanted.functions.items() if found.functions.get(name) != body
    ]
    wrong += [f"trigger {one.name} on {one.table}" for one in wanted.triggers - found.triggers]
    wrong += [f"constraint {name}" for name in wanted.constraints - found.constraints]
    return sum(map(len, wanted)), sorted(wrong)


@cache
def _made() -> Built:
    """What the migrations make, all of them from the first on."""
    functions: dict[str, str] = {}
    triggers: dict[tuple[str, str], _Trigger] = {}
    constraints = {
        constraint.name
        for model in [*apps.get_app_config(_ROOM).get_models(), apps.get_model("upscrolled", "restriction")]
        for constraint in model._meta.constraints
    }
    for statement in _statements():
        for name in _NO_FUNCTION.findall(statement):
            functions.pop(name, None)
        functions |= dict(_FUNCTION.findall(statement))
        for name, table in _NO_TRIGGER.findall(statement):
            triggers.pop((table, name), None)
        triggers |= {(one.table, one.name): one for one in _triggers(statement)}
        constraints |= set(_CONSTRAINT.findall(statement))
    return Built(functions, frozenset(triggers.values()), frozenset(constraints))


def _statements() -> Iterator[str]:
    executor = MigrationExecutor(connection)
    everything = executor.loader.graph.leaf_nodes()
    for migration, _ in executor.migration_plan(everything, clean_start=True):
        for operation in migration.operations:
            if isinstance(operation, RunSQL) and isinstance(operation.sql, str):
                yield operation.sql


def _found() -> Built:
    triggers = frozenset(one for (text,) in _rows(_TRIGGERS) for one in _triggers(text))
    return Built(dict(_rows(_FUNCTIONS)), triggers, frozenset(name for (name,) in _rows(_CONSTRAINTS)))


def _triggers(statement: str) -> Iterator[_Trigger]:
    for is_constraint, name, when, writes, table, rest, function, arguments in _TRIGGER.findall(statement):
        before, _, condition = rest.partition("WHEN")
        deferred = "deferred" if "INITIALLY DEFERRED" in before.upper() else "at once"
        # PostgreSQL writes a condition its own way; the columns that it asks about are the same.
        asked = sorted(set(re.findall(r"\b((?:old|new)\.\w+)", condition.lower())))
        yield _Trigger(
            table,
            name,
            f"{'constraint' if is_constraint else when.lower()}, {deferred}",
            frozenset(re.findall(r"\w+", writes.lower())) - {"or", "of"},
            tuple(asked),
            f"{function}({', '.join(_QUOTED.findall(arguments))})",
        )


def _rows(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[Any] = cursor.fetchall()
        return rows
