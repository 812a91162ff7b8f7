import math
import time
from collections import Counter
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed.ranking import formula
from feed.ranking.draw import REASONS, Order, draw, first_reasons
from feed.ranking.formula import V1, Weights
from feed.ranking.pool import Pool, Row

EPOCH = 1_769_500_000_000
HOUR = 3_600_000


def test_the_same_nonce_draws_the_same_feed_and_another_one_another():
    pool = pool_of([post(n, author=n) for n in range(100)])

    assert ids(draw(pool, "42:0")) == ids(draw(pool, "42:0"))
    assert ids(draw(pool, "42:0")) != ids(draw(pool, "42:1"))


def test_every_post_is_drawn_once():
    rows = [post(n, author=n % 30) for n in range(400)]
    drawn = ids(draw(pool_of(rows), "all"))

    assert sorted(drawn) == sorted(row.id for row in rows)


def test_pages_may_be_asked_for_in_any_order():
    pool = pool_of([post(n, author=n) for n in range(100)])
    order = draw(pool, "x")

    third = order.page(2)

    assert [order.page(0), order.page(1), third] == list(islice(draw(pool, "x"), 3))
    with pytest.raises(ValueError, match="from 0"):
        order.page(-1)


def test_an_empty_pool_draws_an_empty_feed():
    order = draw(pool_of([]), "x")

    assert order.page(0) == order.page(7) == ()
    assert list(order) == []


def test_every_fifth_slot_is_drawn_among_the_new():
    loud = [post(n, author=n, likes=1000) for n in range(40)]
    new = [post(n, author=n) for n in range(100, 140)]
    pool = Pool.of(loud, new, epoch_ms=EPOCH)

    lanes = [item.lane for page in islice(draw(pool, "x"), 2) for item in page]

    assert [slot for slot, lane in enumerate(lanes, 1) if lane == "fresh"] == [5, 10, 15, 20, 25, 30, 35, 40]


def test_a_feed_of_new_posts_alone_is_full_and_says_where_they_came_from():
    pool = Pool.of([], [post(n, author=n) for n in range(25)], epoch_ms=EPOCH)

    pages = list(draw(pool, "x"))

    assert [len(page) for page in pages] == [20, 5]
    assert {item.lane for page in pages for item in page} == {"fresh"}


def test_an_author_holds_two_slots_of_a_page_and_comes_again_on_the_next():
    pool = pool_of(
        [post(n, author=7, likes=10**6) for n in range(5)] + [post(n, author=n) for n in range(10, 60)]
    )

    pages = list(draw(pool, "x"))

    assert max(Counter(item.author_id for item in page).most_common(1)[0][1] for page in pages) == 2
    assert [sum(item.author_id == 7 for item in page) for page in pages] == [2, 2, 1]


def test_one_author_alone_fills_short_pages_until_nothing_is_left():
    pool = pool_of([post(n, author=7) for n in range(5)])

    assert [len(page) for page in draw(pool, "x")] == [2, 2, 1]


def test_after_a_short_page_the_slots_are_counted_on_from_a_full_one():
    pool = Pool.of([post(n, author=n % 3, likes=99) for n in range(9)], [post(90, author=9)], epoch_ms=EPOCH)

    first, second = list(draw(pool, "x"))

    assert [item.lane for item in first] == ["popular"] * 4 + ["fresh"] + ["popular"] * 2
    assert [item.lane for item in second] == ["popular"] * 3


def test_equal_scores_are_ordered_by_the_higher_id_however_many_they_are():
    flat = Weights(temperature=0.0, author_cap=10**6)
    rows = [post(n, author=n)._replace(base=1.0) for n in range(1000)]

    assert ids(draw(Pool.of(rows, [], epoch_ms=EPOCH), "x", weights=flat)) == sorted(
        (row.id for row in rows), reverse=True
    )


def test_what_is_taken_out_is_not_drawn_and_keeps_its_reason():
    rows = [post(n, author=n) for n in range(30)]
    gone = {rows[3].id: "muted", rows[4].id: "seen", 12345: "own", 2**64 - 1: "own"}

    order = draw(pool_of(rows), "x", gone)

    assert order.removed == {rows[3].id: "muted", rows[4].id: "seen"}
    assert sorted(ids(order)) == sorted(row.id for row in rows if row.id not in gone)


def test_an_id_is_taken_out_under_the_first_reason_that_applies():
    assert first_reasons({"seen": [1, 2], "own": [2], "muted": {2, 3}}) == {1: "seen", 2: "own", 3: "muted"}
    assert REASONS[0] == "own"
    assert REASONS[-1] == "seen"


def test_an_item_says_what_a_post_would_carry():
    rows = [post(n, author=n) for n in range(30)]
    order = draw(pool_of(rows), "x", {rows[0].id: "seen"})
    first = order.page(0)[0]

    assert order.item(first.id, "popular") == first
    assert order.item(rows[0].id, "popular") is None, "it was taken out"
    assert order.item(99, "popular") is None, "it was never in"
    assert order.item(first.id, "fresh").u == formula.fresh_score(order.seed, first.id)


def test_a_nonce_of_64_bytes_is_drawn_with_and_one_more_is_refused():
    pool = pool_of([post(1)])

    assert ids(draw(pool, "ق" * 32)) == ids(draw(pool, ""))
    with pytest.raises(ValueError, match="at most 64 bytes of UTF-8, this one 66"):
        draw(pool, "ق" * 33)
    with pytest.raises(ValueError, match="must be UTF-8"):
        draw(pool, "\ud800")


def test_weights_of_another_version_are_refused():
    with pytest.raises(ValueError, match="version"):
        draw(pool_of([]), "x", weights=Weights(version=2))


