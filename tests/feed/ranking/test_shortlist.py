"""The shortlist that serves a draw gives the pages of `draw.Order`, which is the published form."""

import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from feed.ranking import formula, shortlist
from feed.ranking.draw import draw
from feed.ranking.formula import Weights
from feed.ranking.pool import Pool, Row
from feed.ranking.shortlist import RanOut, Ready

VECTORS = json.loads(Path(__file__).with_name("discover_vectors.json").read_text())
EPOCH = 1_769_500_000_000
HOUR = 3_600_000

each_case = pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])


@each_case
def test_the_published_pages_and_numbers(case):
    weights = Weights(pool_size=case["pool_size"], fresh_size=case["fresh_size"])
    rows = []
    for post in case["posts"]:
        counts = post["likes"], post["comments"], post["shares"]
        base = formula.base(formula.tickets(*counts), post["created_ms"])
        rows.append(Row(int(post["id"]), post["author_id"], *counts, base))
    previous = bytes.fromhex(case["previous_digest"])
    pool = Pool.select(rows, epoch_ms=case["epoch_ms"], previous=previous, weights=weights)
    removed = {int(post_id): "seen" for post_id in case["removed"]}

    drawn = Ready(pool, weights).draw(case["nonce"], removed)

    pages = [drawn.items(page) for page in drawn.pages()][: len(case["pages"])]
    assert [[(str(i.id), i.lane, i.base.hex(), i.u.hex()) for i in page] for page in pages] == [
        [(item["id"], item["lane"], item["base"], item["u"]) for item in page] for page in case["pages"]
    ]
    due = [item["score"] for page in case["pages"] for item in page]
    assert [i.score for page in pages for i in page] == pytest.approx(due, rel=0, abs=1e-9)


@pytest.mark.parametrize("number", range(24))
def test_a_large_pool_gives_the_pages_of_the_order(number):
    pool = random_pool(number)
    rng = np.random.default_rng(number)
    removed = {int(i): "seen" for i in rng.choice(pool.id, 40 * (number % 3))}
    order = draw(pool, f"nonce {number}", removed)

    pages = until_it_ends(Ready(pool).draw(f"nonce {number}", removed))

    assert len(pages) >= 4
    for page, drawn in enumerate(pages):
        assert tuple(drawn) == order.page(page)


@pytest.mark.parametrize("number", range(6))
def test_the_whole_draw_reaches_the_end_of_the_feed(number):
    pool = random_pool(number, posts=700, authors=40)

    pages = until_it_ends(Ready(pool).draw("to the end", whole=True))

    assert [tuple(page) for page in pages] == list(draw(pool, "to the end"))


def test_one_author_of_nearly_everything_ends_the_shortlist_and_not_the_feed():
    ids = np.arange(1, 4001)
    rows = [(EPOCH - int(n) << 16, 7 if n > 20 else int(n), 50 if n > 20 else 0) for n in ids]
    pool = pool_of([Row(i, a, likes, 0, 0, base(i, likes)) for i, a, likes in rows])
    ready = Ready(pool)

    with pytest.raises(RanOut):
        ready.draw("n").page(0)
    assert [i.id for i in draw(pool, "n").page(0)] == [p.id for p in ready.draw("n", whole=True).page(0)]


def test_what_turns_out_to_be_gone_is_as_if_it_had_been_taken_out_before():
    pool = random_pool(3)
    drawn = Ready(pool).draw("n")
    gone = {place.id: "unavailable" for place in drawn.page(2)[3:9]}

    for number in range(5):
        due = draw(pool, "n", gone).page(number)
        assert [p.id for p in drawn.page(number, gone)] == [i.id for i in due]
    assert drawn.page(1, gone) == drawn.page(1)


def test_what_was_kept_gives_the_same_pages_as_far_as_it_goes():
    drawn = Ready(random_pool(4)).draw("n")
    heads = [
        shortlist.Head.restored(
            head.name, head.entries, is_complete=head.is_complete, seed=drawn.seed, weights=drawn.weights
        )
        for head in (drawn.popular.cut(120), drawn.fresh.cut(40))
    ]

    pages = until_it_ends(shortlist.Shortlist(drawn.seed, *heads))

    assert 4 <= len(pages) < len(until_it_ends(drawn))
    assert pages == list(islice(until_it_ends(drawn), len(pages)))


def test_posts_by_their_authors():
    pool = random_pool(5)
    ready = Ready(pool)
    authors = [1, 3, 10**9]

    due = {int(i) for i, author in zip(pool.id, pool.author_id, strict=True) if int(author) in authors}
    assert set(ready.posts_by(authors)) == due
    assert ready.posts_by([]) == []
    assert ready.among({12345: "seen", int(pool.id[0]): "own"}) == {int(pool.id[0]): "own"}


@pytest.mark.parametrize("spread", [0.0, 1.0, 300.0])
def test_about_as_many_posts_as_wanted_stand_above_the_floor(spread):
    weight = np.random.default_rng(1).normal(0, spread, 5000)

    floor = shortlist._floor(weight, 300)

    assert 290 <= -np.expm1(-np.exp(np.minimum(weight - floor, 30))).sum() <= 330


def test_an_empty_pool_has_no_page():
    assert Ready(Pool.select([], epoch_ms=EPOCH)).draw("n").page(0) == []


def test_weights_of_another_version_are_refused():
    with pytest.raises(ValueError, match="version"):
        Ready(Pool.select([], epoch_ms=EPOCH), Weights(version=2))


def random_pool(seed: int, *, posts: int = 5000, authors: int = 800) -> Pool:
    rng = np.random.default_rng(seed)
    rows = []
    for n, (age, likes, author) in enumerate(
        zip(
            rng.random(posts) * 48 * HOUR,
            rng.pareto(1.1, posts),
            rng.zipf(1.4, posts) % authors + 1,
            strict=True,
        )
    ):
        post_id = (EPOCH - int(age)) << 16 | n
        rows.append(Row(post_id, int(author), int(likes), 0, 0, base(post_id, int(likes))))
    return pool_of(rows)


def pool_of(rows: list[Row]) -> Pool:
    return Pool.select(rows, epoch_ms=EPOCH, previous=b"p" * 32)


def base(post_id: int, likes: int) -> float:
    return formula.base(formula.tickets(likes, 0, 0), post_id >> 16)


def until_it_ends(drawn: shortlist.Shortlist):
    pages = []
    try:
        for page in drawn.pages():
            pages.append(drawn.items(page))
    except RanOut:
        pass
    return pages
