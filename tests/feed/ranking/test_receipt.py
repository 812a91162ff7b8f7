import json
from dataclasses import replace

import pytest

from feed.ranking import formula
from feed.ranking.draw import draw
from feed.ranking.formula import Weights
from feed.ranking.pool import Pool, Row
from feed.ranking.receipt import Receipt, receipt, replay

EPOCH = 1_769_500_000_000


def test_an_honest_page_replays(pool, page):
    assert replay(page, pool) is None


def test_a_receipt_survives_json(page):
    text = json.dumps(page.to_dict())

    assert Receipt.from_dict(json.loads(text)) == page


def test_large_numbers_are_written_so_that_every_language_reads_them(page):
    written = page.to_dict()["items"][0]

    assert written["id"] == str(page.items[0].id)
    assert written["author_id"] == str(page.items[0].author_id)
    assert written["base"] == page.items[0].base.hex()
    assert written["u"] == page.items[0].u.hex()


def test_a_receipt_names_what_was_taken_out_to_the_viewer_alone(page, rows):
    assert page.removed == {"muted": (rows[1].id,), "seen": (rows[2].id,)}
    assert page.counts == {"muted": 1, "seen": 1}

    other = page.for_others()

    assert "removed" not in other.to_dict()
    assert other.to_dict()["removed_counts"] == {"muted": 1, "seen": 1}
    assert Receipt.from_dict(other.to_dict()) == other


def test_the_copy_of_somebody_else_says_why_it_cannot_be_replayed(pool, page):
    assert "only the viewer's own copy" in replay(page.for_others(), pool)


def test_the_copy_of_somebody_else_replays_when_nothing_was_taken_out(pool):
    public = receipt(draw(pool, "public"), 0, nonce_from="public")

    assert replay(public.for_others(), pool) is None


def test_an_empty_page_at_the_end_replays(pool):
    beyond = receipt(draw(pool, "x"), 99, nonce_from="client")

    assert beyond.items == ()
    assert replay(beyond, pool) is None


def test_swapped_posts_are_found_at_the_first_slot(pool, page):
    first, second, *rest = page.items
    swapped = replace(page, items=(second, first, *rest))

    assert replay(swapped, pool) == f"slot 21: the receipt has post {second.id}, the draw gives {first.id}"


def test_neighbours_closer_than_a_billionth_may_stand_either_way_round():
    cold = Weights(version=9, temperature=1e-15)
    rows = [post(n, likes=0, base_shift=n * 1e-12) for n in range(3)]
    pool = Pool.of(rows, [], epoch_ms=EPOCH, version=9)
    page = receipt(draw(pool, "x", weights=cold), 0, nonce_from="client")
    first, second, third = page.items

    assert replay(replace(page, items=(second, first, third)), pool) is None
    assert "twice" in replay(replace(page, items=(first, first, third)), pool)
    assert "likes 5" in replay(replace(page, items=(replace(second, likes=5), first, third)), pool)


@pytest.mark.parametrize(
    "change", [{"likes": 999}, {"tickets": 999}, {"lane": "fresh"}, {"score": 1e9}, {"u": 0.5}]
)
def test_a_wrong_number_is_named(pool, page, change):
    first, *rest = page.items
    [(name, value)] = change.items()

    found = replay(replace(page, items=(replace(first, **change), *rest)), pool)

    assert found.startswith(f"slot 21: post {first.id}: the receipt says {name} {value}, the draw gives")


def test_a_post_that_is_not_in_the_pool_is_found(pool, page):
    first, *rest = page.items
    planted = replace(first, id=first.id + 1)

    assert f"slot 21: the receipt has post {planted.id}" in replay(
        replace(page, items=(planted, *rest)), pool
    )


def test_a_page_cut_short_is_found(pool, page):
    assert (
        replay(replace(page, items=page.items[:-1]), pool)
        == "page 1: the receipt has 19 posts, the draw gives 20"
    )


def test_another_nonce_removal_or_page_is_found(pool, page):
    assert "slot" in replay(replace(page, nonce="other"), pool)
    assert "slot" in replay(replace(page, removed={}, counts={}), pool)
    assert "slot" in replay(replace(page, page=0), pool)
    assert "counts" in replay(replace(page, counts={"muted": 7}), pool)


def test_another_pool_epoch_or_version_is_found(pool, page, rows):
    other = Pool.of(rows, [], epoch_ms=EPOCH + 1)

    assert "is about pool" in replay(page, other)
    assert "epoch" in replay(replace(page, epoch_ms=1), pool)
    assert "version 2" in replay(replace(page, weights=Weights(version=2)), pool)


def test_silently_changed_constants_are_found(pool, page):
    assert "constants are not those of version 1" in replay(replace(page, weights=Weights(w_like=5)), pool)


def test_a_boosted_base_in_the_pool_is_found(rows):
    boosted = [rows[0]._replace(base=rows[0].base + 2e-9), *rows[1:]]
    pool = Pool.of(boosted, [], epoch_ms=EPOCH)
    page = receipt(draw(pool, "x"), 0, nonce_from="client")

    assert replay(page, pool).startswith(f"post {rows[0].id} in the pool: base")


def test_a_base_of_another_library_s_logarithm_is_not(rows):
    nudged = [rows[0]._replace(base=rows[0].base + 4e-13), *rows[1:]]
    pool = Pool.of(nudged, [], epoch_ms=EPOCH)

    assert replay(receipt(draw(pool, "x"), 0, nonce_from="client"), pool) is None


@pytest.mark.parametrize(
    "damage",
    [
        {"page": -1},
        {"nonce_from": "nobody"},
        {"pool": "xyz"},
        {"constants": {"speed": 9}},
        {"constants": {"page": "20"}},
        {"constants": {"page": 0}},
        {"items": [{}]},
        {"items": None},
        {"removed": {"seen": ["abc"]}},
        {"removed": {"seen": [str(2**64)]}},
        {"removed_counts": []},
    ],
)
def test_what_is_no_receipt_is_refused(page, damage):
    with pytest.raises(ValueError, match="not a receipt"):
        Receipt.from_dict(page.to_dict() | damage)


@pytest.fixture
def rows() -> list[Row]:
    return [post(n, likes=n % 50) for n in range(120)]


@pytest.fixture
def pool(rows: list[Row]) -> Pool:
    return Pool.of(rows, rows[:40], epoch_ms=EPOCH)


@pytest.fixture
def page(pool: Pool, rows: list[Row]) -> Receipt:
    """Page 1, slots 21 to 40, of a viewer who has muted one author and seen one post."""
    order = draw(pool, "42:0", {rows[1].id: "muted", rows[2].id: "seen"})
    return receipt(order, 1, nonce_from="platform")


def post(n: int, *, likes: int, base_shift: float = 0.0) -> Row:
    post_id = ((EPOCH - n) << 16) | n if not base_shift else (EPOCH << 16) | n
    base = formula.base(formula.tickets(likes, 0, 0), post_id >> 16) + base_shift
    return Row(post_id, n, likes, 0, 0, base)
