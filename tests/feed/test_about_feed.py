"""The page about discover: all of it without a script, in three languages."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from feed.models import PoolAudit
from feed.ranking.changelog import CHANGES
from feed.ranking.formula import NEWEST, VERSIONS
from feed.ranking.pool import Pool, Row
from feed.timelines import pools
from tests.people import NOON, client_of, make_account, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def posts(db):
    ago = (datetime.now(UTC) - NOON).total_seconds() - 600
    return [publish(make_account(f"author{n}"), f"post {n}", after=ago + n) for n in range(30)]


def page(language: str = "en") -> str:
    answer = Client().get("/about/feed", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_the_formula_the_constants_and_the_changes(posts):
    text = page()

    assert "one for each like, two for each comment, three for each share" in text
    assert "tickets = 1 + 1 × likes + 2 × comments + 3 × shares" in text
    for name, value in NEWEST.constants().items():
        assert f"<code>{name}</code></th><td>{value}</td>" in text
    assert "Version 1, Nov. 28, 2026: The first version." in " ".join(text.split())


def test_every_version_is_in_the_changelog():
    assert [change.version for change in CHANGES] == sorted(VERSIONS, reverse=True)


def test_it_lists_the_last_pools_and_what_the_last_audit_found(posts):
    pool = pools.current(now=datetime.now(UTC)).pool
    audit = PoolAudit(
        pool="all", epoch_ms=1, digest=b"", audited_at=NOON, looked_at=30, missing=[], surplus=[]
    )
    assert "No audit has been made yet." in page()
    audit.save()

    text = page()

    assert f'href="/api/v1/upscrolled/discover/pools/{pool.digest.hex()}"' in text
    assert "compared 30 posts with the pool: none that had to be in was missing" in text
    audit.missing = [7]
    audit.save()
    assert "found 1 posts missing" in page()


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_the_plots_are_pictures_that_need_no_script(posts, language):
    drawn = re.findall(r"<svg.*?</svg>", page(language), re.DOTALL)

    assert len(drawn) == 4
    for svg in drawn:
        bars = ElementTree.fromstring(svg).findall("rect")
        assert bars
        assert all(float(bar.get(name)) >= 0 for bar in bars for name in ("x", "y", "width", "height"))


def test_nothing_in_it_needs_a_script_and_what_does_is_hidden_without_one(posts):
    text = page()

    assert re.findall(r"<script[^>]*>", text) == ['<script src="/static/upscrolled/discover.js" defer>']
    assert not re.search(r"\son[a-z]+=|style=", text)
    assert '<form id="draw" hidden' in text
    assert "<noscript>" in text


@pytest.mark.parametrize(
    ("language", "direction", "said"),
    [("ar", "rtl", "لكل منشور تذاكر"), ("fr", "ltr", "Chaque publication détient des tickets")],
)
def test_it_speaks_the_readers_language(posts, language, direction, said):
    text = page(language)

    assert f'lang="{language}" dir="{direction}"' in text
    assert said in text
    assert "Every post holds" not in text
    assert "Draw it yourself" not in text
    assert "popular = base − 1.0 × ln(−ln(u))" in text  # numbers of the formula are written one way


def test_a_site_without_posts_has_the_page_too(db):
    assert "0.0 %" in page()


def test_the_figures_are_worked_out_now_and_then(posts, monkeypatch):
    page()
    monkeypatch.setattr("feed.queries.about.shares.of_first_pages", None)

    assert "First pages drawn with 100 different nonces from one pool of 30 posts" in page()


@pytest.mark.skipif(shutil.which("node") is None, reason="no JavaScript engine on this machine")
class TestTheScript:
    """What runs in the reader's browser, on an engine alone."""

    def run(self, receipt, pool: bytes, tmp_path) -> dict:
        script = finders.find("upscrolled/discover.js")
        (tmp_path / "receipt.json").write_text(json.dumps(receipt))
        (tmp_path / "pool").write_bytes(pool)
        program = f"""
          const {{ drawAgain, same }} = require({json.dumps(script)});
          const fs = require("fs");
          const receipt = JSON.parse(fs.readFileSync({json.dumps(str(tmp_path / "receipt.json"))}));
          const bytes = new Uint8Array(fs.readFileSync({json.dumps(str(tmp_path / "pool"))}));
          drawAgain(receipt, bytes).then(({{ page, wrong }}) => console.log(JSON.stringify({{
            ids: page.map((item) => String(item.row.id)),
            same: receipt.items.map((said, at) => same(said, page[at])),
            wrong,
          }})));
        """
        ran = subprocess.run(["node", "-e", program], capture_output=True, text=True, timeout=60, check=True)
        return json.loads(ran.stdout)

    def test_it_draws_the_page_that_the_site_drew(self, posts, dave, tmp_path):
        receipt = (
            client_of(dave).get("/api/v1/upscrolled/discover", {"nonce": "in a browser"}).json()["receipt"]
        )
        pool = pools.current(now=datetime.now(UTC)).pool.to_bytes()

        drawn = self.run(receipt, pool, tmp_path)

        assert drawn["ids"] == [item["id"] for item in receipt["items"]]
        assert drawn["wrong"] == ""
        assert set(drawn["same"]) == {True}
        receipt["items"].reverse()
        assert False in self.run(receipt, pool, tmp_path)["same"]
        assert self.run(receipt, pool[:-1] + b"\1", tmp_path)["wrong"] == "digest"

    def test_it_names_a_boosted_post(self, posts, dave, tmp_path):
        receipt = client_of(dave).get("/api/v1/upscrolled/discover", {"nonce": "n"}).json()["receipt"]
        pool = pools.current(now=datetime.now(UTC)).pool
        rows = [
            Row(*row) for row in zip(*(getattr(pool, name).tolist() for name in Row._fields), strict=True)
        ]
        bent = Pool.of([rows[0]._replace(base=rows[0].base + 1), *rows[1:]], [], epoch_ms=pool.epoch_ms)

        drawn = self.run(receipt | {"pool": bent.digest.hex()}, bent.to_bytes(), tmp_path)

        assert drawn["wrong"] == f"base {rows[0].id}"
