"""Pools told one after the other: whole, or as what changed."""

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed.ranking import formula, frames
from feed.ranking.formula import VERSIONS, Weights
from feed.ranking.pool import Pool, Row, ring_distance
from feed.ranking.statement import Statement

EPOCH = 1_769_500_000_000

posts = st.dictionaries(st.integers(0, 40), st.integers(0, 3), max_size=30)


@given(chain=st.lists(posts, min_size=1, max_size=6), whole=st.sets(st.integers(0, 5)))
@settings(deadline=None)
def test_whoever_follows_the_frames_has_every_pool(chain, whole):
    before, data = None, b""
    for number, likes in enumerate(chain):
        pool = pool_of(likes, number, before)
        frame = frames.keyframe(pool) if before is None or number in whole else frames.delta(before, pool)
        assert frames.is_keyframe(frame) is (before is None or number in whole)
        data = frames.unfold(frame, data)
        assert Pool.from_bytes(data, digest=pool.digest).digest == pool.digest
        before = pool


def test_a_delta_of_a_few_changes_is_small():
    likes = {n: n % 7 for n in range(4_000)}
    before = pool_of(likes, 0, None)
    after = pool_of({**likes, 17: 5, 5_000: 1}, 1, before)

    assert len(frames.delta(before, after)) < 300 < len(frames.keyframe(after)) // 20


def test_a_delta_leads_to_the_successor_alone():
    first, other = pool_of({1: 1}, 0, None), pool_of({2: 1}, 0, None)

    with pytest.raises(ValueError, match="successor"):
        frames.delta(first, pool_of({1: 2}, 1, other))


@pytest.mark.parametrize("damage", [b"", b"no zlib", zlib.compress(b""), zlib.compress(b"X" + bytes(48))])
def test_what_is_no_frame_is_refused(damage):
    with pytest.raises(ValueError, match="no frame"):
        frames.unfold(damage)


def test_a_cut_off_frame_and_a_delta_without_its_pool_are_refused():
    first = pool_of({1: 1, 2: 2}, 0, None)
    second = frames.delta(first, pool_of({3: 1}, 1, first))

    with pytest.raises(ValueError, match="no frame"):
        frames.unfold(zlib.compress(zlib.decompress(second)[:-1]))
    with pytest.raises(ValueError, match="needs the pool"):
        frames.unfold(second)


def test_a_full_pool_promises_its_cut_and_its_arc(monkeypatch):
    monkeypatch.setitem(VERSIONS, 9, small := Weights(version=9, pool_size=3, fresh_size=2))
    rows = [row(n, likes=n) for n in range(6)]
    pool = Pool.select(rows, epoch_ms=EPOCH, weights=small)

    said = Statement.of("all", pool)

    assert said.cut == sorted(row.base for row in rows)[-3]
    within = [row.id for row in rows if ring_distance(row.id, said.arc_start) <= reach(said)]
    assert sorted(within) == sorted(pool.fresh_ids())
    assert f"cut {said.cut.hex()}\n" in said.text()
    assert said.text().endswith(f"arc {said.arc_start} {said.arc_end}\n")


def test_a_pool_with_room_promises_that_everything_is_in():
    said = Statement.of("all", pool_of({1: 0, 2: 5}, 0, None))

    assert said.cut is None
    assert reach(said) == 2**64 - 1
    assert "cut none\n" in said.text()


def reach(said: Statement) -> int:
    return (said.arc_end - said.arc_start) % 2**64


def row(n: int, *, likes: int) -> Row:
    post_id = ((EPOCH - 1_000 * n) << 16) | n
    return Row(post_id, n % 5, likes, 0, 0, formula.base(formula.tickets(likes, 0, 0), post_id >> 16))


def pool_of(likes: dict[int, int], number: int, before: Pool | None) -> Pool:
    rows = [row(n, likes=count) for n, count in likes.items()]
    previous = bytes(32) if before is None else before.digest
    return Pool.of(rows, rows[::2], epoch_ms=EPOCH + 2_000 * number, previous=previous)
