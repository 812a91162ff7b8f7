"""The command line client toot: the same platform, from a terminal.

Signing in is done by the program itself, a process with a keyboard and a screen; the commands after that are
called inside this process, because Python's start would take most of the time.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from mastodon import Mastodon

from tests.journeys.conftest import Product
from tests.waiting import until

pytestmark = pytest.mark.journey


class Terminal:
    """Somebody who types `toot …`; what it keeps lies in a directory of its own."""

    def __init__(self, product: Product, home: Path) -> None:
        self.product = product
        self.environ = {"XDG_CONFIG_HOME": str(home), "HOME": str(home)}

    def log_in(self, name: str) -> None:
        """Type the address, open the link that is shown, and type the code that the page shows."""
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "toot", "login", "--instance", self.product.address],
            env=os.environ | self.environ,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        said = ""
        while not (link := re.search(r"^(http\S+/oauth/authorize\S+)\n", said, re.MULTILINE)):
            line = process.stdout.readline()
            assert line, said
            said += line
        code = self.product.browser().bring_code(link[1], name)
        said += process.communicate(f"n\n{code}\n", timeout=60)[0]
        assert "Successfully logged in" in said, said

    def type(self, *arguments: str) -> str:
        """Give a command that must succeed; return what it prints."""
        done = self.run(*arguments)
        assert done.exit_code == 0, done.output
        return done.stdout

    def read(self, *arguments: str) -> Any:
        """Give a command that prints JSON."""
        return json.loads(self.type(*arguments, "--json"))

    def run(self, *arguments: str) -> Result:
        """Give a command, and see how it ends."""
        # Imported only now: it brings urwid, whose deprecated names warn whoever looks through all modules.
        from toot.cli import cli

        return CliRunner(env=self.environ).invoke(cli, ["--no-color", *arguments], prog_name="toot")


@pytest.fixture(scope="module")
def terminal(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    terminal = Terminal(product, tmp_path_factory.mktemp("toot"))
    terminal.log_in("ben")
    yield terminal
    assert "logged out" in terminal.type("logout", f"ben@{product.address.removeprefix('http://')}")


def test_who_am_i_and_where(terminal: Terminal) -> None:
    assert terminal.read("whoami")["username"] == "ben"
    assert "UpScrolled" in terminal.type("instance")
    assert "@ann" in terminal.type("whois", "ann")


def test_post_answer_edit_and_delete(terminal: Terminal, ann: Mastodon) -> None:
    post = terminal.read("post", "Fresh figs today", "--language", "en")
    reply = ann.status_reply(ann.status(post["id"]), "Keep me two.")

    assert "Keep me two." in terminal.type("thread", post["id"])
    answer = terminal.read("post", "Kept.", "--reply-to", str(reply.id), "--spoiler-text", "figs")
    assert (answer["in_reply_to_id"], answer["spoiler_text"]) == (str(reply.id), "figs")
    terminal.type("delete", post["id"])
    assert "Record not found" in terminal.run("status", post["id"]).stderr


def test_like_share_and_bookmark(terminal: Terminal, ann: Mastodon) -> None:
    post = str(ann.status_post("Rain at last.").id)
    for verb in ("favourite", "reblog", "bookmark"):
        terminal.type(verb, post)
    now = terminal.read("status", post)
    assert (now["favourited"], now["reblogged"], now["bookmarked"]) == (True, True, True)
    assert [person["acct"] for person in terminal.read("reblogged-by", post)] == ["ben"]
    assert "Rain at last." in terminal.type("bookmarks", "--once")

    for verb in ("unfavourite", "unreblog", "unbookmark"):
        terminal.type(verb, post)
    now = terminal.read("status", post)
    assert (now["favourites_count"], now["reblogs_count"], now["bookmarked"]) == (0, 0, False)


def test_people_are_followed_muted_and_blocked(terminal: Terminal, cleo: Mastodon) -> None:
    for verb, undo, listed in (
        ("follow", "unfollow", "following"),
        ("mute", "unmute", "muted"),
        ("block", "unblock", "blocked"),
    ):
        terminal.type(verb, "cleo")
        assert "cleo" in [person["acct"] for person in terminal.read(listed)], verb
        # Also somebody who is blocked must be found by name, or nobody could be unblocked.
        terminal.type(undo, "cleo")
        assert "cleo" not in [person["acct"] for person in terminal.read(listed)], undo


def test_timelines_and_notifications(terminal: Terminal, ann: Mastodon) -> None:
    terminal.type("follow", "ann")
    ann.status_post("Concert tonight #opera @ben")

    until(
        lambda: terminal.type("timelines", "home", "--no-pager"),
        lambda shown: "Concert tonight" in shown,
    )
    for which in (("public",), ("tag", "opera"), ("account", "ann")):
        shown = terminal.type("timelines", *which, "--no-pager", "--no-clear")
        assert "Concert tonight" in shown, which
    assert "mentioned you" in terminal.type("notifications")
    assert "ann" in terminal.type("search", "ann")
    terminal.type("timelines", "trending", "--no-pager")


def test_lists_are_made_read_and_deleted(terminal: Terminal, ann: Mastodon, cleo: Mastodon) -> None:
    terminal.type("follow", "ann")
    terminal.type("unfollow", "cleo")
    terminal.type("lists", "create", "Market", "--replies-policy", "none")
    terminal.type("lists", "add", "Market", "ann")
    ann.status_post("Lemons, two for one.")
    cleo.status_post("Not on the list.")

    assert "Market" in [one["title"] for one in terminal.read("lists", "list")]
    assert "ann" in terminal.type("lists", "accounts", "Market")
    assert "You must follow" in terminal.run("lists", "add", "Market", "cleo").stderr
    shown = terminal.type("timelines", "list", "Market", "--no-pager", "--no-clear")
    assert "Lemons" in shown
    assert "Not on the list" not in shown
    terminal.type("lists", "remove", "Market", "ann")
    assert "no accounts" in terminal.type("lists", "accounts", "Market")
    terminal.type("lists", "delete", "Market")
    assert "Market" not in [one["title"] for one in terminal.read("lists", "list")]


def test_a_poll_a_pin_and_a_post_for_later(terminal: Terminal, ann: Mastodon) -> None:
    asked = ann.status_post("Figs or dates?", poll=ann.make_poll(["figs", "dates"], 3600))
    assert terminal.read("polls", "vote", str(asked.poll.id), "1")["own_votes"] == [1]
    own = terminal.read("post", "Which?", "--poll-option", "this", "--poll-option", "that")
    assert [option["title"] for option in own["poll"]["options"]] == ["this", "that"]

    assert terminal.read("pin", own["id"])["pinned"]
    assert not terminal.read("unpin", own["id"])["pinned"]
    assert terminal.read("post", "Tomorrow", "--scheduled-in", "1 day")["params"]["text"] == "Tomorrow"


def test_tags_are_followed_and_shown(terminal: Terminal) -> None:
    terminal.type("tags", "follow", "figs")
    assert "figs" in [tag["name"] for tag in terminal.read("tags", "followed")]
    terminal.type("tags", "feature", "figs")
    assert [tag["name"] for tag in terminal.read("tags", "featured")] == ["figs"]
    terminal.type("tags", "unfeature", "figs")
    terminal.type("tags", "unfollow", "figs")
    assert terminal.read("tags", "followed") == []


def test_a_refusal_is_a_sentence(terminal: Terminal) -> None:
    refused = terminal.run("post", "x" * 501)

    assert refused.exit_code != 0
    assert "500" in refused.stderr
