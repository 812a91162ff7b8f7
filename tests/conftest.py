"""Fixtures: servers of the run, and the people every test speaks of.

alice writes; bob follows alice; carol is blocked by alice; dave is a stranger.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ["DJANGO_SETTINGS_MODULE"] = "upscrolled.settings"
os.environ["CELERY_TASK_ALWAYS_EAGER"] = ""

import django
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from tests.servers import start_for_tests

start_for_tests()  # before Django reads its settings
django.setup()
PBKDF2PasswordHasher.iterations = 1_000  # a password's cost, a quarter of a second, proves nothing here
# The workers of a parallel run inherit the environment: with this in it they would read the settings too early.
del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.fixture(autouse=True)
def _fresh_valkey() -> None:
    """Every test begins with empty Valkeys, and holds no pool of another test's posts."""
    from feed.queries import filters
    from feed.timelines import avoided, pools
    from messaging import sealing
    from upscrolled import switches
    from upscrolled.core import valkey

    valkey.data().flushdb()
    valkey.cache().flushdb()
    pools.forget()
    avoided.forget()
    filters.forget()
    sealing.forget()
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
