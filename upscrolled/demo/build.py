"""Make the surge world: from nothing to a settled database, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from django.db import OperationalError, connection, transaction

from upscrolled.core.errors import Conflict
from upscrolled.demo import bulk
from upscrolled.demo.progress import Progress, Step
from upscrolled.demo.surge import NAMED, Surge
from upscrolled.models import Account

GIGABYTE = 1024**3
NEEDED, AT_LEAST = 38.0, 0.3  # gigabytes for the whole world while it is made: rows, indexes, WAL, sorting
_LOCK_WAIT = "5s"
# For one session that has the server to itself.
_SETTINGS = {
    "work_mem": "'256MB'",
    "hash_mem_multiplier": "2",
    "maintenance_work_mem": "'1GB'",
    "max_parallel_maintenance_workers": "2",
    "max_parallel_workers_per_gather": "2",
    "parallel_tuple_cost": "0.01",
    # Join orders and sizes are known here; the planner would guess a thousand rows for each generate_series.
    "enable_nestloop": "off",
    "enable_mergejoin": "off",
    "jit": "off",
    "synchronous_commit": "off",
    "statement_timeout": "0",
    "lock_timeout": f"'{_LOCK_WAIT}'",
}


def standing() -> str:
    """Return the mark of the world that stands in this database, or nothing."""
    table = Account._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT coalesce(obj_description('{table}'::regclass, 'pg_class'), '')
                WHERE EXISTS (SELECT 1 FROM {table} WHERE lower(username) = %(name)s)""",
            {"name": NAMED[-1]},
        )
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def require_space(surge: Surge) -> None:
    """Raise Conflict if the disk of the database is seen from here and has too little room."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
        row = cursor.fetchone()
    if row is None or not os.path.isdir(row[0]):
        return  # on another machine, or hidden from us
    need, free = max(NEEDED * surge.scale, AT_LEAST), shutil.disk_usage(row[0]).free / GIGABYTE
    if free < need:
        raise Conflict(
            f"The disk that holds {row[0]} has {free:.1f} GB free; this world needs {need:.1f} GB while it is made. "
            "Free some space, or make a smaller one with --scale."
        )


def build(surge: Surge, *, tables: Sequence[str], steps: Sequence[Step], progress: Progress) -> None:
    """Run the steps of all rooms on bare tables, in one transaction, and settle what was made.

    Raises Conflict when another process uses the tables.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        for name, value in _SETTINGS.items():
            cursor.execute(f"SET LOCAL {name} = {value}")
        try:
            rebuilds = bulk.strip(tables)
        except OperationalError as error:
            raise Conflict(
                f"Another process uses this database (waited {_LOCK_WAIT}); stop `manage.py up` and try again."
            ) from error
        bulk.run(f"COMMENT ON TABLE {Account._meta.db_table} IS {bulk.literal(surge.mark)}")
        bulk.run("CREATE SCHEMA scratch")
        progress.run(
            [*steps, Step("tidy up", _tidy), *(Step(rebuild.title, rebuild.run) for rebuild in rebuilds)]
        )
    progress.run([_settling(table) for table in tables])


def _tidy() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL client_min_messages = warning")  # it would name every table
        cursor.execute("DROP SCHEMA scratch CASCADE")


def _settling(table: str) -> Step:
    """What autovacuum would do in the hours after: the pages' marks for index-only scans, and statistics."""
    return Step(f"vacuum {table}", lambda: bulk.run(f"VACUUM (FREEZE, ANALYZE) {table}"))