def test_first_slots_fall_in_proportion_to_tickets():
    likes = [0, 1, 2, 3, 5, 8, 13, 21, 34, 55]
    rows = [post(n, author=n, likes=likes[n]) for n in range(10)]
    pool = Pool.of(rows, [], epoch_ms=EPOCH)
    draws = 10_000

    first = Counter(draw(pool, f"42:{n}").page(0)[0].id for n in range(draws))

    # Posts of one moment: base differs by the logarithm of the tickets alone.
    total = sum(n + 1 for n in likes)
    expected = {row.id: draws * (row.likes + 1) / total for row in rows}
    chi_square = sum((first[post_id] - due) ** 2 / due for post_id, due in expected.items())
    assert chi_square < 21.67, "one true raffle in a hundred lies above, at 9 degrees; these nonces are fixed"


def test_half_a_life_later_a_ticket_is_worth_half():
    young, old = post(1, author=1, age=0), post(2, author=2, age=V1.half_life_ms)
    pool = Pool.of([young, old], [], epoch_ms=EPOCH)
    draws = 4000

    first = sum(draw(pool, f"42:{n}").page(0)[0].id == young.id for n in range(draws))

    due = draws * 2 / 3
    assert abs(first - due) < 3 * math.sqrt(draws * 2 / 9)


@st.composite
def pools(some):
    """Pools of any shape: few or many authors, equal bases, posts in one part or both, and removals."""
    authors = some(st.integers(1, 8))
    sizes = some(st.tuples(st.integers(0, 70), st.integers(0, 40)))
    step = some(st.sampled_from([0, 1, HOUR]))
    count = max(sizes, default=0) + some(st.integers(0, 20))
    rows = [post(n, author=n * 7919 % (authors**2), likes=n * 31 % 12, age=n * step) for n in range(count)]
    shift = some(st.integers(0, count))
    fresh = (rows[shift:] + rows[:shift])[: sizes[1]]
    pool = Pool.of(rows[: sizes[0]], fresh, epoch_ms=EPOCH)
    gone = some(st.sets(st.sampled_from([row.id for row in rows]), max_size=20)) if rows else set()
    return pool, {post_id: "seen" for post_id in gone}


@settings(max_examples=80, deadline=None, database=None)
@given(pools(), st.text(max_size=16), st.sampled_from([V1, Weights(page=7), Weights(author_cap=1)]))
def test_a_draw_is_what_the_plain_reading_of_the_spec_gives(pool_and_gone, nonce, weights):
    pool, gone = pool_and_gone

    order = draw(pool, nonce, gone, weights)

    drawn = [[(item.id, item.lane) for item in page] for page in order]
    assert drawn == plain_draw(pool, order.seed, set(gone), weights)


def test_a_long_feed_is_what_the_plain_reading_gives_where_sorting_goes_on_in_steps():
    rows = [post(n, author=n % 40, likes=n % 100, age=n * 60_000) for n in range(1200)]
    pool = Pool.of(rows, rows[:300], epoch_ms=EPOCH)
    order = draw(pool, "long")

    drawn = [[(item.id, item.lane) for item in page] for page in order]

    assert drawn == plain_draw(pool, order.seed, set(), V1)


def test_three_pages_of_a_full_pool_take_about_a_millisecond():
    rows = [post(n % 65536, author=n % 5000, likes=n % 500, age=n * 8000) for n in range(22_000)]
    pool = Pool.of(rows[:20_000], rows[20_000:], epoch_ms=EPOCH)
    taken = []

    for n in range(12):
        began = time.process_time()
        assert [len(page) for page in islice(draw(pool, f"42:{n}"), 3)] == [20, 20, 20]
        taken.append(time.process_time() - began)

    # 0.9 ms where this was written; the bound is wide because machines are shared, and still far below what
    # one Python step for each of twenty thousand posts would take.
    assert min(taken) < 0.005


def plain_draw(pool: Pool, seed: int, gone: set[int], w: Weights) -> list[list[tuple[int, str]]]:
    """The draw as the spec's sentences say it, with nothing clever: slow, and easy to check by eye."""
    author = dict(zip(pool.id.tolist(), pool.author_id.tolist(), strict=True))
    base = dict(zip(pool.id.tolist(), pool.base.tolist(), strict=True))
    popular = [i for i in pool.popular_ids() if i not in gone]
    fresh = [i for i in pool.fresh_ids() if i not in gone]
    popular.sort(key=lambda i: (formula.popular_score(base[i], seed, i, w), i), reverse=True)
    fresh.sort(key=lambda i: (formula.fresh_score(seed, i), i), reverse=True)
    placed: set[int] = set()
    pages: list[list[tuple[int, str]]] = []
    while True:
        page: list[tuple[int, str]] = []
        held: Counter[int] = Counter()
        for slot in range(w.page * len(pages) + 1, w.page * (len(pages) + 1) + 1):
            lanes = [(popular, "popular"), (fresh, "fresh")]
            if slot % w.fresh_every == 0:
                lanes.reverse()
            fits = (
                (i, name)
                for lane, name in lanes
                for i in lane
                if i not in placed and held[author[i]] < w.author_cap
            )
            found = next(fits, None)
            if found is None:
                break
            page.append(found)
            placed.add(found[0])
            held[author[found[0]]] += 1
        if not page:
            return pages
        pages.append(page)


def ids(order: Order) -> list[int]:
    return [item.id for page in order for item in page]


def pool_of(rows: list[Row]) -> Pool:
    return Pool.of(rows, rows, epoch_ms=EPOCH)


def post(n: int, *, author: int = 1, likes: int = 0, age: int = HOUR) -> Row:
    post_id = ((EPOCH - age) << 16) | n
    return Row(post_id, author, likes, 0, 0, formula.base(formula.tickets(likes, 0, 0), post_id >> 16))
