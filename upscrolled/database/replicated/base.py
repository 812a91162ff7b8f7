"""The primary's connection, which lends its statements to a replica while the request at hand reads on one.

All code says `connection`, and so does the ORM: the decision is made here, where a cursor is asked for, and not by
each of them. A transaction is always the primary's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from django.db import Error, OperationalError, connections
from django.db.backends.utils import CursorWrapper

from upscrolled.database import base, reading, watch

_READ_ONLY, _CONFLICT, _CANCELED = "25006", "40001", "57014"
_OF_RESULTS = frozenset({"fetchone", "fetchmany", "fetchall", "description", "rowcount", "close"})


class DatabaseWrapper(base.DatabaseWrapper):
    """Connection to the primary; its cursors may be a replica's."""

    def cursor(self) -> CursorWrapper:
        """Return a cursor: on the replica of this request if it has one and no transaction is open."""
        if self.in_atomic_block:
            reading.in_transaction()
        elif (alias := reading.alias()) is not None:
            return ReplicaCursor(self, alias)  # type: ignore[return-value]  # it does all that is asked of one
        return super().cursor()


class ReplicaCursor:
    """A cursor on a replica. What the replica cannot do is done on the primary, as is the rest of the request."""

    def __init__(self, primary: DatabaseWrapper, alias: str) -> None:
        self._primary, self._alias = primary, alias
        self._cursor: CursorWrapper | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._opened())

    def __getattr__(self, name: str) -> Any:
        """Results belong to the statement before; whatever else can be asked (COPY, many at once) is the primary's."""
        return getattr(self._opened() if name in _OF_RESULTS else self._moved(), name)

    def execute(self, sql: Any, params: Any = None) -> Any:
        """Run one statement, which starts again on the primary if the replica refuses it or is gone."""
        if reading.alias() == self._alias:
            try:
                return self._opened().execute(sql, params)
            except Error as error:
                if not self._must_move(error):
                    raise
        return self._moved().execute(sql, params)

    def close(self) -> None:
        """Give the cursor back."""
        if self._cursor is not None:
            self._cursor.close()

    def _opened(self) -> CursorWrapper:
        if self._cursor is None:
            self._cursor = connections[self._alias].cursor()
        return self._cursor

    def _moved(self) -> CursorWrapper:
        reading.leave()
        if self._cursor is None or self._cursor.db is not self._primary:
            self.close()
            self._cursor = self._primary.cursor()
        return self._cursor

    def _must_move(self, error: Error) -> bool:
        """A statement that writes, one that the replay pushed aside, a replica that is gone: no caller hears of it."""
        state = getattr(error.__cause__, "sqlstate", None)
        if state in (_READ_ONLY, _CONFLICT):
            return True
        if isinstance(error, OperationalError) and state != _CANCELED:
            watch.failed(self._alias, error)
            return True
        return False
