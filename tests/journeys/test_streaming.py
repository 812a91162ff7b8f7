"""Applications that listen: Mastodon.py's streams and a WebSocket, against the running platform."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import requests
from mastodon import Mastodon, StreamListener

from tests.journeys.conftest import Product
from tests.waiting import PATIENCE, until
from tests.websocket import Closed, Refused, WebSocket

pytestmark = pytest.mark.journey


class Ear(StreamListener):
    """What Mastodon.py hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.is_open = threading.Event()

    def handle_heartbeat(self) -> None:
        self.is_open.set()

    def on_any_event(self, name: str, data: Any = None) -> None:
        self.heard.append((name, data))

    def of(self, name: str) -> list[str]:
        return [str(getattr(data, "id", data)) for said, data in list(self.heard) if said == name]


@contextmanager
def listening(stream: Callable[..., Any], *arguments: object) -> Iterator[Ear]:
    """Listen with a client of the application's own, for its connections are not for two threads."""
    ear = Ear()
    handle = stream(*arguments, ear, run_async=True)
    assert ear.is_open.wait(PATIENCE)
    try:
        yield ear
    finally:
        handle.close()


def told(note: Any) -> tuple[str, str]:
    """The kind of a notification, and which post it is about."""
    return str(note.type), str(getattr(note.status, "id", ""))


@pytest.fixture
def followed(ann: Mastodon, ben: Mastodon) -> Iterator[None]:
    """ben follows ann."""
    ben.account_follow(ann.me())
    yield
    ben.account_unfollow(ann.me())


def socket_of(product: Product, who: Mastodon, query: str = "", **facts: Any) -> WebSocket:
    return WebSocket(product.up.streaming_port, query, token=str(who.access_token), **facts)


def back(product: Product, who: Mastodon, query: str) -> WebSocket:
    """Come back to a process that has just begun, as often as it says that it is too early."""

    def opened() -> WebSocket | None:
        try:
            return socket_of(product, who, query)
        except Refused as refused:
            if refused.status != 503:
                raise
            return None

    found = until(opened)
    assert found is not None
    return found


def heard(socket: WebSocket, event: str) -> dict[str, Any]:
    """The next event of that name."""
    while (message := socket.message()).get("event") != event:
        pass
    return message


def test_mastodon_py_hears_its_home_and_its_notifications(
    ann: Mastodon, ben: Mastodon, followed: None
) -> None:
    with listening(ben.stream_user) as ear:
        post = ann.status_post("Good morning")
        until(lambda: ear.of("update"), lambda ids: str(post.id) in ids)
        ann.status_update(post, "Good evening")
        until(lambda: ear.of("status.update"), lambda ids: str(post.id) in ids)
        named = ann.status_post("Hello @ben")
        wanted = ("mention", str(named.id))  # news of what others did before may still come
        until(
            lambda: [told(data) for name, data in ear.heard if name == "notification"],
            lambda all: wanted in all,
        )
        ann.status_delete(post)
        until(lambda: ear.of("delete"), lambda ids: str(post.id) in ids)
        made = ben.create_filter_v2("tea", ["home"], "warn")
        until(lambda: [name for name, _ in ear.heard], lambda names: "filters_changed" in names)
        ben.delete_filter_v2(made)


def test_mastodon_py_hears_the_public_a_hashtag_and_a_list(
    ann: Mastodon, ben: Mastodon, followed: None
) -> None:
    made = ben.list_create("near")
    ben.list_accounts_add(made, [ann.me()])
    with (
        listening(ben.stream_public) as public,
        listening(ben.stream_hashtag, "Estuary") as tag,
        listening(ben.stream_list, made) as near,
    ):
        post = ann.status_post("Low water #estuary")
        for ear in (public, tag, near):
            until(lambda ear=ear: ear.of("update"), lambda ids: str(post.id) in ids)
    ben.list_delete(made)


def test_one_socket_hears_many_streams(
    product: Product, ann: Mastodon, ben: Mastodon, followed: None
) -> None:
    with closing(WebSocket(product.up.streaming_port, protocol=str(ben.access_token))) as socket:
        assert socket.headers["sec-websocket-protocol"] == ben.access_token
        socket.subscribe("user")
        socket.subscribe("hashtag", tag="estuary")
        post = ann.status_post("High water #estuary")
        first, second = heard(socket, "update"), heard(socket, "update")
        assert {tuple(each["stream"]) for each in (first, second)} == {("user",), ("hashtag", "estuary")}
        assert [json.loads(each["payload"])["id"] for each in (first, second)] == [str(post.id)] * 2
        assert "id" not in first, "who comes back after the first of two hears both again"
        assert second["id"]

        socket.say({"type": "unsubscribe", "stream": "user"})
        socket.settle()
        ann.status_post("Nobody listens")
        tagged = ann.status_post("#estuary again")
        assert json.loads(heard(socket, "update")["payload"])["id"] == str(tagged.id)


