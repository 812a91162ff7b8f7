"""Django's cache on the Valkey that may vanish: while it is away, everything is simply not cached.

Pages use it for the limits of sign-in attempts. Like the API's limits, they protect the service and must
not be what stops it.
"""

from __future__ import annotations

import logging
from typing import Any, TypeVar

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from upscrolled.core import valkey

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class OneClient(RedisCacheClient):
    """Talks to a cluster, which Django's own client cannot, by the client that everybody else here uses."""

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """Return the client of the cache's Valkey."""
        return valkey.cache()


class ForgivingCache(RedisCache):
    """Answers as an empty cache does when Valkey does not answer. Only what is used here is covered."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        if valkey.is_cluster(server):
            self._class = OneClient

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Store what is not there yet; an absent Valkey says yes, as an empty one would."""
        try:
            return bool(super().add(key, value, timeout, version))
        except redis.RedisError as error:
            return _absent(error, True)

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """Return what is stored, or the default."""
        try:
            return super().get(key, default, version)
        except redis.RedisError as error:
            return _absent(error, default)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> None:
        """Store a value, if it can be."""
        try:
            super().set(key, value, timeout, version)
        except redis.RedisError as error:
            _absent(error, None)

    def delete(self, key: Any, version: Any = None) -> bool:
        """Forget a value; an absent Valkey has forgotten it."""
        try:
            return bool(super().delete(key, version))
        except redis.RedisError as error:
            return _absent(error, False)


def _absent(error: redis.RedisError, answer: Answer) -> Answer:
    log.warning("The cache does not answer: %s", error)
    return answer
