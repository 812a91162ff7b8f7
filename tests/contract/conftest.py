"""The world of the contract: bob follows alice, who reads; dave is a stranger; erin asks to follow."""

from __future__ import annotations

from typing import Any

import pytest

from feed.operations import interact
from feed.queries import posts
from tests.contract.surface import World
from tests.people import NOON, make_account, publish
from upscrolled.models import Notification
from upscrolled.operations import relationships
from upscrolled.viewer import Viewer


@pytest.fixture
def world(alice: Any, bob: Any, dave: Any) -> World:
    post, own = publish(bob, "hello #river"), publish(alice, "mine")
    interact.like(posts.get_post(Viewer(bob), own), by=bob, now=NOON)
    relationships.follow(alice, by=dave, now=NOON)
    note = Notification.objects.filter(recipient=alice).latest("id").pk
    asked = make_account("erin")
    alice.locked = True
    alice.save(update_fields=["locked"])
    relationships.follow(alice, by=asked, now=NOON)
    return World(
        {
            "account": str(bob.id),
            "post": str(post),
            "own": str(own),
            "asked": str(asked.id),
            "note": str(note),
            "name": "river",
        }
    )
