"""A muted thread: nothing of what happens in it is told any more."""

from __future__ import annotations

import pytest

from tests.people import client_of, publish
from upscrolled.models import Notification

pytestmark = pytest.mark.django_db


def told(account) -> list[str]:
    return [note["type"] for note in client_of(account).get("/api/v1/notifications").json()]


@pytest.fixture
def thread(alice, dave) -> tuple[int, int]:
    """A post of alice's, and an answer by dave that names her."""
    root = publish(alice, "root")
    return root, publish(dave, "@alice first", reply_to=root, after=1)


def test_who_mutes_a_thread_is_told_nothing_more_of_it(client_of, alice, dave, thread):
    root, answer = thread
    assert told(alice) == ["mention"]

    assert client_of(alice).post(f"/api/v1/statuses/{answer}/mute").json()["muted"] is True
    client = client_of(dave)
    client.post("/api/v1/statuses", {"status": "@alice second", "in_reply_to_id": str(answer)})
    client.post(f"/api/v1/statuses/{root}/favourite")
    client.post(f"/api/v1/statuses/{root}/reblog")

    assert told(alice) == []
    # What was told before waits for the unmute.
    assert Notification.objects.filter(recipient=alice).count() == 1


def test_other_threads_and_other_people_are_told_as_before(client_of, alice, dave, thread):
    root, answer = thread
    client_of(alice).post(f"/api/v1/statuses/{root}/mute")

    client_of(dave).post("/api/v1/statuses", {"status": "@alice elsewhere"})
    client_of(alice).post(f"/api/v1/statuses/{answer}/favourite")

    assert told(alice) == ["mention"]
    assert told(dave) == ["favourite"]


def test_an_unmute_from_any_post_of_the_thread_brings_it_back(client_of, alice, dave, thread):
    root, answer = thread
    client = client_of(alice)
    for _ in range(2):
        client.post(f"/api/v1/statuses/{root}/mute")

    assert client.post(f"/api/v1/statuses/{answer}/unmute").json()["muted"] is False
    assert told(alice) == ["mention"]
    client_of(dave).post(f"/api/v1/statuses/{root}/favourite")
    assert told(alice) == ["favourite", "mention"]


def test_every_post_of_the_thread_says_that_it_is_muted_to_who_muted_it(client_of, alice, bob, thread):
    root, answer = thread
    share = client_of(bob).post(f"/api/v1/statuses/{answer}/reblog").json()["id"]
    client_of(alice).post(f"/api/v1/statuses/{root}/mute")

    for post in (root, answer, share):
        assert client_of(alice).get(f"/api/v1/statuses/{post}").json()["muted"] is True, post
        assert client_of(bob).get(f"/api/v1/statuses/{post}").json()["muted"] is False, post
        assert "muted" not in client_of().get(f"/api/v1/statuses/{post}").json()


def test_a_thread_that_one_may_not_see_is_not_found(client_of, alice, dave):
    post = publish(alice, "followers", audience="followers")

    assert client_of(dave).post(f"/api/v1/statuses/{post}/mute").status_code == 404
