import hashlib

import numpy as np
import pytest

from feed.ranking import formula
from feed.ranking.formula import Weights
from feed.ranking.pool import Pool, Row, ring_distance

EPOCH = 1_769_500_000_000
DAY = 86_400_000


def test_a_post_of_both_parts_stands_once():
    both, popular, fresh = post(1), post(2, likes=50), post(3)

    pool = Pool.of([popular, both], [fresh, both], epoch_ms=EPOCH)

    assert pool.id.tolist() == sorted(row.id for row in (both, popular, fresh))
    assert dict(zip(pool.id.tolist(), pool.part.tolist(), strict=True)) == {
        popular.id: 1,
        fresh.id: 2,
        both.id: 3,
    }


def test_rows_may_come_in_any_order_and_as_plain_tuples():
    rows = [post(n, likes=n) for n in range(1, 9)]

    one = Pool.of(rows, rows[:3], epoch_ms=EPOCH)
    other = Pool.of([tuple(row) for row in reversed(rows)], iter(rows[:3]), epoch_ms=EPOCH)

    assert one.digest == other.digest


def test_parts_of_two_snapshots_are_refused():
    with pytest.raises(ValueError, match="one snapshot"):
        Pool.of([post(1)], [post(1)._replace(likes=1)], epoch_ms=EPOCH)


def test_a_post_twice_in_one_part_is_refused():
    with pytest.raises(ValueError, match="once in each part"):
        Pool.of([post(1), post(1)], [post(1)], epoch_ms=EPOCH)


def test_a_base_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="finite"):
        Pool.of([post(1)._replace(base=float("nan"))], [], epoch_ms=EPOCH)


def test_a_pool_cannot_be_changed():
    pool = Pool.of([post(1)], [], epoch_ms=EPOCH)

    with pytest.raises(ValueError, match="read-only"):
        pool.likes[0] = 9
    with pytest.raises(AttributeError):
        pool.epoch_ms = 0


def test_the_digest_is_taken_over_the_bytes_and_chains_to_the_previous_one():
    first = Pool.of([post(1)], [], epoch_ms=EPOCH)
    second = Pool.of([post(1)], [], epoch_ms=EPOCH, previous=first.digest)

    assert first.digest == hashlib.sha256(first.to_bytes()).digest()
    assert second.digest != first.digest
    assert second.to_bytes()[:32] == first.digest


def test_a_pool_survives_the_way_through_the_store():
    pool = Pool.of([post(1, likes=3), post(2)], [post(2)], epoch_ms=EPOCH, previous=bytes(range(32)))

    again = Pool.from_bytes(pool.to_bytes(), digest=pool.digest)

    assert again.to_bytes() == pool.to_bytes()
    assert (again.previous, again.epoch_ms, again.version) == (pool.previous, pool.epoch_ms, pool.version)
    for column in ("id", "author_id", "likes", "comments", "shares", "base", "part"):
        assert np.array_equal(getattr(again, column), getattr(pool, column))


def test_a_post_takes_37_bytes_of_the_store():
    assert len(Pool.of([post(1)], [], epoch_ms=EPOCH).to_bytes()) == 44 + 37


def test_damaged_bytes_are_refused():
    pool = Pool.of([post(1), post(2)], [], epoch_ms=EPOCH)
    data = pool.to_bytes()

    with pytest.raises(ValueError, match="digest"):
        Pool.from_bytes(data[:-1] + b"\x02", digest=pool.digest)
    with pytest.raises(ValueError, match="length"):
        Pool.from_bytes(data[:-1])
    with pytest.raises(ValueError, match="length"):
        Pool.from_bytes(b"")
    with pytest.raises(ValueError, match="part"):
        Pool.from_bytes(data[:-1] + b"\x04")


def test_an_empty_pool_is_a_pool():
    pool = Pool.select([], epoch_ms=EPOCH)

    assert len(pool) == 0
    assert pool.popular_ids() == pool.fresh_ids() == []
    assert pool.lowest_base() is None
    assert Pool.from_bytes(pool.to_bytes()).digest == pool.digest
    assert pool.arc() == (pool.ring_start, (pool.ring_start - 1) % 2**64)


def test_the_lowest_base_that_got_in_is_known():
    rows = [post(n, likes=n) for n in range(10)]

    pool = Pool.select(rows, epoch_ms=EPOCH, weights=Weights(pool_size=4, fresh_size=0))

    assert pool.lowest_base() == sorted(row.base for row in rows)[-4]


def test_every_new_post_in_the_published_arc_is_in_the_pool():
    rows = [post(n) for n in range(60)]
    weights = Weights(pool_size=1, fresh_size=10)

    pool = Pool.select(rows, epoch_ms=EPOCH, weights=weights)
    start, end = pool.arc(weights)
    reach = (end - start) % 2**64

    assert start == pool.ring_start
    assert {row.id for row in rows if ring_distance(row.id, start) <= reach} == set(pool.fresh_ids())


def test_another_epoch_shows_another_part_of_the_new_posts():
    rows = [post(n) for n in range(200)]
    weights = Weights(fresh_size=10)

    met = [set(Pool.select(rows, epoch_ms=EPOCH + n, weights=weights).fresh_ids()) for n in range(3)]

    assert len(set.union(*met)) > 20


def test_ten_tickets_and_a_day_are_just_fresh_enough():
    loud, quiet = post(1, likes=10), post(2, likes=9)
    day_old, older = post(3, age=DAY), post(4, age=DAY + 1)

    pool = Pool.select([loud, quiet, day_old, older], epoch_ms=EPOCH)

    assert set(pool.fresh_ids()) == {quiet.id, day_old.id}


def test_a_post_from_the_future_waits():
    assert len(Pool.select([post(1, age=-1)], epoch_ms=EPOCH)) == 0


def post(n: int, *, likes: int = 0, age: int = 1000) -> Row:
    post_id = ((EPOCH - age) << 16) | n
    return Row(post_id, 900 + n, likes, 0, 0, formula.base(formula.tickets(likes, 0, 0), post_id >> 16))
