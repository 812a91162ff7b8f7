"""Whether the parts that requests rely on are there: PostgreSQL, its schema, both Valkeys, a worker."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from upscrolled import backlog
from upscrolled.backlog import Waiting
from upscrolled.core import valkey
from upscrolled.tasks import HEARTBEAT_KEY

_MEGABYTE: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class Disk:
    """How much is free on the disk of DATA_DIR; None if it cannot be asked. `low` at less than DISK_LOW_MB."""

    free_mb: int | None
    low: bool


@dataclass(frozen=True, slots=True)
class Report:
    """Each part's state, `ok` or what is wrong; the seconds since a worker last spoke, if one did; what waits.

    A disk that is nearly full is no part that is missing: requests are answered until it is full.
    """

    parts: dict[str, str]
    worker_age: float | None
    disk: Disk
    queues: list[Waiting]
    owed: list[Waiting]


def look() -> Report:
    """Ask every part, shortly."""
    queues: list[Waiting] = []
    owed: list[Waiting] = []
    parts = {"postgresql": "ok", "migrations": "ok", "valkey": "ok", "cache": "ok", "worker": "ok"}
    try:
        missing = sorted(_expected() - set(MigrationRecorder(connection).applied_migrations()))
        if missing:
            parts["migrations"] = f"{len(missing)} not applied, first {'.'.join(missing[0])}"
        else:
            owed = backlog.owed(datetime.now(UTC))
    except Error:
        parts["postgresql"] = parts["migrations"] = "does not answer"
    try:
        valkey.cache().ping()
    except redis.RedisError:
        parts["cache"] = "does not answer"
    age = None
    try:
        spoken = valkey.data().get(HEARTBEAT_KEY)
        age = None if spoken is None else round(max(0.0, time.time() - float(spoken)), 1)
        parts["worker"] = "ok" if age is not None else "has not been heard of lately"
        queues = backlog.queues()
    except redis.RedisError:
        parts["valkey"] = "does not answer"
        parts["worker"] = "unknown, for Valkey does not answer"
    return Report(parts, age, _disk(), queues, owed)


def _disk() -> Disk:
    place = settings.DATA_DIR
    while not place.exists() and place != place.parent:  # nothing has been stored yet
        place = place.parent
    try:
        free = shutil.disk_usage(place).free // _MEGABYTE
    except OSError:
        return Disk(None, low=False)
    return Disk(free, low=free < settings.DISK_LOW_MB)


@lru_cache(maxsize=1)
def _expected() -> frozenset[tuple[str, str]]:
    """Return the newest migration of each app, as this process' code knows them."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes())
