"""Home: strictly chronological, right at once after every change, with and without the list in Valkey."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feed import tasks
from feed.models import Delivery
from feed.operations.interact import repost, unrepost
from feed.operations.revise import delete_post
from feed.queries import timelines
from feed.timelines import home as home_timeline
from feed.timelines import store
from tests.people import NOON, make_account, publish, seen_by
from upscrolled.core import valkey
from upscrolled.core.paging import Page
from upscrolled.models import Account, AccountCounters
from upscrolled.operations.relationships import block, follow, mute, unfollow, unmute
from upscrolled.viewer import Viewer

pytestmark = pytest.mark.django_db


def viewer_of(account: Account) -> Viewer:
    """A fresh look, as each request has one."""
    return Viewer(account, AccountCounters.objects.get(pk=account.pk).graph_version)


def home(account: Account, **page: int) -> list[int]:
    return [post.id for post in timelines.home(viewer_of(account), Page(**{"limit": 20, **page})).posts]


def list_of(account: Account) -> tuple[list[int], bool] | None:
    viewer = viewer_of(account)
    return store.read(store.key(viewer.id, viewer.graph_version))


def share(post: int, by: Account, after: float = 0) -> int:
    return repost(seen_by(by, post), by=by, audience="public", now=NOON + timedelta(seconds=after))


def test_home_holds_the_people_you_follow_and_you_newest_first(alice, bob, dave):
    first, mine = publish(alice, "one"), publish(bob, "mine", after=1)
    publish(dave, "of a stranger", after=2)
    last = publish(alice, "two", after=3)

    assert home(bob) == [last, mine, first]


def test_home_holds_posts_from_before_the_follow(alice, dave):
    before = publish(alice, "before")
    assert home(dave) == []

    follow(alice, by=dave, now=NOON)

    assert home(dave) == [before]


def test_a_post_is_pushed_to_the_lists_that_stand(alice, bob):
    publish(alice, "one")
    home(bob)
    pushed = publish(alice, "two", after=1)

    tasks.deliver_owed()

    held = list_of(bob)
    assert held is not None
    assert held[0][0] == pushed
    assert home(bob)[0] == pushed
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_who_posts_or_shares_and_then_reads_home_sees_it_before_any_delivery(alice, bob):
    post = publish(bob, "one")
    assert home(alice) == []
    own = publish(alice, "two", after=1)
    shared = share(post, alice, after=2)

    assert home(alice) == [shared, own]

    tasks.deliver_owed()
    name = store.key(alice.id, viewer_of(alice).graph_version)
    assert valkey.cache().lrange(name, 0, -1) == [b"%d" % shared, b"%d" % own, store.END]


def test_nothing_is_made_for_people_who_do_not_read(alice, bob):
    publish(alice, "one")
    tasks.deliver_owed()

    assert valkey.cache().dbsize() == 0


@pytest.mark.parametrize("valkey_is_there", [True, False])
def test_home_is_right_at_once_after_follow_unfollow_block_mute_and_delete(
    alice, bob, dave, valkey_is_there, without_cache
):
    if not valkey_is_there:
        without_cache()
    post, of_dave = publish(alice, "hello"), publish(dave, "hi", after=1)
    assert home(bob) == [post]

    follow(dave, by=bob, now=NOON)
    assert home(bob) == [of_dave, post]
    unfollow(dave, by=bob)
    assert home(bob) == [post]
    mute(alice, by=bob, now=NOON)
    assert home(bob) == []
    unmute(alice, by=bob)
    assert home(bob) == [post]
    second = publish(alice, "second", after=2)
    if valkey_is_there:
        tasks.deliver_owed()
    delete_post(post, by=alice, now=NOON)
    assert home(bob) == [second]
    block(bob, by=alice, now=NOON)
    assert home(bob) == []


def test_replies_are_shown_among_people_you_follow_and_to_you(alice, bob, dave):
    of_dave, of_bob, of_alice = publish(dave, "d"), publish(bob, "b", after=1), publish(alice, "a", after=2)
    to_dave = publish(alice, "to dave", reply_to=of_dave, after=3)
    to_bob = publish(alice, "to bob", reply_to=of_bob, after=4)
    to_herself = publish(alice, "more", reply_to=of_alice, after=5)

    assert home(bob) == [to_herself, to_bob, of_alice, of_bob]
    follow(dave, by=bob, now=NOON)
    assert home(bob) == [to_herself, to_bob, to_dave, of_alice, of_bob, of_dave]


def test_shares_are_shown_and_can_be_switched_off_for_one_person(alice, bob, dave):
    shared = share(publish(dave, "worth it"), alice, after=1)
    assert home(bob) == [shared]

    follow(alice, by=bob, reposts=False, now=NOON)
    assert home(bob) == []

    follow(alice, by=bob, reposts=True, now=NOON)
    assert home(bob) == [shared]
    unrepost(seen_by(alice, shared).original, by=alice, now=NOON)
    assert home(bob) == []


def test_all_pages_without_gap_or_duplicate_while_posts_arrive(alice, bob):
    before = [publish(alice, f"post {n}", after=n) for n in range(70)]
    seen: list[int] = []
    page = home(bob)
    n = 1000
    while page:
        seen += page
        publish(alice, "meanwhile", after=n)
        tasks.deliver_owed()
        n += 1
        page = home(bob, max_id=seen[-1], limit=7)

    assert seen == before[::-1]


def test_pages_upward_from_where_one_stopped_reading(alice, bob):
    posts = [publish(alice, f"post {n}", after=n) for n in range(30)]

    assert home(bob, min_id=posts[4], limit=5) == posts[5:10][::-1]
    assert home(bob, since_id=posts[4], limit=5) == posts[25:][::-1]
    assert home(bob, min_id=posts[-1]) == []
    assert home(bob, max_id=posts[0]) == []


def test_a_list_reaches_back_at_least_400_and_postgresql_holds_the_rest(alice, bob):
    posts = [publish(alice, f"post {n}", after=n) for n in range(440)]
    home(bob)

    held = list_of(bob)
    assert held is not None
    assert len(held[0]) == store.KEPT
    assert home(bob, max_id=posts[15], limit=40) == posts[:15][::-1]
    assert home(bob, max_id=posts[45], limit=40) == posts[5:45][::-1]


def test_a_list_is_trimmed_as_posts_arrive(alice, bob):
    publish(alice, "one")
    home(bob)
    viewer = viewer_of(bob)
    store.push((viewer.id, viewer.graph_version, n + 1) for n in range(store.KEPT + store.SLACK + 5))

    assert valkey.cache().llen(store.key(viewer.id, viewer.graph_version)) <= store.KEPT + store.SLACK


def test_what_is_pushed_while_a_list_is_being_built_is_kept(alice, bob):
    """The post commits after the builder's SELECT and is pushed before the list is filled."""
    old = publish(alice, "old")
    viewer = viewer_of(bob)
    name = store.key(viewer.id, viewer.graph_version)
    marker = store.claim(name)
    selected = home_timeline._from_rows(viewer, Page(limit=store.KEPT)).ids
    new = publish(alice, "new", after=1)
    tasks.deliver_owed()
    assert home(bob) == [new, old]  # meanwhile readers ask PostgreSQL

    store.fill(name, marker, selected, complete=True)

    assert list_of(bob) == ([new, old], True)


