"""The one client of Valkey: `data` for the instance that must not evict, `cache` for the one that may.

Time limits are short on purpose: what stands here can be rebuilt or asked for again, so a request rather
goes on without it than waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

CONNECT_SECONDS, ANSWER_SECONDS, POOL_SECONDS = 0.5, 1.0, 1.0
CONNECTIONS = 32


@lru_cache(maxsize=1)
def data() -> redis.Redis:
    """Return the client of the instance that keeps what it is given (queues, heartbeats)."""
    return _client(settings.VALKEY_URL)


@lru_cache(maxsize=1)
def cache() -> redis.Redis:
    """Return the client of the instance that may forget (timelines, pools, limits)."""
    return _client(settings.CACHE_URL)


class Script:
    """A Lua script on the cache instance, called by its digest; sent in full when the server lacks it."""

    def __init__(self, name: str, lua: str) -> None:
        self.name = name
        self._lua = lua
        self._script: Any = None

    def __call__(self, keys: Sequence[Any], arguments: Sequence[Any], *, client: Any = None) -> Any:
        """Run it; `client` may be a pipeline. Raises redis.RedisError."""
        if self._script is None:
            self._script = cache().register_script(self._lua)
        return self._script(keys=keys, args=arguments, client=client)


_scripts: dict[str, Script] = {}


def script(name: str, lua: str) -> Script:
    """Return the script of that name, registered once a process."""
    found = _scripts.get(name)
    if found is None:
        found = _scripts[name] = Script(name, lua)
    return found


def forget_connections() -> None:
    """Start over with the addresses of the settings as they are now (tests with servers of their own)."""
    for factory in (data, cache):
        if factory.cache_info().currsize:
            factory().close()
        factory.cache_clear()
    _scripts.clear()


def _client(url: str) -> redis.Redis:
    # One immediate second try: it heals a connection that the server closed meanwhile, and waits for nothing.
    pool = redis.BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=POOL_SECONDS,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 1),
        protocol=2,
    )
    return redis.Redis(connection_pool=pool)