def test_bad_words_are_refused_with_a_sentence(product: Product, ann: Mastodon, ben: Mastodon) -> None:
    hers = str(ann.list_create("not his").id)
    with closing(socket_of(product, ben)) as socket:
        for said, status in (
            ("no json", 422),
            ({"type": "subscribe"}, 422),
            ({"type": "subscribe", "stream": "moon"}, 422),
            ({"type": "subscribe", "stream": "hashtag"}, 422),
            ({"type": "subscribe", "stream": "list", "list": "x"}, 422),
            ({"type": "subscribe", "stream": "list", "list": hers}, 401),
            ("x" * 5_000, 422),
        ):
            socket.say(said)
            refusal = socket.message()
            assert refusal["status"] == status, said
            assert refusal["error"]
    lists = f"http://127.0.0.1:{product.up.streaming_port}/api/v1/streaming/list?list={hers}"
    refused = requests.get(lists, headers={"Authorization": f"Bearer {ben.access_token}"}, timeout=10)
    assert (refused.status_code, refused.json()) == (401, {"error": "Not authorized to stream this list"})
    ann.list_delete(hers)
    with closing(WebSocket(product.up.streaming_port)) as nobody:
        nobody.say({"type": "subscribe", "stream": "user"})
        assert nobody.message()["status"] == 401


def test_who_may_not_listen_is_told_so_before_anything_opens(product: Product, ben: Mastodon) -> None:
    port = product.up.streaming_port
    with pytest.raises(Refused) as refused:
        WebSocket(port, token="nonsense")
    assert refused.value.status == 401
    base = f"http://127.0.0.1:{port}/api/v1/streaming"
    assert requests.get(f"{base}/health", timeout=10).text == "OK"
    assert requests.get(f"{base}/user", timeout=10).status_code == 401
    assert requests.get(f"{base}/moon", timeout=10).status_code == 404
    assert requests.get(f"{base}/hashtag", timeout=10).status_code == 422
    told = requests.get(base, timeout=10)
    assert told.status_code == 426
    assert told.json()["limits"]["resume_seconds"] == 300
    urls = requests.get(f"{product.address}/api/v2/instance", timeout=10).json()["configuration"]["urls"]
    assert urls["streaming"] == f"ws://127.0.0.1:{port}"


# Mastodon.py leaves the connection open over which it revoked its token.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_revoked_token_hears_nothing_more(product: Product, ann: Mastodon, followed: None) -> None:
    phone = product.sign_in("ben")
    with closing(phone.session), closing(socket_of(product, phone)) as socket:
        socket.subscribe("user")
        phone.revoke_access_token(allow_http=True)
        ann.status_post("For those who are still here")
        with pytest.raises(Closed) as closed:
            heard(socket, "update")
        assert closed.value.code == 4401


def test_a_block_cuts_at_once(product: Product, ann: Mastodon, ben: Mastodon, cleo: Mastodon) -> None:
    with closing(socket_of(product, cleo)) as socket:
        socket.subscribe("public")
        ann.account_block(cleo.me())
        ann.status_post("Not for cleo")
        shown = ben.status_post("For all")
        assert json.loads(heard(socket, "update")["payload"])["id"] == str(shown.id)
        ann.account_unblock(cleo.me())


def test_nothing_is_lost_when_the_streaming_process_is_killed(
    product: Product, ann: Mastodon, ben: Mastodon, followed: None
) -> None:
    with closing(socket_of(product, ben, "?stream=user")) as socket:
        socket.settle()
        first = ann.status_post("Before")
        last_id = heard(socket, "update")["id"]
        for pid in streaming_processes(product):
            os.kill(pid, signal.SIGKILL)
        with pytest.raises((Closed, OSError)):
            socket.message()
    missed = [ann.status_post(f"Meanwhile {number}") for number in range(3)]
    until(
        lambda: product.up.get(product.up.streaming_port, "/health"), lambda status: status == 200, seconds=60
    )
    with closing(back(product, ben, f"?stream=user&last_event_id={last_id}")) as socket:
        got = [json.loads(heard(socket, "update")["payload"])["id"] for _ in missed]
        after = ann.status_post("After")
        got.append(json.loads(heard(socket, "update")["payload"])["id"])
    assert got == [str(post.id) for post in (*missed, after)]
    assert str(first.id) not in got

    base = f"http://127.0.0.1:{product.up.streaming_port}/api/v1/streaming/user"
    headers = {"Authorization": f"Bearer {ben.access_token}", "Last-Event-ID": last_id}
    with requests.get(base, headers=headers, stream=True, timeout=PATIENCE) as answer:
        lines = answer.iter_lines()
        found = []
        while len(found) < 4:
            line = next(lines)
            if line.startswith(b"data: "):
                found.append(json.loads(line[6:])["id"])
    assert found == got


def test_who_was_away_for_too_long_is_told_to_read(product: Product, ben: Mastodon) -> None:
    with closing(socket_of(product, ben, "?stream=user&last_event_id=1-0")) as socket:
        assert heard(socket, "missed")["stream"] == []


def streaming_processes(product: Product) -> list[int]:
    """The streaming process and what it started, as the banner and the process table tell."""
    from upscrolled.dev.guard import members

    return list(members(product.up.pids["streaming"]))
