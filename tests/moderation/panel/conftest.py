"""Who works at the panel in its tests."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.desks import desk_of
from tests.people import make_account
from tests.restricting import moderator
from upscrolled.models import Account


@pytest.fixture
def mia(db: None) -> Account:
    """A moderator."""
    return moderator()


@pytest.fixture
def admin(db: None) -> Account:
    """An administrator."""
    return make_account("ada", role="admin")


@pytest.fixture
def desk(mia: Account) -> Client:
    """mia's browser."""
    return desk_of(mia)
