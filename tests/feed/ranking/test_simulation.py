"""Figures about a day, on days small enough to be counted by hand."""

from dataclasses import replace

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from feed.ranking import formula, shares, simulation
from feed.ranking.formula import V1, Weights
from feed.ranking.pool import ROW, Pool, Row
from feed.ranking.shortlist import Ready

EPOCH = 1_769_500_000_000
HOUR = 3_600_000


def test_a_synthetic_day_is_a_chain_of_pools_that_verify():
    pools = list(simulation.synthetic_day(posts=3_000, authors=300, hours=48, every_hours=12, seed=1))

    assert [pool.epoch_ms for pool in pools] == sorted(pool.epoch_ms for pool in pools)
    assert [later.previous for later in pools[1:]] == [pool.digest for pool in pools[:-1]]
    again = list(simulation.synthetic_day(posts=3_000, authors=300, hours=48, every_hours=12, seed=1))
    assert [pool.digest for pool in again] == [pool.digest for pool in pools]


def test_the_quick_selection_is_the_plain_one():
    rows = np.zeros(200, ROW)
    rows["id"] = [((EPOCH - n * HOUR // 5) << 16) + n for n in range(200)]
    rows["author_id"], rows["likes"] = np.arange(200) % 9, np.arange(200) % 13
    weights = Weights(pool_size=50, fresh_size=20)

    quick = simulation.frozen(rows, epoch_ms=EPOCH, previous=b"\1" * 32, weights=weights)

    plain = [
        Row(int(r["id"]), int(r["author_id"]), int(r["likes"]), 0, 0, 0.0)._replace(
            base=formula.base(1 + int(r["likes"]), int(r["id"]) >> 16)
        )
        for r in rows
    ]
    selected = Pool.select(plain, epoch_ms=EPOCH, previous=b"\1" * 32, weights=weights)
    assert quick.popular_ids() == selected.popular_ids()
    assert quick.fresh_ids() == selected.fresh_ids()


@pytest.mark.parametrize(
    ("counts", "due"), [([], 0), ([0, 0], 0), ([3, 3, 3], 0), ([0, 0, 0, 8], 0.75), ([1, 3], 0.25)]
)
def test_gini(counts, due):
    assert simulation.gini(counts) == pytest.approx(due)


@given(st.lists(st.integers(0, 100), min_size=1))
def test_gini_lies_between_none_and_all(counts):
    assert -1e-9 <= simulation.gini(counts) < 1


def test_a_colder_draw_shows_the_same_winners_each_time():
    pools = list(simulation.synthetic_day(posts=6_000, authors=900, hours=48, every_hours=24, seed=2))
    cold = simulation.changed(V1, temperature=0.1)

    warm = simulation.outcome(pools, V1, readers=2)
    chilled = simulation.outcome([simulation.reweighed(pool, cold) for pool in pools], cold, readers=2)

    assert chilled.variety < warm.variety / 2
    assert chilled.gini_posts > warm.gini_posts
    assert warm.slots == chilled.slots == len(pools) * 2 * 20 * 40
    assert warm.fresh_slots == pytest.approx(0.2, abs=0.01)
    assert 0 < warm.fresh_seen <= 1


def test_other_constants_give_the_same_posts_other_scores():
    [pool] = simulation.synthetic_day(posts=500, authors=90, hours=24, every_hours=24, seed=3)
    long = simulation.changed(V1, half_life_ms=2 * V1.half_life_ms)

    other = simulation.reweighed(pool, long)

    assert other.id.tolist() == pool.id.tolist()
    first = int(pool.id[0])
    counts = int(pool.likes[0]), 0, 0
    assert other.base[0] == pytest.approx(formula.base(formula.tickets(*counts), first >> 16, long))


def test_shares_add_up_and_favour_who_holds_more():
    [pool] = simulation.synthetic_day(posts=2_000, authors=900, hours=24, every_hours=24, seed=4)

    found = shares.of_first_pages(Ready(pool), draws=50)

    for part in (found.tenths, found.ages, found.pool_ages):
        assert sum(part) == pytest.approx(1)
    assert found.tenths[-1] > 5 * found.tenths[0]
    assert found.fresh == pytest.approx(0.2)
    assert found.different <= 50 * 20


def test_an_empty_pool_has_no_shares():
    found = shares.of_first_pages(Ready(Pool.of([], [], epoch_ms=EPOCH)), draws=3)

    assert (found.posts, found.different, found.fresh) == (0, 0, 0.0)
    assert set(found.tenths) == {0.0}


def test_the_command_prints_both_and_draws_them(capsys, tmp_path):
    options = {
        "posts": 800,
        "every": 24,
        "readers": 1,
        "set": ["temperature=0.25"],
        "svg": tmp_path / "plot.svg",
    }

    call_command("discover_simulate", **options)

    told = capsys.readouterr().out
    assert "in force     changed" in told
    assert "Gini over posts" in told
    assert (tmp_path / "plot.svg").read_text().count("<rect") == 14


@pytest.mark.parametrize(
    ("named", "refused"),
    [("speed=3", "no constant 'speed'"), ("page=few", "not 'few'"), ("page=0", "at least 1")],
)
def test_the_command_refuses_constants_that_there_are_not(named, refused):
    with pytest.raises(CommandError, match=refused):
        call_command("discover_simulate", posts=10, set=[named])


@pytest.mark.django_db
def test_the_command_replays_published_pools(capsys):
    with pytest.raises(CommandError, match="no pool with posts"):
        call_command("discover_simulate", real=True)


def test_constants_that_are_tried_out_have_no_number_in_force():
    assert simulation.changed(V1, page=10) == replace(V1, version=0, page=10)
