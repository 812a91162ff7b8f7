"""A balancer asks whether we are alive, and whether we may be sent requests."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from upscrolled import tasks
from upscrolled.core import valkey

pytestmark = pytest.mark.django_db


@pytest.fixture
def unreachable(settings: Any) -> Any:
    """Point both Valkeys' addresses at a port where nobody listens, and back afterwards."""
    yield lambda name: setattr(settings, name, "redis://127.0.0.1:1/0") or valkey.forget_connections()
    valkey.forget_connections()


def test_alive_asks_nobody_else(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        for path in ("/health", "/health/"):
            assert Client().get(path).content == b"OK"


def test_ready_when_every_part_answers_and_a_worker_has_spoken() -> None:
    tasks.heartbeat()

    response = Client().get("/health/ready")

    report = response.json()
    assert response.status_code == 200, report
    assert report["missing"] == []
    assert set(report["parts"]) == {"postgresql", "migrations", "valkey", "cache", "worker"}
    assert 0 <= report["worker_age_seconds"] < 5


def test_a_disk_that_is_nearly_full_is_told_before_it_is_full(settings: Any) -> None:
    tasks.heartbeat()
    settings.DISK_LOW_MB = 0
    report = Client().get("/health/ready").json()
    assert (report["warnings"], report["disk_free_mb"] > 0) == ([], True)

    settings.DISK_LOW_MB = 10**12
    response = Client().get("/health/ready")
    assert (response.status_code, response.json()["warnings"]) == (200, ["disk"])


def test_not_ready_while_no_worker_is_heard() -> None:
    response = Client().get("/health/ready/")

    assert (response.status_code, response.json()["missing"]) == (503, ["worker"])
    assert response["Cache-Control"] == "no-store"


def test_a_heartbeat_is_forgotten_when_the_worker_falls_silent() -> None:
    tasks.heartbeat()

    assert 0 < valkey.data().ttl(tasks.HEARTBEAT_KEY) <= tasks.HEARTBEAT_EXPIRES


def test_not_ready_before_the_schema_is_there() -> None:
    tasks.heartbeat()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'upscrolled'")

    report = Client().get("/health/ready").json()

    assert report["missing"] == ["migrations"]
    assert re.fullmatch(r"1 not applied, first upscrolled\.\d{4}_\w+", report["parts"]["migrations"])


@pytest.mark.parametrize(
    ("name", "missing"), [("VALKEY_URL", {"valkey", "worker"}), ("CACHE_URL", {"cache"})]
)
def test_not_ready_without_one_of_the_valkeys(unreachable: Any, name: str, missing: set[str]) -> None:
    tasks.heartbeat()
    unreachable(name)

    response = Client().get("/health/ready")

    assert response.status_code == 503
    assert set(response.json()["missing"]) == missing
