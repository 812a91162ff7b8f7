"""A worker that dies of SIGKILL at a chosen step of moderation: a process of its own, `python -m tests.mortal`.

An order is a line of JSON: what to do, on what, and after which statement to die; 0 is right after the COMMIT. For each
order a child is forked that does it as the web or a worker would; how it ended is answered.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django

from tests.waiting import until

ROLE = "upscrolled_app"  # of web and workers


class Mortal:
    """Orders to such a process, from a test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def order(self, do: str, *, dies_after: int, **facts: Any) -> bool:
        """Have it done; return whether it died on the way. Fails if it ended otherwise than by death or well."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, "dies_after": dies_after, "facts": facts}) + "\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline().strip()
        assert said in ("killed", "ended"), said
        until(_has_been_buried)
        return said == "killed"


def _has_been_buried() -> bool:
    """Say whether the server has noticed, too: until then the dead hold their locks, and others pass those rows by."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = %s",
            [ROLE],
        )
        return cursor.fetchone()[0] == 0


@contextmanager
def mortal() -> Iterator[Mortal]:
    """Start the process on this test's database, in the role that web and workers have."""
    from django.db import connection

    facts = connection.settings_dict
    url = f"postgresql://{ROLE}@/{facts['NAME']}?host={facts['HOST']}&port={facts['PORT']}"
    environ = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "upscrolled.settings"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.mortal"],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Mortal(process)
    finally:
        process.communicate(timeout=30)


def main() -> None:
    """Do what is ordered, each in a child of its own."""
    django.setup()
    for name in ("moderation.operations.cases", "moderation.tasks", "tests.restricting", "upscrolled.celery"):
        importlib.import_module(name)  # once, not in every child
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                _do(order)
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print("killed" if died else "ended" if status == 0 else f"status {status}", flush=True)


def _do(order: dict[str, Any]) -> None:
    from django.db import connection, transaction

    left = order["dies_after"]

    def step(execute: Callable[..., Any], *statement: Any) -> Any:
        nonlocal left
        done = execute(*statement)
        left -= 1
        if left == 0:
            _die()
        return done

    if left == 0:
        with transaction.atomic():
            transaction.on_commit(_die)
            _VERBS[order["do"]](**order["facts"])
        return
    with connection.execute_wrapper(step):
        _VERBS[order["do"]](**order["facts"])


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _decide(*, case: int, version: int, post: int, by: int) -> None:
    from datetime import UTC, datetime

    from moderation.operations.cases import decide_case
    from moderation.operations.claims import Claim
    from moderation.operations.decide import Wish
    from moderation.subjects import Subject
    from tests.restricting import REASONS
    from upscrolled.models import Account

    wish = Wish(Subject("post", post), "removed", "hate", REASONS)
    decide_case(Claim(case, version), wish, by=Account.objects.get(pk=by), now=datetime.now(UTC))


def _overturn(*, appeal: int, version: int, by: int) -> None:
    from datetime import UTC, datetime

    from moderation.operations.appeals import AppealClaim, overturn
    from upscrolled.models import Account

    answer = "It was read again, and it quotes the insult in order to condemn it."
    overturn(
        AppealClaim(appeal, version), by=Account.objects.get(pk=by), answer=answer, now=datetime.now(UTC)
    )


def _carry_out(*, decision: int) -> None:
    from moderation import tasks

    tasks.carry_out(decision_id=decision)


_VERBS: dict[str, Callable[..., None]] = {"decide": _decide, "overturn": _overturn, "carry out": _carry_out}


if __name__ == "__main__":
    main()
