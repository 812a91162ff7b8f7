"""The one client of Valkey: `data` for the instance that must not evict, `cache` for the one that may.

The cache may be a cluster (`redis+cluster://` with the addresses of some of its nodes). A script, or a command with
several keys, then has to keep to keys with one tag: `{…}`.

Time limits are short on purpose: what stands here can be rebuilt or asked for again, so a request rather
goes on without it than waits.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import NoScriptError, RedisClusterException
from redis.retry import Retry

CONNECT_SECONDS, ANSWER_SECONDS, POOL_SECONDS = 0.5, 1.0, 1.0
CONNECTIONS = 32
AWAY_SECONDS = 3.0  # for a node of a cluster
Call = tuple[Sequence[Any], Sequence[Any]]  # keys, arguments


@lru_cache(maxsize=1)
def data() -> redis.Redis:
    """Return the client of the instance that keeps what it is given (queues, heartbeats)."""
    client: redis.Redis = client_of(settings.VALKEY_URL)
    return client


@lru_cache(maxsize=1)
def cache() -> redis.Redis:
    """Return the client of the instance that may forget (timelines, pools, limits). Raises redis.RedisError."""
    client: redis.Redis = client_of(settings.CACHE_URL)  # a cluster's takes the same commands
    return client


def is_cluster(url: str) -> bool:
    """Say whether an address names the nodes of a cluster."""
    return url.startswith(("redis+cluster://", "rediss+cluster://"))


class Script:
    """A Lua script on the cache instance, called by its digest; sent in full to a server that lacks it."""

    def __init__(self, name: str, lua: str) -> None:
        self.name = name
        self._lua = lua
        self._digest = hashlib.sha1(lua.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: Sequence[Any], arguments: Sequence[Any], *, client: Any = None) -> Any:
        """Run it, on another client than the cache's if one is given. Raises redis.RedisError."""
        client = cache() if client is None else client
        try:
            return client.evalsha(self._digest, len(keys), *keys, *arguments)
        except NoScriptError:
            return client.eval(self._lua, len(keys), *keys, *arguments)

    def many(self, calls: Iterable[Call]) -> list[Call]:
        """Run it for each call on a cluster, in one exchange with each node; return the calls whose node is away.

        Raises redis.RedisError when nothing is known of the cluster yet and no node answers.
        """
        cluster: Any = cache()
        of_nodes: dict[str, list[Call]] = {}
        for call in calls:
            of_nodes.setdefault(cluster.get_node_from_key(call[0][0]).name, []).append(call)
        missed: list[Call] = []
        for name, its_calls in of_nodes.items():
            try:
                self._on_node(cluster, cluster.get_node(node_name=name), its_calls)
            except redis.RedisError:
                cluster.look_again(name)
                missed += self._one_by_one(its_calls)
        return missed

    def _one_by_one(self, calls: list[Call]) -> list[Call]:
        """Run it by the cluster's client, which goes where the slots are now; return the calls that fail."""
        for number, (keys, arguments) in enumerate(calls):
            try:
                self(keys, arguments)
            except redis.RedisError:
                return calls[number:]
        return []

    def _on_node(self, cluster: Any, node: ClusterNode, calls: list[Call]) -> None:
        pipeline = cluster.get_redis_connection(node).pipeline(transaction=False)
        for keys, arguments in calls:
            pipeline.evalsha(self._digest, len(keys), *keys, *arguments)
        with cluster.patience(node.name):
            answers = pipeline.execute(raise_on_error=False)
        for (keys, arguments), answer in zip(calls, answers, strict=True):
            if isinstance(answer, redis.ResponseError):  # moved meanwhile, or the node lacks the script
                self(keys, arguments)


_scripts: dict[str, Script] = {}


def script(name: str, lua: str) -> Script:
    """Return the script of that name, made once a process."""
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


def client_of(url: str) -> Any:
    """Return a client of a server, or of a cluster. Raises redis.RedisError when no node of a cluster answers."""
    # One immediate second try: it heals a connection that the server closed meanwhile, and waits for nothing.
    habits = {
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": ANSWER_SECONDS,
        "retry": Retry(NoBackoff(), 1),
        "protocol": 2,
        "max_connections": CONNECTIONS,
    }
    if is_cluster(url):
        return _Cluster.of(url, habits)
    pool = redis.BlockingConnectionPool.from_url(url, timeout=POOL_SECONDS, **habits)
    return redis.Redis(connection_pool=pool)


class _Cluster(RedisCluster):
    """A cluster whose own troubles are a RedisError, as everybody expects who goes on without Valkey.

    A node that does not answer is left alone for a while: else every request would wait for it, and those whose
    keys lie elsewhere would wait for a thread.
    """

    def __init__(self, **options: Any) -> None:
        self._away: dict[str, float] = {}  # until when
        super().__init__(**options)

    @classmethod
    def of(cls, url: str, habits: dict[str, Any]) -> _Cluster:
        """Read `redis+cluster://user:password@host:port,host:port`."""
        scheme, _, rest = url.partition("+cluster://")
        who, _, hosts = rest.rstrip("/").rpartition("@")
        user, _, password = who.partition(":")
        pairs = (host.strip().rpartition(":") for host in hosts.split(","))
        nodes = [
            ClusterNode(host.strip("[]"), int(port))  # type: ignore[no-untyped-call]
            for host, _, port in pairs
        ]
        try:
            return cls(
                startup_nodes=nodes,
                username=unquote(user) or None,
                password=unquote(password) or None,
                ssl=scheme == "rediss",
                require_full_coverage=False,
                **habits,
            )
        except RedisClusterException as error:
            raise redis.ConnectionError(str(error)) from error

    def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        """Send a command to the nodes that it concerns."""
        try:
            return super().execute_command(*args, **kwargs)  # type: ignore[no-untyped-call]
        except RedisClusterException as error:
            raise redis.ConnectionError(str(error)) from error

    @contextmanager
    def patience(self, name: str) -> Iterator[None]:
        """Ask this node something. Raises redis.ConnectionError at once if it did not answer a moment ago."""
        now = time.monotonic()
        is_doubtful = name in self._away
        if is_doubtful:
            if now < self._away[name]:
                raise redis.ConnectionError(f"{name} did not answer a moment ago.")
            self._away[name] = now + AWAY_SECONDS  # one caller tries; the others do not wait with it
        try:
            yield
        except (redis.ConnectionError, redis.TimeoutError):
            self._away[name] = time.monotonic() + AWAY_SECONDS
            raise
        if is_doubtful:
            self._away.pop(name, None)

    def look_again(self, name: str) -> None:
        """Ask the others which node has which slots, for this one is away."""
        try:
            self.nodes_manager.move_node_to_end_of_cached_nodes(name)
            self.nodes_manager.initialize()
        except (RedisClusterException, redis.RedisError):
            return  # nobody answers: what was known stands

    def _execute_command(self, target_node: Any, *args: Any, **kwargs: Any) -> Any:
        # Where redis-py asks one node, with the node known; there is no public place for that.
        with self.patience(target_node.name):
            return super()._execute_command(target_node, *args, **kwargs)  # type: ignore[no-untyped-call]
