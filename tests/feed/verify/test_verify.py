"""The stand-alone scripts of docs/verify, as a stranger runs them: apart from our code, on real receipts and pools."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from feed.operations.interact import like
from feed.ranking import formula
from feed.ranking.draw import draw
from feed.ranking.formula import V1
from feed.ranking.pool import Pool, Row
from feed.ranking.receipt import receipt
from feed.timelines import ledger, pools
from tests.people import NOON, client_of, make_account, publish, seen_by
from upscrolled.operations.relationships import mute

DISCOVER, POOLS = "/api/v1/upscrolled/discover", "/api/v1/upscrolled/discover/pools"
SCRIPTS = Path("docs/verify")

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(tmp_path, dave):
    """70 posts of 14 people, some liked, one author muted by dave; a page of his and the pool, as files."""
    ago = (datetime.now(UTC) - NOON).total_seconds() - 900
    authors = [make_account(f"author{n}") for n in range(14)]
    posts = [publish(author, f"post {n}", after=ago + n) for n in range(5) for author in authors]
    fan = make_account("fan")
    for post in posts[::3]:
        like(seen_by(fan, post), by=fan, now=NOON)
    mute(authors[0], by=dave, now=NOON)
    client = client_of(dave)
    first = client.get(DISCOVER).json()
    second = client.get(DISCOVER, {"cursor": first["cursor"]}).json()
    pool = client.get(f"{POOLS}/{first['receipt']['pool']}").content
    (tmp_path / "pool").write_bytes(pool)
    (tmp_path / "list.json").write_bytes(client.get(POOLS).content)
    (tmp_path / "keys.json").write_bytes(client.get("/api/v1/upscrolled/keys").content)
    return Site(tmp_path, first, second, pool)


class Site:
    """What a stranger has on their disk."""

    def __init__(self, path: Path, first, second, pool: bytes) -> None:
        self.path, self.first, self.second, self.pool = path, first, second, pool

    def run(self, script: str, *arguments: object) -> str:
        """Run a script on its own: no environment, no packages, no path of ours."""
        told = subprocess.run(
            [sys.executable, "-I", str(SCRIPTS / f"{script}.py"), *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert told.returncode in (0, 1)
        assert (told.returncode == 0) is (told.stdout == "ok\n"), told
        return told.stdout.strip() or told.stderr.strip()

    def draws(self, receipt, pool: bytes | None = None) -> str:
        """What discover.py says of a receipt."""
        (self.path / "receipt.json").write_text(json.dumps(receipt))
        (self.path / "its_pool").write_bytes(self.pool if pool is None else pool)
        return self.run("discover", self.path / "receipt.json", self.path / "its_pool")


def test_every_page_of_a_real_feed_is_ok(site):
    assert site.draws(site.first) == "ok"
    assert site.draws(site.second) == "ok"
    assert site.draws(site.second["receipt"]) == "ok"
    assert site.first["receipt"]["removed_counts"] == {"muted": 5}


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (lambda r: r["items"].__setitem__(slice(0, 2), r["items"][1::-1]), "slot 1: the receipt has post"),
        (lambda r: r["items"].pop(), "the receipt has 19 posts, the draw gives 20"),
        (lambda r: r["items"].__setitem__(5, r["items"][6]), "slot 6: the receipt has post"),
        (lambda r: r["items"][3].update(likes=99), "slot 4: post {3}: the receipt says likes 99"),
        (lambda r: r["items"][3].update(comments=1), "the receipt says comments 1"),
        (lambda r: r["items"][3].update(shares=1), "the receipt says shares 1"),
        (lambda r: r["items"][3].update(tickets=50), "the receipt says tickets 50"),
        (lambda r: r["items"][3].update(author_id="7"), "the receipt says author_id 7"),
        (lambda r: r["items"][3].update(base="0x1.0p+0"), "the receipt says base 1.0"),
        (lambda r: r["items"][3].update(u="0x1.0p-1"), "the receipt says u 0.5"),
        (lambda r: r["items"][3].update(score=1e9), "the receipt says score 1000000000.0"),
        (lambda r: r["items"][3].update(lane="fresh"), "the receipt says lane fresh"),
        (lambda r: r["constants"].update(w_like=5), "constant w_like: the receipt says 5, version 1 has 1"),
        (lambda r: r["constants"].update(boost=5), "constant boost: the receipt says 5, version 1 has None"),
        (lambda r: r.update(nonce="another"), "slot 1: the receipt has post"),
        (lambda r: r.update(page=1), "slot 21: the receipt has post"),
        (lambda r: r.update(epoch_ms=1), "epoch_ms: the receipt says 1"),
        (lambda r: r.update(version=2), "version: the receipt says 2"),
        (lambda r: r.update(pool="ab" * 32), "pool: the receipt says abab"),
        (lambda r: r.update(removed={}), "the receipt counts other posts than it names"),
        (lambda r: r["removed_counts"].update(seen=1), "the receipt counts other posts than it names"),
        (lambda r: r.update(removed={"dull": []}, removed_counts={"dull": 0}), "no reason ['dull']"),
        (lambda r: r.pop("nonce"), "this is not a receipt"),
        (lambda r: r.update(items=None), "this is not a receipt"),
    ],
)
def test_each_way_to_bend_a_receipt_is_named(site, tamper, named):
    told = site.first["receipt"]
    tamper(told)

    assert named.replace("{3}", told["items"][3]["id"] if told["items"] else "") in site.draws(told)


@pytest.mark.parametrize(
    ("show", "named"),
    [
        (lambda items: items.reverse(), "slot 1: the page shows post"),
        (lambda items: items.pop(), "slot 20: the page shows post none"),
        (lambda items: items.insert(0, items[4]), "slot 1: the page shows post"),
        (lambda items: items[2].update(lane="fresh"), "(fresh), its receipt has"),
    ],
)
def test_a_page_that_shows_other_posts_than_its_receipt_is_named(site, tmp_path, capsys, show, named):
    show(site.first["items"])

    assert named in site.draws(site.first)
    with pytest.raises(SystemExit):
        call_command("discover_verify", str(tmp_path / "receipt.json"))
    assert named in capsys.readouterr().out


def test_a_post_planted_on_the_page_is_named(site):
    told = site.first["receipt"]
    told["items"][0]["id"] = planted = str(int(told["items"][0]["id"]) | 0xFFFF)

    assert f"slot 1: the receipt has post {planted} (not in this lane of the pool)" in site.draws(told)


def test_removals_that_are_kept_quiet_are_named(site):
    pool = Pool.from_bytes(site.pool)
    best = draw(pool, "n").page(0)[0].id
    told = receipt(draw(pool, "n", {best: "muted"}), 0, nonce_from="client").to_dict()
    assert site.draws(told) == "ok"

    told.update(removed={}, removed_counts={})

    assert f"slot 1: the receipt has post {told['items'][0]['id']} (in this lane), the draw gives {best}" in (
        site.draws(told)
    )


def test_a_post_silently_taken_out_is_named_by_who_knows_that_nothing_was(site):
    told = site.first["receipt"]
    gone = told["items"][0]["id"]
    told["removed"]["unavailable"] = [gone]
    told["removed_counts"]["unavailable"] = 1

    assert f"the receipt has post {gone} (taken out)" in site.draws(told)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda rows: [rows[0]._replace(base=rows[0].base + 1), *rows[1:]], "but its counts give"),
        (lambda rows: [rows[0]._replace(likes=rows[0].likes + 9), *rows[1:]], "but its counts give"),
    ],
)
def test_a_boosted_post_in_a_pool_is_named_even_if_all_digests_fit(site, change, named):
    pool = Pool.from_bytes(site.pool)
    rows = [Row(*row) for row in zip(*(getattr(pool, name).tolist() for name in Row._fields), strict=True)]
    bent = Pool.of(change(rows), [], epoch_ms=pool.epoch_ms, previous=pool.previous)
    receipt = site.first["receipt"] | {"pool": bent.digest.hex()}

    assert named in site.draws(receipt, bent.to_bytes())


def test_another_pool_a_damaged_one_and_a_cut_off_one_are_named(site):
    flipped = bytearray(site.pool)
    flipped[-1] ^= 3

    assert "pool: the receipt says" in site.draws(site.first, bytes(flipped))
    assert "cut off" in site.draws(site.first, site.pool[:-1])
    assert "cut off" in site.draws(site.first, b"")
    twice = site.pool[:81] + site.pool[44:]
    assert "not in order" in site.draws(site.first, twice)
    unknown = site.pool[:40] + b"\x09\0\0\0" + site.pool[44:]
    assert "version 9" in site.draws(site.first, unknown)


def test_a_signed_pool_is_ok_and_each_way_to_bend_it_is_named(site):
    files = [site.path / name for name in ("pool", "list.json", "keys.json")]
    heads, keys = (json.loads(file.read_text()) for file in files[1:])
    assert site.run("pools", "signed", *files) == "ok"

    def told(changed, number=0) -> str:
        files[1].write_text(json.dumps([heads[number] | changed]))
        return site.run("pools", "signed", *files)

    assert "the statement says 'cut 0x1p+0', the pool 'cut none'" in told(
        {"statement": heads[0]["statement"].replace("cut none", "cut 0x1p+0")}
    )
    other = (
        "A" + heads[0]["signature"][1:]
        if heads[0]["signature"][0] != "A"
        else "B" + heads[0]["signature"][1:]
    )
    assert "signature" in told({"signature": other})
    assert "there is no key" in told({"key": "0" * 16})
    assert "does not name pool" in told({"digest": "ab" * 32})
    assert told({}) == "ok"
    files[2].write_text(json.dumps([keys[0] | {"purpose": "log"}]))
    assert "there is no key" in told({})


def test_an_author_proves_an_omission_from_the_cut_and_the_arc_alone(site):
    pool = Pool.from_bytes(site.pool)
    rows = [Row(*row) for row in zip(*(getattr(pool, name).tolist() for name in Row._fields), strict=True)]
    gone = rows.pop(10)

    def told(post: int, pool: Pool) -> str:
        (site.path / "its_pool").write_bytes(pool.to_bytes())
        return site.run("pools", "omitted", post, site.path / "its_pool")

    assert told(gone.id, pool) == "ok"
    robbed = Pool.of(rows, [], epoch_ms=pool.epoch_ms)
    assert f"post {gone.id} is missing: its base is at least" in told(gone.id, robbed)
    just_now = (pool.epoch_ms - 9_999) << 16
    assert told(just_now, robbed) == "ok"  # it may have been on its way


def test_an_omission_from_full_parts_is_proved_by_either(tmp_path):
    """The popular part is full of posts above the cut; the fresh part reaches as far as its last post."""
    site, now = Site(tmp_path, None, None, b""), 1_769_500_000_000
    rows = [row(now - 60_000 - n, n) for n in range(26_000)]
    pool = Pool.select(rows, epoch_ms=now)
    (tmp_path / "pool").write_bytes(pool.to_bytes())
    assert len(pool.popular) == V1.pool_size
    assert len(pool.fresh) == V1.fresh_size
    inside = set(pool.id.tolist())
    beaten = next(one.id for one in rows if one.id not in inside)

    assert site.run("pools", "omitted", beaten, tmp_path / "pool") == "ok"
    loved = (now - 30_000) << 16 | 7
    assert "the cut is" in site.run("pools", "omitted", loved, tmp_path / "pool")
    start, end = pool.arc()
    low = min(base for base in pool.base[pool.popular].tolist())
    on_arc = next(
        post
        for n in range(10**6)
        if formula.base(1, (post := (now - 80_000_000) << 16 | n) >> 16) < low
        and (formula.mix(post) - start) % 2**64 <= (end - start) % 2**64
    )
    assert "it lies on the arc" in site.run("pools", "omitted", on_arc, tmp_path / "pool")


def test_a_stranger_follows_the_frames(site, tmp_path):
    fan = make_account("another")
    post = int(site.first["receipt"]["items"][0]["id"])
    like(seen_by(fan, post), by=fan, now=NOON)
    later = pools.advance(now=datetime.now(UTC) + timedelta(seconds=5))
    (tmp_path / "frame").write_bytes(bytes(ledger.row_of(later.digest).frame))

    assert site.run("pools", "next", site.path / "pool", tmp_path / "frame", tmp_path / "next") == "ok"

    assert Pool.from_bytes((tmp_path / "next").read_bytes()).digest == later.digest


def test_the_scripts_are_short_and_import_nothing_of_ours():
    for script in SCRIPTS.glob("*.py"):
        text = script.read_text()
        assert "upscrolled " not in text.split('"""', 2)[2]
        assert "import numpy" not in text
    assert len((SCRIPTS / "discover.py").read_text().splitlines()) < 150


