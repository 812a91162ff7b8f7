"""The feed's Valkey as a cluster of three: everything works on it, and a node that dies takes nobody's home along."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.scale.product import ROOT, Answer, App, Load, Person, Product, product, until
from tests.scale.stores import Cluster, cluster, scratch
from upscrolled.dev.servers import EmbeddedPostgres

pytestmark = pytest.mark.long
# Whatever touches the cache: home lists, limits, draws and scrolls, sign-in attempts, readiness.
CLIENTS_OF_THE_CACHE = (
    "tests/feed/timelines",
    "tests/feed/api/test_discover.py",
    "tests/feed/api/test_timelines.py",
    "tests/upscrolled/api/test_tokens.py",
    "tests/upscrolled/api/test_health.py",
    "tests/upscrolled/test_signin.py",
)


def test_what_uses_the_cache_passes_its_tests_on_a_cluster():
    with cluster() as nodes:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-n", "0", "-q", *CLIENTS_OF_THE_CACHE],
            env=kept | {"CACHE_URL": nodes.url},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-8_000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) > 100


@pytest.fixture(scope="module")
def nodes() -> Iterator[Cluster]:
    with cluster() as formed:
        yield formed


@pytest.fixture(scope="module")
def made(nodes: Cluster) -> Iterator[Product]:
    with scratch("database") as (directory, guard):
        server = EmbeddedPostgres(directory, durable=False, guard=guard, spare=directory / "spare")
        server.start()
        try:
            with product({"DATABASE_URL": server.url, "CACHE_URL": nodes.url}, RATE_LIMITS="true") as running:
                yield running
        finally:
            server.stop()


@pytest.fixture(scope="module")
def people(made: Product) -> dict[str, Person]:
    """alice, and thirty who follow her: their lists lie on all nodes."""
    return made.populate("alice", *(f"reader{number}" for number in range(30)))


def home(app: App) -> list[str]:
    answer = app.get("/api/v1/timelines/home")
    assert answer.status == 200, answer.body
    return [post["id"] for post in answer.json]


def now_and_then(app: App) -> Answer:
    """Read home at a pace that the limits allow: they are on, for they too are kept on the cluster."""
    time.sleep(0.25)
    return app.get("/api/v1/timelines/home")


def test_home_goes_on_without_a_node_and_is_right_when_it_returns(made, nodes, people):
    with made.web() as (port, _), made.worker() as worker:
        apps = {name: App(port, person) for name, person in people.items()}
        for app in apps.values():
            assert home(app) == []
        first = apps["alice"].post("/api/v1/statuses", status="to all").json["id"]
        for app in apps.values():
            until(lambda app=app: home(app), lambda ids: ids == [first], seconds=10)
        assert sum(node.keys("home:*") for node in nodes.nodes) >= len(people)
        assert all(node.keys("home:*") for node in nodes.nodes)

        gone = nodes.nodes[0]
        phones = [App(port, people[f"reader{number}"]) for number in range(6)]
        with Load([lambda app=app: now_and_then(app) for app in phones]) as load:
            time.sleep(0.5)
            gone.pause()
            time.sleep(4)
            second = apps["alice"].post("/api/v1/statuses", status="to all but one node").json["id"]
            for app in apps.values():
                until(lambda app=app: home(app), lambda ids: ids == [second, first], seconds=20)
        print(f"\n{len(load.answers)} answers, some of them without a node: {load.statuses}")
        assert set(load.statuses) == {200}

        until(lambda: worker.said, lambda said: "missed a delivery" in said, seconds=20)
        gone.resume()
        third = apps["alice"].post("/api/v1/statuses", status="to all again").json["id"]
        for app in apps.values():
            until(lambda app=app: home(app), lambda ids: ids == [third, second, first], seconds=20)


def test_a_killed_node_leaves_home_to_postgresql(made, nodes, people):
    with made.web() as (port, _):
        apps = [App(port, person) for person in people.values()]
        before = [home(app) for app in apps]
        nodes.nodes[2].kill()

        assert [home(app) for app in apps] == before
        assert {app.get("/api/v1/upscrolled/discover").status for app in apps} == {200}
        assert {app.get("/api/v1/timelines/public").status for app in apps} == {200}
