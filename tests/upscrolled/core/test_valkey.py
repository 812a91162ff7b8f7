"""The client of Valkey: whatever is wrong with a server or a cluster is one kind of error."""

from __future__ import annotations

import pytest
import redis

from upscrolled.core import valkey

ECHO = "return {KEYS[1], ARGV[1]}"


def test_a_script_is_sent_in_full_to_a_server_that_lacks_it():
    valkey.cache().script_flush()

    assert valkey.script("echo", ECHO)(["key"], ["value"]) == [b"key", b"value"]
    assert valkey.script("echo", ECHO)(["key"], ["again"]) == [b"key", b"again"]


def test_a_script_runs_on_another_client_if_it_is_given_one():
    valkey.data().set("where", "data")
    valkey.cache().set("where", "cache")
    where = valkey.script("where", "return redis.call('GET', KEYS[1])")

    assert where(["where"], []) == b"cache"
    assert where(["where"], [], client=valkey.data()) == b"data"


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:9/0",
        "redis+cluster://127.0.0.1:9",
        "redis+cluster://:secret@127.0.0.1:9,127.0.0.1:10",
        "redis+cluster://someone:secret@127.0.0.1:9,[::1]:10/",
    ],
)
def test_a_server_or_cluster_that_is_away_is_an_error_that_everybody_expects(url):
    with pytest.raises(redis.RedisError):
        valkey.client_of(url).get("anything")


@pytest.mark.parametrize("url", ["redis+cluster://127.0.0.1", "redis+cluster://127.0.0.1:http"])
def test_a_cluster_without_a_port_is_refused(url):
    with pytest.raises(ValueError):
        valkey.client_of(url)


def test_only_its_scheme_makes_a_cluster():
    assert valkey.is_cluster("redis+cluster://a:1,b:1")
    assert valkey.is_cluster("rediss+cluster://a:1")
    assert not valkey.is_cluster("redis://a:1/0")
