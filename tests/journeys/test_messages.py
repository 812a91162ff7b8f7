"""Private messages on the running platform: with Mastodon.py, and while its processes are killed."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import requests
from mastodon import Mastodon

from tests.journeys.conftest import Product
from tests.journeys.test_streaming import heard, listening, socket_of
from tests.waiting import until
from upscrolled.dev.guard import members

pytestmark = pytest.mark.journey
KILLED = {5: "web", 12: "worker"}  # before which message
BASE = "/api/v1/upscrolled/conversations"


@pytest.fixture
def followed(ann: Mastodon, ben: Mastodon) -> Iterator[None]:
    """ben follows ann, so that what she writes is no request."""
    ben.account_follow(ann.me())
    yield
    ben.account_unfollow(ann.me())


def ask(product: Product, who: Mastodon, method: str, path: str, **facts: Any) -> Any:
    """Ask until an answer comes, as phones do; the answer must be good."""
    headers = {"Authorization": f"Bearer {who.access_token}"}

    def once() -> Any:
        try:
            answer = requests.request(
                method, f"{product.address}{path}", headers=headers, timeout=15, **facts
            )
        except requests.RequestException:  # the process died with it
            return None
        return None if answer.status_code in (502, 503) else answer

    answer = until(once, lambda found: found is not None)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_mastodon_py_writes_hears_and_reads_a_private_message(
    product: Product, ann: Mastodon, ben: Mastodon, followed: None
) -> None:
    with listening(ben.stream_direct) as direct, listening(ben.stream_user) as user:
        sent = ann.status_post("@ben only for you", visibility="direct")
        until(lambda: direct.of("conversation"))
        until(lambda: user.of("notification"))
    told = next(data for name, data in user.heard if name == "notification")
    assert (told.type, told.status.visibility, str(told.status.id)) == ("mention", "direct", str(sent.id))
    thread = next(each for each in ben.conversations() if str(each.last_status.id) == str(sent.id))
    assert thread.unread
    ben.conversations_read(thread.id)
    assert not [each for each in ben.notifications() if str(each.id) == str(told.id)]


@pytest.mark.long
def test_no_message_is_lost_or_doubled_while_web_and_worker_are_killed(
    product: Product, ann: Mastodon, ben: Mastodon, followed: None
) -> None:
    pair = ask(product, ann, "POST", BASE, json={"account_ids": [str(ben.me().id)]})["id"]
    begun = {who: ask(product, who, "GET", f"{BASE}/sync")["cursor"] for who in (ann, ben)}
    written = [f"message {number}" for number in range(24)]
    with closing(socket_of(product, ben, "?stream=messages")) as socket:
        socket.settle()
        for number, text in enumerate(written):
            if number in KILLED:
                for pid in members(product.up.pids[KILLED[number]]):
                    os.kill(pid, signal.SIGKILL)
            body = {"text": text, "client_id": f"drawn {number}"}
            for _ in range(2):  # and again, as a phone that lost the answer
                ask(product, ann, "POST", f"{BASE}/{pair}/messages", json=body)
        seen: dict[str, str] = {}
        while written[-1] not in seen.values():
            payload = json.loads(heard(socket, "upscrolled.message")["payload"])
            seen[payload["message"]["id"]] = payload["message"]["text"]
    for who in (ann, ben):
        found: dict[str, tuple[int, str]] = {}
        cursor, more = begun[who], True
        while more:
            told = ask(product, who, "GET", f"{BASE}/sync", params={"cursor": cursor})
            found |= {each["id"]: (each["seq"], each["text"]) for each in told["messages"]}
            cursor, more = told["cursor"], told["more"]
        assert [text for _, text in sorted(found.values())] == written
        assert set(seen.items()) <= {(number, text) for number, (_, text) in found.items()}
