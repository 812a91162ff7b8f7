import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed.ranking import formula
from feed.ranking.formula import V1, Weights

HOUR = 3_600_000
u64 = st.integers(0, 2**64 - 1)
quickly = settings(max_examples=60, deadline=None, database=None)


def test_a_post_holds_one_ticket_and_more_for_each_answer():
    assert formula.tickets(0, 0, 0) == 1
    assert formula.tickets(5, 4, 3) == 1 + 5 + 2 * 4 + 3 * 3


def test_tickets_lose_half_their_worth_in_six_hours():
    young = formula.base(10, V1.origin_ms + 6 * HOUR)
    old_with_twice_as_many = formula.base(20, V1.origin_ms)

    assert young == pytest.approx(old_with_twice_as_many, abs=1e-12)


def test_changed_weights_change_what_an_answer_is_worth():
    assert formula.tickets(1, 1, 1, Weights(version=2, w_like=7, w_comment=8, w_share=9)) == 25


@pytest.mark.parametrize("name", ["half_life_ms", "fresh_every", "page", "author_cap"])
def test_constants_with_which_nothing_could_be_drawn_are_refused(name):
    with pytest.raises(ValueError, match="at least 1"):
        Weights(**{name: 0})


@quickly
@given(u64, st.lists(u64, min_size=1, max_size=50))
def test_the_form_for_arrays_equals_the_form_for_one(seed, ids):
    array = np.array(ids, np.uint64)
    chance = formula.u_all(seed, array)

    assert formula.mix_all(array).tolist() == [formula.mix(post_id) for post_id in ids]
    assert chance.tolist() == [formula.u(seed, post_id) for post_id in ids]
    assert formula.gumbel_of(chance) == pytest.approx(
        [formula.gumbel(seed, post_id) for post_id in ids], rel=1e-13, abs=1e-13
    )
    assert array.tolist() == ids, "the ids themselves are left alone"


@quickly
@given(st.integers(1, 10**9), st.integers(0, 4 * 10**12))
def test_base_for_arrays_equals_base_for_one_but_for_the_last_bits(n, created_ms):
    [one] = formula.base_all(np.array([float(n)]), np.array([float(created_ms)]))

    assert one == pytest.approx(formula.base(n, created_ms), rel=1e-14, abs=1e-12)


@quickly
@given(u64, u64)
def test_chance_is_always_strictly_between_nothing_and_certainty(seed, post_id):
    assert 0.0 < formula.u(seed, post_id) < 1.0
    assert 0.0 < formula.fresh_score(seed, post_id) < 1.0


def test_the_two_lanes_of_a_draw_use_different_chance():
    assert formula.u(5, 77) != formula.fresh_score(5, 77)
