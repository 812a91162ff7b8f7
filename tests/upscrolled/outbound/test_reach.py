"""Whatever address somebody posts, nothing but the public internet is asked: not by a name, nor by a redirect."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.websites import Website, website
from upscrolled.outbound.fetch import Answer, Failed, Limits, fetch
from upscrolled.outbound.reach import Reach

# Each would be a door to the machine itself, to its neighbours, or to the cloud it runs in.
INWARD = [
    "http://127.0.0.1/",
    "http://127.0.0.1./",
    "http://127.1/",
    "http://127.0.0.1#@news.example/",
    "http://127.0.0.1?@news.example/",
    "http://127.255.255.254/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0/",
    "http://0.0.0.0/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://localhost/",
    "http://localhost./",
    "http://LOCALHOST/",
    "http://app.localhost/",
    "http://redis:80/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://1.0.0.127.in-addr.arpa/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://168.63.129.16/machine?comp=goalstate",
    "http://100.100.100.200/latest/",
    "http://192.0.0.192/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25lo]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
]
TRICKS = [
    "http://news.example@127.0.0.1/",
    "http://user:word@news.example/",
    "http://127.0.0.1\\@news.example/",
    "http://news.example\\@127.0.0.1/",
    "http://news.example:22/",
    "http://news.example:0/",
    "http://news.example:99999/",
    "http://news.example:80:80/",
    "ftp://news.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "data:text/html,<title>x</title>",
    "//news.example/",
    "http:news.example/",
    "http:///etc/passwd",
    "http://",
    "http://[::1/",
    "http://news.example%2f@127.0.0.1/",
    "http://news\u0000.example/",
    "http://news.example/\r\nHost: other",
    "http://%31%32%37.0.0.1/",
    "",
]
PAGE, SHORT = "<title>News</title>", Limits(size=10_000, seconds=5)


@pytest.fixture
def site():
    with website() as server:
        server.says("/", PAGE)
        yield server


def get(url: str, reach: Reach, **more: Any) -> Answer:
    return fetch(url, agent="Test", accept="text/html", limits=SHORT, reach=reach, **more)


def only_numbers(host: str, port: int, *more: Any) -> list[Any]:
    """The system's reading of what looks like a name; it would ask somebody only for a real one."""
    return socket.getaddrinfo(host, port, *more)


@pytest.mark.parametrize("url", INWARD)
def test_what_lies_inside_is_refused(url: str) -> None:
    with pytest.raises(Failed, match=r"^refused:"):
        get(url, Reach(resolver=only_numbers))


@pytest.mark.parametrize("url", TRICKS)
def test_tricks_with_addresses_are_refused(site: Website, url: str) -> None:
    with pytest.raises(Failed, match=r"^refused:"):
        get(url, site.reach)
    assert site.asked == []


def test_the_same_ways_lead_to_a_server_that_may_be_asked(site: Website) -> None:
    """The control: it is the judgement that refuses, not the way."""
    assert get("http://news.example/", site.reach).content == PAGE.encode()
    assert get("http://127.0.0.1:80/", site.reach).content == PAGE.encode()


@pytest.mark.parametrize("inward", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1"])
def test_a_name_that_points_inside_is_refused(inward: str) -> None:
    with pytest.raises(Failed, match=r"^refused:"):
        get("http://news.example/", Reach(resolver=pointing_to(inward)))


def test_a_name_that_points_both_ways_is_refused() -> None:
    with pytest.raises(Failed, match=r"^refused:"):
        get("http://news.example/", Reach(resolver=pointing_to("93.184.216.34", "127.0.0.1")))


def test_a_name_is_looked_up_once_and_its_judged_address_is_the_one_connected_to(site: Website) -> None:
    """Rebinding: the second answer would be another's."""
    lookups = []

    def changing(host: str, port: int, *more: Any) -> list[Any]:
        lookups.append(host)
        return site.resolve(host, port) if len(lookups) == 1 else pointing_to("10.0.0.1")(host, port)

    answer = get("http://news.example/", Reach(allowed=("127.0.0.1/32",), resolver=changing))

    assert (answer.content, lookups) == (PAGE.encode(), ["news.example"])


def test_a_redirect_to_a_name_that_has_changed_its_mind_is_refused(site: Website) -> None:
    site.answers("/moved", 302, Location="http://news.example/")
    lookups = []

    def changing(host: str, port: int, *more: Any) -> list[Any]:
        lookups.append(host)
        return site.resolve(host, port) if len(lookups) == 1 else pointing_to("10.0.0.1")(host, port)

    with pytest.raises(Failed, match=r"^refused:"):
        get("http://news.example/moved", Reach(allowed=("127.0.0.1/32",), resolver=changing))
    assert len(lookups) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "url", ["http://127.0.0.2/", "http://[::1]/", "http://169.254.169.254/", "//10.0.0.1/"]
)
def test_a_redirect_inside_is_refused(site: Website, url: str, status: int) -> None:
    site.answers("/out", status, Location=url)

    with pytest.raises(Failed, match=r"^refused:"):
        get("http://news.example/out", site.reach)
    assert len(site.asked) == 1


def test_a_redirect_out_of_a_public_site_into_loopback_is_refused(site: Website) -> None:
    """The first hop is let through to the test's server, loopback itself is not: as in production."""
    site.answers("/out", 302, Location=f"http://127.0.0.1:{site.port}/")
    first = Reach(ports=frozenset({80, site.port}), allowed=("127.0.0.1/32",), resolver=site.resolve)
    assert get("http://news.example/out", first).content == PAGE.encode()

    with pytest.raises(Failed, match=r"127\.0\.0\.0/8 is Loopback"):
        get(f"http://127.0.0.1:{site.port}/", Reach(ports=frozenset({80, site.port}), resolver=site.resolve))


@pytest.mark.parametrize(
    "where", ["file:///etc/passwd", "gopher://news.example/", "javascript:alert(1)", "http://["]
)
def test_a_redirect_to_what_is_no_page_is_refused(site: Website, where: str) -> None:
    site.answers("/out", 302, Location=where)

    with pytest.raises(Failed, match=r"^refused:|no address"):
        get("http://news.example/out", site.reach)


def test_whom_the_caller_refuses_nobody_asks_on_no_hop(site: Website) -> None:
    site.answers("/out", 302, Location="http://ours.example./")

    with pytest.raises(Failed, match=r"ours\.example\. is not asked"):
        get("http://news.example/out", site.reach, refuses=lambda host: host == "ours.example")
    assert len(site.asked) == 1


def test_a_name_of_other_letters_is_asked_as_dns_has_it(site: Website) -> None:
    answer = get("http://مثال.إختبار/", site.reach)

    assert answer.hosts == ("xn--mgbh0fb.xn--kgbechtv",)
    assert "Host: xn--mgbh0fb.xn--kgbechtv\r\n" in site.asked[0]


def test_an_address_of_other_letters_is_escaped_once(site: Website) -> None:
    site.says("/%D8%A3%20b?q=%D8%A8&x=%20", PAGE)

    assert get("http://news.example/أ%20b?q=ب&x=%20#c", site.reach).content == PAGE.encode()


def pointing_to(*addresses: str) -> Any:
    def resolve(host: str, port: int, *_: Any) -> list[Any]:
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [
            (
                families[":" in each],
                socket.SOCK_STREAM,
                6,
                "",
                (each, port, 0, 0) if ":" in each else (each, port),
            )
            for each in addresses
        ]

    return resolve
