"""The stand-alone scripts against the product, to the last slot: on the spec's worked cases and on pools made at
random."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from feed.ranking import formula, frames
from feed.ranking.draw import draw
from feed.ranking.formula import V1, VERSIONS, Weights
from feed.ranking.pool import Pool, Row
from feed.ranking.receipt import receipt, replay
from feed.ranking.statement import Statement

VECTORS = json.loads(Path("tests/feed/ranking/discover_vectors.json").read_text())
EPOCH = 1_769_500_000_000


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"verify_{name}", f"docs/verify/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DISCOVER, POOLS = script("discover"), script("pools")


def test_the_script_knows_the_published_constants():
    assert {VECTORS["version"]: VECTORS["constants"]} == DISCOVER.VERSIONS


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_the_published_pages(case):
    rows = []
    for post in case["posts"]:
        counts = post["likes"], post["comments"], post["shares"]
        base = formula.base(formula.tickets(*counts), post["created_ms"])
        rows.append(Row(int(post["id"]), post["author_id"], *counts, base))
    by_id = {str(row.id): row for row in rows}
    pool = Pool.of(
        [by_id[post] for post in case["popular"]],
        [by_id[post] for post in case["fresh"]],
        epoch_ms=case["epoch_ms"],
        previous=bytes.fromhex(case["previous_digest"]),
    )
    its = DISCOVER.Pool(pool.to_bytes())
    assert its.digest.hex() == case["digest"]
    gone = {int(post) for post in case["removed"]}
    for number, page in enumerate(case["pages"]):
        items, _ = its.page(number, case["nonce"], gone)
        assert [(str(item[1]), item[4]) for item in items] == [(item["id"], item["lane"]) for item in page]


def test_pages_of_two_versions_verify_side_by_side(monkeypatch):
    """A deploy brings a new formula: what the old one drew stays good, and neither passes for the other."""
    newer = Weights(version=2, temperature=0.5, w_like=4)
    monkeypatch.setitem(VERSIONS, 2, newer)
    monkeypatch.setitem(DISCOVER.VERSIONS, 2, newer.constants())
    drawn = {}
    for weights in (V1, newer):
        rows = []
        for n in range(60):
            post = ((EPOCH - n * 60_000) << 16) | n
            base = formula.base(formula.tickets(n % 7, 0, 0, weights), post >> 16, weights)
            rows.append(Row(post, n % 20, n % 7, 0, 0, base))
        pool = Pool.of(rows, rows[:30], epoch_ms=EPOCH, version=weights.version)
        page = receipt(draw(pool, "n", weights=weights), 0, nonce_from="client")
        assert replay(page, pool) is None
        drawn[weights.version] = page.to_dict(), DISCOVER.Pool(pool.to_bytes())
        DISCOVER.check(*drawn[weights.version])

    for name, due in (
        ("version", "the receipt says 1, the pool file 2"),
        ("constants", "constant temperature: the receipt says 1.0, version 2 has 0.5"),
    ):
        bent = drawn[2][0] | {name: drawn[1][0][name]}
        with pytest.raises(SystemExit, match=due):
            DISCOVER.check(bent, drawn[2][1])


row = st.builds(
    lambda n, age, author, likes, comments, shares: Row(
        post := ((EPOCH - age) << 16) | n,
        author,
        likes,
        comments,
        shares,
        formula.base(formula.tickets(likes, comments, shares), post >> 16),
    ),
    st.integers(0, 65_535),
    st.integers(0, 10**8),
    st.integers(1, 6),
    st.integers(0, 50),
    st.integers(0, 5),
    st.integers(0, 5),
)
rows = st.lists(row, max_size=80, unique_by=lambda row: row.id)


@given(rows, st.text(max_size=16), st.integers(0, 3), st.data())
@settings(deadline=None, max_examples=60)
def test_any_page_of_any_pool_is_ok(rows, nonce, page, data):
    fresh = [row for row in rows if data.draw(st.booleans())]
    pool = Pool.of(rows, fresh, epoch_ms=EPOCH)
    gone = {row.id: "seen" for row in rows if data.draw(st.booleans())}
    drawn = receipt(draw(pool, nonce, gone), page, nonce_from="client")

    DISCOVER.check(
        json.loads(json.dumps(drawn.to_dict())), DISCOVER.Pool(pool.to_bytes())
    )  # exits if it differs


@given(rows, rows)
@settings(deadline=None, max_examples=60)
def test_any_frame_is_followed(before, after):
    first = Pool.of(before, before[::3], epoch_ms=EPOCH - 2_000)
    second = Pool.of(after, after[::2], epoch_ms=EPOCH, previous=first.digest)

    assert POOLS.follow(first.to_bytes(), frames.delta(first, second)) == second.to_bytes()
    assert POOLS.follow(b"", frames.keyframe(second)) == second.to_bytes()


@given(rows)
@settings(deadline=None, max_examples=20)
def test_a_statement_is_read_out_of_any_pool(rows):
    pool = Pool.of(rows, rows[::2], epoch_ms=EPOCH)

    assert POOLS.Pool(pool.to_bytes()).statement("all") == Statement.of("all", pool).text()


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300))
@settings(deadline=None, max_examples=15)
def test_signatures_are_judged_as_the_library_judges_them(seed, message):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)

    assert POOLS.is_signed(public, message, signature)
    assert not POOLS.is_signed(public, message + b"!", signature)
    high = int.from_bytes(signature[32:], "little") + POOLS.L
    if high < 2**256:
        assert not POOLS.is_signed(public, message, signature[:32] + high.to_bytes(32, "little"))
