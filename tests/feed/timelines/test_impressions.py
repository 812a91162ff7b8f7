"""Impressions: a sample in Valkey, added to the rows once, and never a page's trouble."""

from __future__ import annotations

import pytest
import redis

from feed import tasks
from feed.models import Impressions, Post
from feed.operations.interact import repost
from feed.timelines import impressions
from tests.people import NOON, publish, seen_by
from upscrolled.core import valkey
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _every_page(monkeypatch):
    monkeypatch.setattr(impressions, "random", lambda: 0.0)


def test_what_was_noted_is_added_once(alice, dave):
    post = seen_by(dave, publish(alice))
    for _ in range(3):
        impressions.note(Surface.HOME, Viewer(dave), [post])

    assert impressions.add_up() == 1
    assert impressions.add_up() == 0
    impressions.note(Surface.HOME, Viewer(dave), [post])
    impressions.add_up()

    assert impressions.of(post.id) == {"home": 4 * impressions.ONE_IN}


def test_a_shared_post_counts_for_who_wrote_it(alice, bob, dave):
    post = publish(alice)
    share = repost(seen_by(bob, post), by=bob, audience="public", now=NOON)

    impressions.note(Surface.HOME, Viewer(dave), [seen_by(dave, share)])
    impressions.add_up()

    assert impressions.of(post) == {"home": impressions.ONE_IN}
    assert impressions.of(share) == {}


def test_one_page_in_sixteen_is_noted(alice, dave, monkeypatch):
    drawn = iter([0.99, 1 / 16, 0.062, 0.5])
    monkeypatch.setattr(impressions, "random", lambda: next(drawn))
    post = seen_by(dave, publish(alice))
    for _ in range(4):
        impressions.note(Surface.TAG, Viewer(dave), [post])
    impressions.add_up()

    assert impressions.of(post.id) == {"tag": impressions.ONE_IN}


def test_what_a_dead_run_took_is_dropped_and_not_counted_twice(alice, dave):
    post = seen_by(dave, publish(alice))
    valkey.data().hset(impressions._TAKEN, f"{post.id}:home", 5)
    impressions.note(Surface.HOME, Viewer(dave), [post])

    impressions.add_up()

    assert impressions.of(post.id) == {"home": impressions.ONE_IN}


def test_a_post_that_was_purged_meanwhile_is_left_out(alice, dave):
    post = seen_by(dave, publish(alice))
    impressions.note(Surface.HOME, Viewer(dave), [post])
    Post.objects.filter(pk=post.id).delete()

    impressions.add_up()

    assert not Impressions.objects.exists()


def test_the_rows_go_with_their_post(alice, dave):
    post = seen_by(dave, publish(alice))
    impressions.note(Surface.HOME, Viewer(dave), [post])
    impressions.add_up()

    Post.objects.filter(pk=post.id).delete()

    assert not Impressions.objects.exists()


def test_without_valkey_pages_are_answered_and_nothing_is_counted(alice, dave, settings):
    post = seen_by(dave, publish(alice))
    settings.VALKEY_URL = "redis://127.0.0.1:1/0"
    valkey.forget_connections()
    try:
        impressions.note(Surface.HOME, Viewer(dave), [post])
        tasks.add_up_impressions()
        with pytest.raises(redis.RedisError):
            impressions.add_up()
    finally:
        settings.VALKEY_URL = settings.VALKEY_URL
        valkey.forget_connections()
    assert impressions.of(post.id) == {}
