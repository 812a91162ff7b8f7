"""How long work waits: the oldest message of each queue, and the oldest row that says something is owed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

import msgspec
from django.apps import apps
from django.utils.module_loading import module_has_submodule

from upscrolled.celery import QUEUES, SENT_AT
from upscrolled.core import valkey


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits somewhere: how many, and for how many seconds the oldest of them, if there is any."""

    name: str
    count: int
    oldest_seconds: float | None


def queues() -> list[Waiting]:
    """Return the queues in the order in which workers take from them. Raises redis.RedisError.

    A message that a worker holds already waits no longer, whether it is done or not.
    """
    with valkey.data().pipeline(transaction=False) as pipeline:
        for name in QUEUES:
            pipeline.llen(name)
            pipeline.lindex(name, -1)  # workers take from this end
        answers = pipeline.execute()
    return [
        Waiting(name, count, _age(message))
        for name, count, message in zip(QUEUES, answers[::2], answers[1::2], strict=True)
    ]


def owed(now: datetime) -> list[Waiting]:
    """Return what each room owes by rows: whatever the `owed` of its `outbox` tells. One statement a room."""
    return [waiting for room in _rooms() for waiting in import_module(room).owed(now)]


def _rooms() -> Iterator[str]:
    for config in apps.get_app_configs():
        if config.module is not None and module_has_submodule(config.module, "outbox"):
            yield f"{config.name}.outbox"


class _Message(msgspec.Struct):
    """The part of a Celery message that says when it was sent; those of other publishers do not."""

    headers: dict[str, object] = {}


def _age(message: bytes | None) -> float | None:
    if message is None:
        return None
    try:
        sent = msgspec.json.decode(message, type=_Message).headers.get(SENT_AT)
    except msgspec.DecodeError:
        return None
    return round(max(time.time() - sent, 0.0), 3) if isinstance(sent, int | float) else None
