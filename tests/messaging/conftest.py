"""The conversations of the tests: alice and bob in one, and a group of alice's with bob and dave."""

from __future__ import annotations

import pytest

from messaging.operations import conversations
from tests.chat import say
from tests.people import NOON


@pytest.fixture
def pair(alice, bob) -> int:
    """Alice's conversation with bob, who follows her: it begins with a message of hers."""
    number = conversations.begin_pair(bob.id, by=alice, now=NOON)
    say(number, alice, "hello bob")
    return number


@pytest.fixture
def group(alice, bob, dave) -> int:
    """A group of alice's, which bob and dave accepted."""
    number = conversations.begin_group([bob.id, dave.id], title="The river walk", by=alice, now=NOON)
    for each in (bob, dave):
        conversations.accept(number, by=each, now=NOON)
    return number