def test_the_command_says_ok_or_what_differs(site, tmp_path, capsys):
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(site.first))
    call_command("discover_verify", str(file))
    call_command("discover_verify", str(file), pool=site.path / "pool")
    assert capsys.readouterr().out == "ok\nok\n"

    site.first["receipt"]["items"].reverse()
    file.write_text(json.dumps(site.first))
    with pytest.raises(SystemExit) as ended:
        call_command("discover_verify", str(file))
    assert ended.value.code == 1
    assert "slot 1: the receipt has post" in capsys.readouterr().out


def test_the_command_refuses_what_it_cannot_read(site, tmp_path):
    file = tmp_path / "receipt.json"
    for text, named in (("{}", "not a receipt"), ("[]", "not a receipt"), ("no json", "Expecting value")):
        file.write_text(text)
        with pytest.raises(CommandError, match=named):
            call_command("discover_verify", str(file))
    file.write_text(json.dumps(site.first["receipt"] | {"pool": "ab" * 32}))
    with pytest.raises(CommandError, match="No pool with this digest"):
        call_command("discover_verify", str(file))


def row(created_ms: int, n: int) -> Row:
    post_id = created_ms << 16 | n % 65_536
    return Row(post_id, n, 0, 0, 0, formula.base(1, created_ms))
