"""Pools out of real rows, and how a process holds them."""

from datetime import timedelta

import pytest
import redis

from feed.models import Candidate
from feed.operations.interact import like, repost
from feed.operations.revise import delete_post
from feed.ranking.formula import Weights
from feed.ranking.pool import NO_DIGEST, Pool, Row, ring_distance
from feed.timelines import pools
from feed.timelines.freeze import freeze
from tests import restricting
from tests.people import NOON, make_account, publish, seen_by
from upscrolled.core import valkey

SOON = NOON + timedelta(minutes=1)
EPOCH_MS = int(SOON.timestamp() * 1000)

pytestmark = pytest.mark.django_db


def test_a_frozen_pool_is_the_one_that_the_pure_selection_makes_of_the_same_rows(alice, dave):
    posts = [publish(author, f"post {n}", after=n) for n in range(30) for author in (alice, dave)]
    for post_id in posts[:40:3]:
        like(seen_by(alice, post_id), by=make_account(f"fan{post_id % 99991}"), now=NOON)
    weights = Weights(pool_size=25, fresh_size=12)

    frozen = freeze(now=SOON, previous=b"\7" * 32, weights=weights)

    selected = Pool.select(rows(), epoch_ms=EPOCH_MS, previous=b"\7" * 32, weights=weights)
    assert frozen.popular_ids() == selected.popular_ids()
    assert frozen.fresh_ids() == selected.fresh_ids()
    assert frozen.digest == selected.digest
    assert frozen.lowest_base() == selected.lowest_base()


def test_a_pool_is_full_however_much_of_what_is_first_is_out(alice, dave, django_assert_num_queries):
    """What is read to spare was used up: the freeze looks further and further, in one statement each time."""
    posts = [publish(alice, f"post {n}", after=n - 100) for n in range(40)]
    for number in range(40):
        publish(dave, f"post {number}", after=number)
    dave.discoverable = False
    dave.save()
    weights = Weights(pool_size=20, fresh_size=10)

    with django_assert_num_queries(2):
        frozen = freeze(now=SOON, previous=NO_DIGEST, weights=weights)

    hers = [row for row in rows() if row.id in posts]
    selected = Pool.select(hers, epoch_ms=EPOCH_MS, previous=NO_DIGEST, weights=weights)
    assert frozen.digest == selected.digest
    assert (len(frozen.popular), len(frozen.fresh)) == (20, 10)


@pytest.mark.parametrize("number", range(8))
def test_the_fresh_part_goes_up_the_ring_and_round_it_without_a_gap(alice, number):
    posts = [publish(alice, f"post {n}", after=n - 86_000) for n in range(40)]
    posts += [publish(alice, f"post {n}", after=n) for n in range(40)]
    weights = Weights(pool_size=1, fresh_size=25)

    frozen = freeze(now=SOON, previous=bytes([number]) * 32, weights=weights)

    start, end = frozen.arc(weights)
    reach = (end - start) % 2**64
    in_arc = {post_id for post_id in posts if ring_distance(post_id, start) <= reach}
    assert set(frozen.fresh_ids()) == in_arc
    assert len(in_arc) == 25


def test_a_post_older_than_a_day_and_a_loud_one_are_not_fresh(alice):
    old = publish(alice, "yesterday", after=-86_400 + 59)
    just = publish(alice, "a day ago to the second", after=-86_400 + 60)
    loud = publish(alice, "loud")
    for n in range(10):
        like(seen_by(alice, loud), by=make_account(f"fan{n}"), now=NOON)

    pool = freeze(now=SOON, previous=NO_DIGEST)

    assert set(pool.fresh_ids()) == {just}
    assert set(pool.popular_ids()) == {old, just, loud}


def test_a_post_from_the_future_waits(alice):
    publish(alice, "tomorrow", after=86_400)

    assert len(freeze(now=SOON, previous=NO_DIGEST)) == 0


@pytest.mark.parametrize("kind", ["removed", "hidden_from_discover", "hold"])
def test_a_restricted_post_is_out(alice, kind):
    restricted, other = publish(alice, "restricted"), publish(alice, "other")
    restrict("post", restricted, kind)

    assert ids_of(freeze(now=SOON, previous=NO_DIGEST)) == {other}


@pytest.mark.parametrize("kind", ["account_suspended", "hidden_from_discover", "hold"])
def test_the_posts_of_a_restricted_author_are_out(alice, dave, kind):
    publish(alice)
    other = publish(dave)
    restrict("account", alice.id, kind)

    assert ids_of(freeze(now=SOON, previous=NO_DIGEST)) == {other}


@pytest.mark.parametrize("kind", ["sensitive", "age_limited", "replies_off"])
def test_other_restrictions_leave_a_post_in(alice, kind):
    post = publish(alice)
    restrict("post", post, kind)

    assert ids_of(freeze(now=SOON, previous=NO_DIGEST)) == {post}


def test_a_restriction_for_one_country_or_another_time_leaves_a_post_in(alice):
    here, before, later = publish(alice, "a"), publish(alice, "b"), publish(alice, "c")
    restrict("post", here, "removed", countries=["FR"])
    restrict("post", before, "removed", starts_at=NOON - timedelta(days=2), ends_at=NOON)
    restrict("post", later, "removed", starts_at=NOON + timedelta(days=2))

    assert ids_of(freeze(now=SOON, previous=NO_DIGEST)) == {here, before, later}


