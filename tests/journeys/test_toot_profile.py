"""The command line client toot: polls, posts for later, hashtags, pins and a profile, from a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from mastodon import Mastodon
from PIL import Image

from tests.journeys.conftest import Product
from tests.journeys.test_toot import Terminal

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def terminal(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    terminal = Terminal(product, tmp_path_factory.mktemp("toot"))
    terminal.log_in("cleo")
    yield terminal
    assert "logged out" in terminal.type("logout", f"cleo@{product.address.removeprefix('http://')}")


def test_a_poll_is_posted_voted_in_and_shown(terminal: Terminal, ann: Mastodon) -> None:
    options = ("--poll-option", "figs", "--poll-option", "dates", "--poll-expires-in", "1 hour")
    mine = terminal.read("post", "What is sweeter?", *options, "--poll-multiple")
    assert (mine["poll"]["multiple"], mine["poll"]["voted"]) == (True, True)
    ann.poll_vote(mine["poll"]["id"], [0, 1])
    shown = terminal.type("polls", "show", mine["poll"]["id"])
    assert "figs" in shown
    assert "2 votes" in shown

    theirs = ann.status_post("Window open?", poll=ann.make_poll(["yes", "no"], 3600)).poll
    assert "You voted!" in terminal.type("polls", "vote", str(theirs.id), "1")
    assert "have voted" in terminal.run("polls", "vote", str(theirs.id), "0").stderr
    assert terminal.read("polls", "show", str(theirs.id))["own_votes"] == [1]


def test_a_post_waits_for_its_time(terminal: Terminal, cleo: Mastodon) -> None:
    assert "Toot scheduled for" in terminal.type("post", "Good night.", "--scheduled-in", "2 hours")
    (later,) = cleo.scheduled_statuses()
    cleo.scheduled_status_delete(later)

    assert later.params.text == "Good night."
    refused = terminal.run("post", "Too soon.", "--scheduled-in", "1 minute")
    assert "in the future" in refused.stderr


def test_hashtags_are_followed_and_featured(terminal: Terminal, cleo: Mastodon) -> None:
    cleo.status_post("Nets are mended. #Harbour")
    assert "You are now following #harbour" in terminal.type("tags", "follow", "harbour")
    assert [tag["name"] for tag in terminal.read("tags", "followed")] == ["Harbour"]
    assert "\nFollowed" in terminal.type("tags", "info", "harbour")
    terminal.type("tags", "unfollow", "harbour")
    assert "Not followed" in terminal.type("tags", "info", "harbour")

    assert "is now featured" in terminal.type("tags", "feature", "#harbour")
    assert [tag["name"] for tag in terminal.read("tags", "featured")] == ["Harbour"]
    assert "Harbour" in terminal.type("tags", "featured")
    assert "no longer featured" in terminal.type("tags", "unfeature", "harbour")
    assert terminal.read("tags", "featured") == []


def test_a_post_is_pinned_and_taken_off(terminal: Terminal, cleo: Mastodon) -> None:
    post = str(cleo.status_post("This is my street.").id)

    terminal.type("pin", post)
    assert terminal.read("status", post)["pinned"]
    assert [str(pinned.id) for pinned in cleo.account_statuses(cleo.me().id, pinned=True)] == [post]
    terminal.type("unpin", post)
    assert not terminal.read("status", post)["pinned"]


def test_a_profile_is_changed_with_a_picture(terminal: Terminal, cleo: Mastodon, tmp_path: Path) -> None:
    before, avatar = cleo.me(), tmp_path / "avatar.webp"
    Image.new("RGB", (300, 300), "navy").save(avatar)
    changes = ("--display-name", "كليو", "--note", "Street by street.", "--language", "ar", "--bot")

    changed = json.loads(
        terminal.type("update-account", *changes, "--avatar", str(avatar), "--privacy", "unlisted", "--json")
    )
    assert (changed["display_name"], changed["bot"], changed["source"]["privacy"]) == (
        "كليو",
        True,
        "unlisted",
    )
    assert changed["avatar"] != before.avatar
    assert "كليو" in terminal.type("whois", "cleo")
    terminal.type("update-account", "--display-name", "", "--note", "", "--no-bot", "--privacy", "public")
    assert cleo.account_delete_avatar().avatar == before.avatar


def test_what_shares_a_link_is_read_in_one_place(terminal: Terminal, ann: Mastodon) -> None:
    ann.status_post("Read this: https://news.example/the-mill")

    shown = terminal.type("timelines", "link", "https://news.example/the-mill", "--no-pager", "--no-clear")
    assert "Read this" in shown
    assert "the-mill" not in terminal.type("timelines", "favourites", "--no-pager", "--no-clear")
