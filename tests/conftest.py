"""Fixtures: servers of the run, and the people every test speaks of.

alice writes; bob follows alice; carol is blocked by alice; dave is a stranger.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ["DJANGO_SETTINGS_MODULE"] = "upscrolled.settings"
os.environ["CELERY_TASK_ALWAYS_EAGER"] = ""

import django
import hypothesis
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from hypothesis import HealthCheck

from tests.servers import start_for_tests

start_for_tests()  # before Django reads its settings
django.setup()
PBKDF2PasswordHasher.iterations = 1_000  # a password's cost, a quarter of a second, proves nothing here
# Drawn examples are the same in each run, and may take their time: what fails is what was changed, not luck and not a
# busy machine. Who looks for new ones: PYTEST_ARGS=--hypothesis-profile=default.
hypothesis.settings.register_profile(
    "upscrolled", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis.settings.load_profile("upscrolled")
# The workers of a parallel run inherit the environment: with this in it they would read the settings too early.
del os.environ["DJANGO_SETTINGS_MODULE"]

A_DAY, LAST_SECONDS = 86_400, 20.0


def pytest_report_header() -> list[str]:
    from tests import machine

    return machine.lines()


def pytest_runtest_setup() -> None:
    """No test begins in the last seconds of a day: today is the same day in all of it."""
    if (left := A_DAY - time.time() % A_DAY) < LAST_SECONDS:
        time.sleep(left)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The databases of the run. Their first numbers are nobody's: 1 leads nowhere, whatever ran before."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1000) FROM pg_sequences"
        )


@pytest.fixture(autouse=True)
def _fresh_valkey() -> None:
    """Every test begins with empty Valkeys and as a process that has just begun: it knows no other test's rows."""
    from feed.queries import filters, trends
    from feed.timelines import avoided, ledger, pools
    from messaging import sealing
    from upscrolled import clients, keys, places, switches, tasks
    from upscrolled.core import valkey
    from upscrolled.push import vapid
    from upscrolled.queries import rules, site

    valkey.data().flushdb()
    valkey.cache().flushdb()
    for module in (
        avoided,
        clients,
        filters,
        keys,
        ledger,
        places,
        pools,
        rules,
        sealing,
        site,
        tasks,
        trends,
        vapid,
    ):
        module.forget()
    # Statements are counted: this process looks for turned switches when a test says so.
    switches.stand_still({})


@pytest.fixture
def alice(db: None) -> object:
    from tests.people import make_account

    return make_account("alice", display_name="Alice")


@pytest.fixture
def bob(alice: object) -> object:
    """Follows alice."""
    from tests.people import NOON, make_account
    from upscrolled.operations.relationships import follow

    account = make_account("bob", display_name="Bob")
    follow(alice, by=account, now=NOON)
    return account


@pytest.fixture
def carol(alice: object) -> object:
    """Blocked by alice."""
    from tests.people import NOON, make_account
    from upscrolled.operations.relationships import block

    account = make_account("carol", display_name="Carol")
    block(account, by=alice, now=NOON)
    return account


@pytest.fixture
def dave(db: None) -> object:
    """A stranger."""
    from tests.people import make_account

    return make_account("dave", display_name="Dave")


@pytest.fixture
def client_of() -> Callable[..., object]:
    """A client app with somebody signed in."""
    from tests import people

    return people.client_of


@pytest.fixture
def media_root(settings, tmp_path) -> Path:
    """An empty place for media: a directory of this test's own."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def without_cache(settings) -> Iterator[Callable[[], None]]:
    """Call it, and from then on nobody answers at the cache's address."""
    from upscrolled.core import valkey

    there = settings.CACHE_URL

    def take_away() -> None:
        settings.CACHE_URL = "redis://127.0.0.1:9/0"
        valkey.forget_connections()

    yield take_away
    settings.CACHE_URL = there
    valkey.forget_connections()