def test_deleted_answers_shares_and_followers_only_are_out(alice, dave):
    post, deleted = publish(alice, "here"), publish(alice, "deleted")
    publish(dave, "an answer", reply_to=post)
    publish(alice, "for followers", audience="followers")
    publish(alice, "unlisted", audience="unlisted")
    repost(seen_by(dave, post), by=dave, audience="public", now=NOON)
    delete_post(deleted, by=alice, now=NOON)

    assert ids_of(freeze(now=SOON, previous=NO_DIGEST)) == {post}


def test_who_opted_out_and_who_closed_the_account_is_out(alice, dave):
    publish(alice)
    publish(dave)
    alice.discoverable = False
    alice.save()
    dave.is_active = False
    dave.save()

    assert len(freeze(now=SOON, previous=NO_DIGEST)) == 0


def test_a_like_changes_the_next_pool(alice, dave):
    first, second = publish(alice, "first"), publish(alice, "second", after=1)
    before = pools.advance(now=SOON)
    like(seen_by(dave, first), by=dave, now=NOON)
    after = pools.advance(now=SOON + timedelta(seconds=2))

    assert before is not None
    assert after is not None
    assert before.popular_ids() == [second, first]
    assert after.popular_ids() == [first, second]
    assert after.previous == before.digest


def test_a_second_freeze_at_once_changes_nothing(alice):
    publish(alice)

    assert pools.advance(now=SOON) is not None
    assert pools.advance(now=SOON + timedelta(milliseconds=900)) is None


def test_an_epoch_is_later_than_the_one_before_even_if_the_clock_is_not(alice):
    previous = freeze(now=SOON, previous=NO_DIGEST)

    later = freeze(now=NOON, previous=previous.digest, after_ms=previous.epoch_ms)

    assert later.epoch_ms == previous.epoch_ms + 1


def test_a_process_takes_the_next_pool_within_half_a_second(alice):
    publish(alice)
    first = pools.advance(now=SOON)
    assert pools.current(now=SOON).pool.digest == first.digest
    second = pools.advance(now=SOON + timedelta(seconds=2))

    assert pools.current(now=SOON + timedelta(milliseconds=400)).pool.digest == first.digest
    assert pools.current(now=SOON + timedelta(milliseconds=500)).pool.digest == second.digest


def test_a_flushed_store_gets_the_pool_back_and_the_next_one_is_chained_to_it(alice):
    publish(alice)
    first = pools.advance(now=SOON)
    pools.current(now=SOON)
    valkey.data().flushdb()

    assert pools.current(now=SOON + timedelta(seconds=2)).pool.digest == first.digest

    assert valkey.data().get("discover:pool:{all}:current") is not None
    assert pools.advance(now=SOON + timedelta(seconds=2)).previous == first.digest


def test_without_valkey_the_last_pool_serves_on(alice, valkey_down):
    publish(alice)
    first = pools.advance(now=SOON)
    pools.current(now=SOON)

    valkey_down()

    assert pools.current(now=SOON + timedelta(hours=1)).pool.digest == first.digest


def test_without_valkey_a_new_process_freezes_a_pool_for_itself(alice, valkey_down):
    post = publish(alice)
    valkey_down()

    held = pools.current(now=SOON)

    assert ids_of(held.pool) == {post}
    assert pools.current(now=SOON + timedelta(minutes=1)) is held


def test_a_damaged_pool_is_not_taken(alice):
    publish(alice)
    first = pools.advance(now=SOON)
    pools.current(now=SOON)
    valkey.data().set("discover:pool:{all}:current", b"%d %s" % (EPOCH_MS + 9, b"ab" * 32))
    valkey.data().set("discover:pool:{all}:bytes", b"no pool")

    assert pools.current(now=SOON + timedelta(seconds=1)).pool.digest == first.digest


def test_freezing_is_one_statement(alice, django_assert_num_queries):
    publish(alice)

    with django_assert_num_queries(1):
        freeze(now=SOON, previous=NO_DIGEST)


@pytest.fixture
def valkey_down(settings):
    """Call it, and nothing answers at Valkey's addresses any more."""

    def down() -> None:
        settings.VALKEY_URL = settings.CACHE_URL = "redis://127.0.0.1:1/0"
        valkey.forget_connections()
        with pytest.raises(redis.RedisError):
            valkey.data().ping()

    yield down
    valkey.forget_connections()


def rows() -> list[Row]:
    columns = "post_id", "author_id", "likes", "comments", "shares", "base"
    return [Row(*row) for row in Candidate.objects.values_list(*columns)]


def ids_of(pool: Pool) -> set[int]:
    return set(pool.id.tolist())


def restrict(subject: str, subject_id: int, kind: str, **fields) -> None:
    starts_at = fields.pop("starts_at", NOON - timedelta(hours=1))
    fields.setdefault("ends_at", starts_at + timedelta(hours=48) if kind == "hold" else None)
    restricting.restrict(subject, subject_id, kind, starts_at=starts_at, **fields)
