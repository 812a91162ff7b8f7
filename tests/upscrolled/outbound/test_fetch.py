"""Servers that are slow, endless, packed or lying cost no more than the limits say."""

from __future__ import annotations

import gzip
import os
import threading
import tracemalloc
from typing import Any

import pytest

from tests.waiting import PATIENCE
from tests.websites import Website, website
from upscrolled.outbound.fetch import Answer, Failed, Limits, fetch
from upscrolled.outbound.reach import Reach

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
PAGE = "<title>News</title>"


@pytest.fixture
def site():
    with website() as server:
        yield server


def get(
    site: Website, path: str, *, size: int = 100_000, seconds: float = PATIENCE, cut: bool = True, **more: Any
) -> Answer:
    limits = Limits(size=size, seconds=seconds, cut=cut)
    return fetch(
        f"http://news.example{path}", agent="Test", accept="*/*", limits=limits, reach=site.reach, **more
    )


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"", b"H"),
        (HEAD, b"X-More: yes\r\n"),
        (HEAD + b"\r\n", b"<"),
        (HEAD + b"Content-Length: 50000\r\n\r\n", b"<"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n<\r\n"),
    ],
)
def test_a_server_that_drips_is_left_when_the_time_is_over(site: Website, head: bytes, piece: bytes) -> None:
    site.drips("/", head, piece, every=0.05)

    with pytest.raises(Failed, match=r"within 0\.6 seconds"):
        get(site, "/", seconds=0.6)


def test_all_hops_together_have_one_time(site: Website) -> None:
    """Each of them would be in time by itself, which does not depend on how fast a machine is."""
    for hop in range(4):
        head = f"HTTP/1.1 302 So\r\nContent-Length: 0\r\nLocation: /{hop + 1}\r\n\r\n"
        site.takes_its_time(f"/{hop}", head.encode(), seconds=0.5)
    site.says("/4", PAGE)

    with pytest.raises(Failed, match=r"within|no connection|not resolved") as failed:
        get(site, "/0", seconds=1.2)
    assert failed.value.again


def test_who_answers_and_then_drips_is_not_silent(site: Website) -> None:
    site.drips("/slow", HEAD + b"\r\n", b"<", every=0.05)
    site.answers("/", 302, Location="/slow")

    with pytest.raises(Failed, match="within") as failed:
        get(site, "/", seconds=1.5)
    assert (failed.value.again, failed.value.silent) == (True, False)


def test_a_name_that_nobody_resolves_in_time_is_given_up(site: Website) -> None:
    over, resolved = threading.Event(), []

    def resolver(*_: Any) -> list[Any]:
        over.wait(PATIENCE)
        resolved.append("at last")
        return []

    with pytest.raises(Failed, match="not resolved") as failed:
        fetch(
            "http://slow.example/",
            agent="",
            accept="",
            limits=Limits(1_000, 0.3),
            reach=Reach(resolver=resolver),
        )
    assert (failed.value.silent, resolved) == (True, [])
    over.set()


def test_nobody_at_home_is_a_silent_site(site: Website) -> None:
    site.close()

    with pytest.raises(Failed) as failed:
        get(site, "/")
    assert (failed.value.again, failed.value.silent) == (True, True)
    site.__init__()


def test_of_an_endless_page_the_beginning_is_read(site: Website) -> None:
    site.drips("/", HEAD + b"\r\n" + PAGE.encode(), b" " * 60_000, every=0)

    content = get(site, "/").content

    assert (len(content), content[: len(PAGE)]) == (100_000, PAGE.encode())


def test_of_an_endless_picture_nothing_is_taken(site: Website) -> None:
    site.drips("/", HEAD + b"\r\n", b" " * 60_000, every=0)

    with pytest.raises(Failed, match="has more than 100000 bytes"):
        get(site, "/", cut=False)


def test_a_picture_that_says_it_is_too_large_is_not_even_read(site: Website) -> None:
    site.drips("/", HEAD + b"Content-Length: 100001\r\n\r\n", b"", every=1)

    with pytest.raises(Failed, match="has 100001 bytes; at most 100000"):
        get(site, "/", cut=False)


