"""The page about discover in a real Chromium: drawn again there, in Arabic, and without JavaScript.

With FEED_PICTURES=1 the pictures in docs/feed/ are taken anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feed.operations.interact import like
from feed.timelines import pools
from tests import chromium
from tests.chromium import Chromium, Tab
from tests.people import make_account, publish, seen_by

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "feed"
LARGEST = 150_000  # bytes of a picture
pytestmark = [
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        chromium.installed() is None,
        reason="NO BROWSER: the page about discover is not tested in Chromium here; install it (apt install chromium)",
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium.chromium() as started:
        yield started


@pytest.fixture
def address(live_server: Any) -> str:
    """The page of a site with 150 posts of the last two days, some of them liked, and a pool of them."""
    now = datetime.now(UTC)
    authors = [make_account(f"author{n}") for n in range(25)]
    fans = [make_account(f"fan{n}") for n in range(12)]
    for number in range(150):
        moment = now - timedelta(minutes=5 + 19 * number)
        post = publish(authors[number % 25], f"post {number}", now=moment)
        for fan in fans[: number * number % 13]:
            like(seen_by(fan, post), by=fan, now=now)
    pools.advance(now=now)
    return f"{live_server.url}/about/feed"


def take(tab: Tab, name: str) -> None:
    """Keep a picture for the docs, if asked to, and see that it is small."""
    if os.environ.get("FEED_PICTURES"):
        assert len(tab.picture(PICTURES / f"{name}.webp")) < LARGEST


def shown(tab: Tab, what: str) -> Any:
    return tab.ask(f"document.querySelector('{what}')?.checkVisibility()")


def draw(tab: Tab, said: str) -> list[list[str]]:
    """Press the button, wait for what the page says, and read the table."""
    tab.ask("document.querySelector('#draw button').click()")
    tab.until(f"document.querySelector('#draw output').textContent.startsWith('{said}')")
    tab.ask("document.querySelector('#draw').scrollIntoView()")
    return tab.ask(
        "[...document.querySelectorAll('#drawn tbody tr')].map((r) => [...r.cells].map((c) => c.innerText))"
    )


def test_a_reader_draws_a_page_again_and_sees_what_was_bent(browser: Chromium, address: str) -> None:
    tab = browser.tab(height=1000)
    tab.open(address)
    take(tab, "about")

    lines = draw(tab, "The same")

    assert [line[0] for line in lines] == [str(slot) for slot in range(1, 21)]
    assert {line[4] for line in lines} == {"✓"}
    assert all(said == drawn for _, said, drawn, *_ in lines)
    take(tab, "drawn")
    # The site hands out another page than it drew: the first two posts change places.
    tab.ask("""(() => { const real = window.fetch; window.fetch = async (...asked) => {
      const answer = await real(...asked);
      if (!String(asked[0]).includes("nonce")) return answer;
      const page = await answer.json(), items = page.receipt.items;
      [items[0], items[1]] = [items[1], items[0]];
      return new Response(JSON.stringify(page)); }; })()""")

    assert [line[4] for line in draw(tab, "It differs")] == ["✗", "✗", *["✓"] * 18]

    # The site hands out another pool than it drew from.
    tab.ask("""(() => { const real = window.fetch; window.fetch = async (...asked) => {
      const answer = await real(...asked);
      if (!String(asked[0]).includes("/pools/")) return answer;
      const bytes = new Uint8Array(await answer.arrayBuffer());
      bytes[60] ^= 1;
      return new Response(bytes); }; })()""")

    assert {line[4] for line in draw(tab, "It differs! digest")} == {"✗"}


def test_in_arabic_it_reads_from_the_right_and_on_a_phone_it_fits(browser: Chromium, address: str) -> None:
    tab = browser.tab(language="ar", width=390, height=1000, phone=True)
    tab.open(address)
    assert tab.ask("getComputedStyle(document.body).direction") == "rtl"
    assert tab.ask("getComputedStyle(document.querySelector('pre')).direction") == "ltr"
    assert tab.ask("document.documentElement.scrollWidth <= innerWidth")
    take(tab, "about-ar")

    lines = draw(tab, "متطابق")

    assert {line[4] for line in lines} == {"✓"}
    assert tab.ask("document.documentElement.scrollWidth <= innerWidth")


def test_without_javascript_all_of_it_is_there_but_the_drawing(browser: Chromium, address: str) -> None:
    tab = browser.tab(height=1000)
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    tab.open(address)

    assert shown(tab, "#draw") is False
    assert shown(tab, "noscript p") is True
    assert len(tab.ask("[...document.querySelectorAll('svg rect')].map((bar) => bar.getBBox().height)")) == 22
    assert tab.ask("document.querySelectorAll('a[href^=\"/api/v1/upscrolled/discover/pools/\"]').length") >= 1
    tab.ask("document.querySelector('svg').scrollIntoView()")
    take(tab, "who-is-shown")
