"""`manage.py queues`: what waits for a worker, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import redis
from django.core.management.base import BaseCommand, CommandError

from upscrolled import backlog
from upscrolled.backlog import Waiting


class Command(BaseCommand):
    """Print the queues in the order in which workers take from them, then what is owed by rows."""

    help = (
        "Print how much waits in each queue and since when, and what is still owed by rows of the database."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Look once. Exit code 1 if Valkey does not answer."""
        try:
            queues = backlog.queues()
        except redis.RedisError as error:
            raise CommandError(f"Valkey does not answer: {error}") from None
        self.stdout.write(f"{'queue':<14}{'waiting':>9}{'oldest':>16}")
        for waiting in queues:
            self._line(waiting)
        self.stdout.write(f"{'owed':<14}{'waiting':>9}{'oldest':>16}")
        for waiting in backlog.owed(datetime.now(UTC)):
            self._line(waiting)

    def _line(self, waiting: Waiting) -> None:
        age = "-" if waiting.oldest_seconds is None else f"{waiting.oldest_seconds:.1f} s"
        self.stdout.write(f"{waiting.name:<14}{waiting.count:>9}{age:>16}")