def test_a_builder_that_came_too_late_writes_nothing(alice, bob):
    viewer = viewer_of(bob)
    name = store.key(viewer.id, viewer.graph_version)
    late = store.claim(name)
    valkey.cache().delete(name)
    home(bob)

    store.fill(name, late, [12345], complete=True)

    assert list_of(bob) == ([], True)


def test_deliveries_out_of_order_and_twice_are_read_in_order_and_once(alice, bob):
    publish(alice, "first")
    home(bob)
    one, two = publish(alice, "one", after=1), publish(alice, "two", after=2)
    viewer = viewer_of(bob)
    for post in (two, one, two, one):
        store.push([(viewer.id, viewer.graph_version, post)])

    assert home(bob)[:2] == [two, one]


def test_hidden_posts_leave_no_short_pages(alice, bob):
    erin = make_account("erin")
    follow(erin, by=bob, now=NOON)
    kept = [publish(alice, f"a {n}", after=n) for n in range(10)]
    for n in range(30):
        publish(erin, f"e {n}", after=100 + n)
    mute(erin, by=bob, now=NOON)

    assert home(bob, limit=10) == kept[::-1]


def test_a_page_costs_the_same_statements_whatever_its_size(alice, bob, django_assert_num_queries):
    for n in range(45):
        publish(alice, f"post {n}", after=n)
    viewer = viewer_of(bob)
    timelines.home(viewer, Page(limit=1))
    for limit in (1, 20, 40):
        viewer = viewer_of(bob)
        with django_assert_num_queries(2):
            assert len(timelines.home(viewer, Page(limit=limit)).posts) == limit


def test_the_broker_may_lose_everything(alice, bob):
    """The delivery is a row: whoever sweeps finds it."""
    home(bob)
    post = publish(alice, "hello")
    valkey.data().flushdb()
    assert Delivery.objects.filter(post_id=post).exists()

    tasks.deliver_owed()

    assert list_of(bob) == ([post], True)


def test_somebody_who_asked_for_it_is_told_of_each_post(alice, bob):
    from upscrolled.models import Notification

    follow(alice, by=bob, notify=True, now=NOON)
    post = publish(alice, "hello")
    publish(alice, "and more", reply_to=post)
    tasks.deliver_owed()

    assert list(
        Notification.objects.filter(recipient=bob, kind="post").values_list("subject_id", flat=True)
    ) == [post]


def test_a_worker_stays_for_what_comes_next_and_a_post_meanwhile_needs_no_task(alice, bob, monkeypatch):
    monkeypatch.setattr(tasks, "LINGER", 0.3)
    home(bob)
    publish(alice, "one")

    tasks.fan_out()

    held = list_of(bob)
    assert held is not None
    assert len(held[0]) == 1
    assert not valkey.data().exists("fan_out:awake")


def test_what_was_not_pushed_is_still_owed(alice, bob, without_cache):
    import redis

    home(bob)
    post = publish(alice, "hello")
    without_cache()

    with pytest.raises(redis.RedisError):
        tasks.deliver_owed()
    tasks.sweep_deliveries()  # says so, and leaves it to the next sweep

    assert Delivery.objects.filter(post_id=post).exists()
