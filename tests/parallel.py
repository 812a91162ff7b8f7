"""Several people at once: run calls in threads that start together, each with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection

from tests.waiting import PATIENCE


@contextmanager
def impatient() -> Iterator[None]:
    """Inside, this connection fails where it would have to wait for anybody; the next test's may wait again."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1ms'")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def at_once(calls: Sequence[Callable[[], object]]) -> list[object]:
    """Run the calls together and return what each returned or raised, in their order."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=PATIENCE)
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
