"""Pins: a few posts of one's own on top of one's profile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feed.models import Pin
from feed.operations.interact import repost
from feed.operations.pins import PINS_MAX, pin
from feed.operations.revise import delete_post
from tests.people import NOON, client_of, publish, seen_by
from upscrolled.operations.relationships import block

pytestmark = pytest.mark.django_db


def pinned(author, viewer=None, **params) -> list[int]:
    answer = client_of(viewer).get(f"/api/v1/accounts/{author.id}/statuses", {"pinned": "true", **params})
    assert answer.status_code == 200, answer.content
    return [int(status["id"]) for status in answer.json()]


def test_one_pins_and_unpins_ones_own_posts(client_of, alice):
    first, last = publish(alice, "one"), publish(alice, "two", after=1)
    client = client_of(alice)

    assert client.post(f"/api/v1/statuses/{last}/pin").json()["pinned"] is True
    assert client.post(f"/api/v1/statuses/{first}/pin").json()["pinned"] is True
    assert client.post(f"/api/v1/statuses/{last}/pin").json()["pinned"] is True
    assert pinned(alice) == [first, last]
    assert client.get(f"/api/v1/statuses/{last}").json()["pinned"] is True
    assert client.post(f"/api/v1/statuses/{last}/unpin").json()["pinned"] is False
    assert client.get(f"/api/v1/statuses/{last}").json()["pinned"] is False
    assert pinned(alice) == [first]


def test_what_cannot_be_pinned(client_of, alice, bob):
    post = publish(alice, "hello")
    share = repost(seen_by(bob, post), by=bob, audience="public", now=NOON)
    client = client_of(bob)

    for number, sentence in (
        (post, "Someone else's post cannot be pinned"),
        (share, "A share cannot be pinned"),
    ):
        answer = client.post(f"/api/v1/statuses/{number}/pin")
        assert (answer.status_code, answer.json()["error"]) == (422, f"Validation failed: {sentence}")
    assert (
        client_of(bob).post(f"/api/v1/statuses/{publish(alice, 'x', audience='followers')}/pin").status_code
        == 422
    )
    assert "pinned" not in client.get(f"/api/v1/statuses/{post}").json()


def test_a_few_may_be_pinned_and_the_site_says_how_many(client_of, alice):
    posts = [publish(alice, str(number), after=number) for number in range(PINS_MAX + 1)]
    client = client_of(alice)
    for post in posts[:-1]:
        assert client.post(f"/api/v1/statuses/{post}/pin").status_code == 200

    refused = client.post(f"/api/v1/statuses/{posts[-1]}/pin")
    assert refused.status_code == 422
    assert f"At most {PINS_MAX} posts can be pinned; you have {PINS_MAX}" in refused.json()["error"]
    told = client.get("/api/v2/instance").json()["configuration"]["accounts"]["max_pinned_statuses"]
    assert told == PINS_MAX

    delete_post(posts[0], by=alice, now=NOON)
    assert client.post(f"/api/v1/statuses/{posts[-1]}/pin").status_code == 200
    assert pinned(alice) == posts[:0:-1]


def test_pins_are_shown_to_whom_the_posts_are_shown(alice, bob, dave):
    public, private = publish(alice, "all"), publish(alice, "followers", audience="followers", after=1)
    for seconds, post in enumerate((public, private)):
        pin(seen_by(alice, post), by=alice, now=NOON + timedelta(seconds=seconds))

    assert pinned(alice, bob) == [private, public]
    assert pinned(alice, bob, limit=1) == [private]
    assert pinned(alice, dave) == pinned(alice) == [public]
    block(dave, by=alice, now=NOON)
    assert pinned(alice, dave) == []
    assert client_of().get("/api/v1/accounts/12345/statuses?pinned=true").status_code == 404


def test_a_deleted_post_is_no_longer_pinned(alice):
    post = publish(alice, "hello")
    pin(seen_by(alice, post), by=alice, now=NOON)

    delete_post(post, by=alice, now=NOON)

    assert pinned(alice) == []
    assert not Pin.objects.exists()


def test_statements_do_not_grow(client_of, alice, bob):
    counts = []
    for number in range(2):
        pin(seen_by(alice, publish(alice, "x", after=number)), by=alice, now=NOON)
        client = client_of(bob)
        client.get(f"/api/v1/accounts/{alice.id}/statuses?pinned=true")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/api/v1/accounts/{alice.id}/statuses?pinned=true")
        counts.append(len(captured))

    assert counts == [4, 4]
