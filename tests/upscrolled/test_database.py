"""A connection that PostgreSQL closed is noticed before it is used, without asking PostgreSQL each time."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from upscrolled.database import base

pytestmark = pytest.mark.django_db(transaction=True)


def another_connection() -> psycopg.Connection:
    """Somebody else's."""
    database = settings.DATABASES["default"]
    return psycopg.connect(
        host=database["HOST"],
        port=database["PORT"] or None,
        user=database["USER"],
        password=database["PASSWORD"] or None,
        dbname=connection.settings_dict["NAME"],
    )


def end_connection_of(pid: int) -> None:
    """What a restart of the server does to everybody."""
    with another_connection() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_migration_gives_up_on_a_table_that_stays_in_use(monkeypatch) -> None:
    monkeypatch.setattr(base, "LOCK_TIMEOUT", "20ms")
    with another_connection() as reader:
        reader.execute("SELECT FROM upscrolled_account LIMIT 1")
        with pytest.raises(OperationalError, match="lock timeout"), connection.schema_editor() as editor:
            editor.execute("ALTER TABLE upscrolled_account ADD COLUMN wanted int")

    with connection.schema_editor() as editor:
        editor.execute("CREATE TABLE made_in_passing (id int)")
        editor.execute("DROP TABLE made_in_passing")
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_a_closed_connection_is_replaced_before_the_next_request():
    before = pid()
    end_connection_of(before)

    assert not connection.is_usable()
    connection.health_check_enabled, connection.health_check_done = True, False
    assert pid() != before


def test_a_good_connection_is_not_asked():
    pid()

    with CaptureQueriesContext(connection) as captured:
        assert connection.is_usable()

    assert len(captured) == 0
