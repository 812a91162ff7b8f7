"""Every number of spec/discover_vectors.json, of which discover_vectors.json beside this file is a copy."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from feed.ranking import formula
from feed.ranking.draw import Item, Order, draw, seed
from feed.ranking.formula import V1, Weights
from feed.ranking.pool import Pool, Row, ring_start

VECTORS = json.loads(Path(__file__).with_name("discover_vectors.json").read_text())
Case = dict[str, Any]

each_case = pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])


def test_the_constants_of_version_1_are_the_published_ones():
    assert V1.version == VECTORS["version"]
    assert V1.constants() == VECTORS["constants"]


@pytest.mark.parametrize("row", VECTORS["mix"])
def test_mix(row):
    z, mixed = int(row["z"]), int(row["mix"])

    assert formula.mix(z) == mixed
    assert formula.mix_all(np.array([z], np.uint64)).tolist() == [mixed]


@pytest.mark.parametrize("row", VECTORS["u"])
def test_u_and_gumbel(row):
    seed_, post_id = int(row["seed"]), int(row["id"])
    chance = formula.u_all(seed_, np.array([post_id], np.uint64))

    assert formula.u(seed_, post_id).hex() == row["u"]
    assert [float(one).hex() for one in chance] == [row["u"]]
    assert formula.gumbel(seed_, post_id) == pytest.approx(row["gumbel"], abs=1e-9)
    assert formula.gumbel_of(chance)[0] == pytest.approx(row["gumbel"], abs=1e-9)


@each_case
def test_a_pool_holds_the_published_posts_from_the_published_point_of_the_ring(case):
    pool = pool_of(case)

    assert ring_start(bytes.fromhex(case["previous_digest"]), case["epoch_ms"]) == int(case["ring_start"])
    assert pool.ring_start == int(case["ring_start"])
    assert [str(post_id) for post_id in pool.popular_ids()] == case["popular"]
    assert [str(post_id) for post_id in pool.fresh_ids()] == case["fresh"]


@each_case
def test_a_pool_has_the_published_digest_whoever_selected_its_rows(case):
    pool = pool_of(case)
    by_id = {row.id: row for row in candidates_of(case)}
    selected = Pool.of(
        [by_id[int(post_id)] for post_id in case["popular"]],
        [by_id[int(post_id)] for post_id in case["fresh"]],
        epoch_ms=case["epoch_ms"],
        previous=bytes.fromhex(case["previous_digest"]),
    )

    assert pool.digest.hex() == case["digest"]
    assert selected.digest.hex() == case["digest"]
    assert Pool.from_bytes(pool.to_bytes(), digest=pool.digest).digest.hex() == case["digest"]


@each_case
def test_the_seed_follows_from_the_digest_and_the_nonce(case):
    assert seed(bytes.fromhex(case["digest"]), case["nonce"]) == int(case["seed"])


@each_case
def test_the_draw_gives_the_published_pages(case):
    order = order_of(case)

    drawn = [[shown(item) for item in page] for page in order][: len(case["pages"])]

    assert drawn == [[without_score(item) for item in page] for page in case["pages"]]


@each_case
def test_the_published_pages_end_where_the_feed_does_or_the_vectors_stop(case):
    order = order_of(case)
    in_feed = set(case["popular"]) | set(case["fresh"])
    published = sum(len(page) for page in case["pages"])

    if published == len(in_feed - set(case["removed"])):
        assert order.page(len(case["pages"])) == ()
    else:
        assert len(case["pages"]) == 4


@each_case
def test_every_score_is_the_published_one_within_a_billionth(case):
    order = order_of(case)

    for number, page in enumerate(case["pages"]):
        scores = [item.score for item in order.page(number)]
        assert scores == pytest.approx([item["score"] for item in page], rel=0, abs=1e-9)


@each_case
def test_the_readable_formula_gives_every_score_too(case):
    drawn_with = int(case["seed"])

    for item in (item for page in case["pages"] for item in page):
        post_id, base = int(item["id"]), float.fromhex(item["base"])
        scores = {
            "popular": formula.popular_score(base, drawn_with, post_id),
            "fresh": formula.fresh_score(drawn_with, post_id),
        }
        assert scores[item["lane"]] == pytest.approx(item["score"], rel=0, abs=1e-9)


@each_case
def test_what_is_taken_out_is_named_and_nowhere_in_the_feed(case):
    order = order_of(case)

    assert {str(post_id) for post_id in order.removed} == set(case["removed"])
    assert not set(case["removed"]) & {str(item.id) for page in order for item in page}


def weights_of(case: Case) -> Weights:
    return Weights(pool_size=case["pool_size"], fresh_size=case["fresh_size"])


def candidates_of(case: Case) -> list[Row]:
    rows = []
    for post in case["posts"]:
        counts = post["likes"], post["comments"], post["shares"]
        base = formula.base(formula.tickets(*counts), post["created_ms"])
        rows.append(Row(int(post["id"]), post["author_id"], *counts, base))
    return rows


def pool_of(case: Case) -> Pool:
    return Pool.select(
        candidates_of(case),
        epoch_ms=case["epoch_ms"],
        previous=bytes.fromhex(case["previous_digest"]),
        weights=weights_of(case),
    )


def order_of(case: Case) -> Order:
    removed = {int(post_id): "seen" for post_id in case["removed"]}
    return draw(pool_of(case), case["nonce"], removed, weights_of(case))


def shown(item: Item) -> dict[str, object]:
    return {
        "id": str(item.id),
        "lane": item.lane,
        "tickets": item.tickets,
        "base": item.base.hex(),
        "u": item.u.hex(),
    }


def without_score(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "score"}