def test_a_packed_bomb_is_unpacked_no_further_than_is_wanted(site: Website) -> None:
    bomb = gzip.compress(PAGE.encode() + b" " * 300_000_000, 9)
    site.says("/", bomb, Content_Encoding="gzip")
    tracemalloc.start()

    content = get(site, "/").content

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(content), content[: len(PAGE)]) == (100_000, PAGE.encode())
    assert peak < 8_000_000


def test_what_is_packed_is_unpacked_and_what_follows_its_end_is_not_read(site: Website) -> None:
    packed = gzip.compress(PAGE.encode())
    head = HEAD + b"Content-Encoding: gzip\r\n\r\n"
    site.drips("/", head + packed, os.urandom(60_000), every=0)

    assert get(site, "/").content == PAGE.encode()


@pytest.mark.parametrize("packing", ["br", "deflate", "gzip, gzip", "zstd"])
def test_a_packing_that_was_not_asked_for_is_refused(site: Website, packing: str) -> None:
    site.says("/", PAGE, Content_Encoding=packing)

    with pytest.raises(Failed, match="was not asked for"):
        get(site, "/")


def test_damaged_packing_is_a_broken_answer(site: Website) -> None:
    site.says("/", b"no gzip at all", Content_Encoding="gzip")

    with pytest.raises(Failed, match="broken answer"):
        get(site, "/")


def test_fewer_bytes_than_were_promised_are_a_broken_answer(site: Website) -> None:
    site.paths["/"] = lambda peer: peer.sendall(HEAD + b"Content-Length: 500\r\n\r\n" + PAGE.encode())

    with pytest.raises(Failed, match="broken answer") as failed:
        get(site, "/")
    assert failed.value.again


def test_more_bytes_than_were_promised_are_not_read(site: Website) -> None:
    site.paths["/"] = lambda peer: peer.sendall(HEAD + b"Content-Length: 7\r\n\r\n" + PAGE.encode())

    assert get(site, "/").content == b"<title>"


@pytest.mark.parametrize(
    "head", [b"\x16\x03\x01\x02\x00", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"]
)
def test_what_speaks_no_http_is_a_broken_answer(site: Website, head: bytes) -> None:
    site.paths["/"] = lambda peer: peer.sendall(head)

    with pytest.raises(Failed, match="broken answer"):
        get(site, "/")


def test_a_huge_head_is_a_broken_answer(site: Website) -> None:
    site.drips("/", HEAD, b"X-More: " + b"x" * 60_000 + b"\r\n", every=0)

    with pytest.raises(Failed, match="broken answer"):
        get(site, "/")


def test_redirects_are_followed_four_times_and_no_further(site: Website) -> None:
    site.says("/0", PAGE)
    for number in range(1, 6):
        site.answers(f"/{number}", 302, Location=f"/{number - 1}")

    assert get(site, "/4").url == "http://news.example/0"
    with pytest.raises(Failed, match="more than 4 redirects"):
        get(site, "/5")


def test_a_ring_of_redirects_ends(site: Website) -> None:
    site.answers("/", 301, Location="/")

    with pytest.raises(Failed, match="more than 4 redirects"):
        get(site, "/")
    assert len(site.asked) == 5


@pytest.mark.parametrize(
    ("status", "again"), [(404, False), (410, False), (403, False), (429, True), (500, True), (503, True)]
)
def test_a_refusal_says_whether_asking_later_may_help(site: Website, status: int, again: bool) -> None:
    site.answers("/", status)

    with pytest.raises(Failed, match=f"answered {status}") as failed:
        get(site, "/")
    assert (failed.value.again, failed.value.silent) == (again, False)


@pytest.mark.parametrize("kind", ["application/pdf", "text/plain", "image/svg+xml", "video/mp4", ""])
def test_only_the_wanted_types_are_read(site: Website, kind: str) -> None:
    site.says("/", PAGE, kind=kind)

    with pytest.raises(Failed, match="not text/html"):
        get(site, "/", types=("text/html",))


def test_nothing_is_said_but_who_asks(site: Website, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cookie that was set before, no credentials, and no proxy that the environment names."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.says("/", PAGE)
    site.answers("/first", 302, Location="/", **{"Set-Cookie": "a=b"})

    get(site, "/first")

    assert site.asked[1].split("\r\n") == [
        "GET / HTTP/1.1",
        "Host: news.example",
        "User-Agent: Test",
        "Accept: */*",
        "Accept-Encoding: gzip",
        "Connection: close",
        "",
        "",
    ]
