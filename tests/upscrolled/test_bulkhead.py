"""Few threads work, many wait: who is slow to send or to read keeps nobody else from being answered."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connection, connections
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client

from tests.waiting import PATIENCE, until
from upscrolled.bulkhead import AT_ONCE, CROWDED, CUT_OFF, RESUMABLE, SPARE, THREADS, Bulkhead

MANY = 12
T = TypeVar("T")


class Slow:
    """A body of which nothing comes until it is let go."""

    def __init__(self, body: bytes) -> None:
        self._body, self.arrives, self.asked = body, threading.Event(), threading.Event()

    def read(self, size: int = -1) -> bytes:
        self.asked.set()
        assert self.arrives.wait(PATIENCE)
        return self._body if size < 0 else self._body[:size]


def request(path: str = "/", body: Any = None, length: int | None = None) -> dict[str, Any]:
    environ = {"REQUEST_METHOD": "POST" if body else "GET", "PATH_INFO": path, "wsgi.input": io.BytesIO()}
    if body is not None:
        environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(length)}
    return environ


def say(environ: dict[str, Any], _start: Any) -> Any:
    """An application that tells what it was given."""
    if environ.get(CROWDED):
        return HttpResponse("crowded")
    return HttpResponse(environ["wsgi.input"].read())


def served(work: Callable[[], T]) -> T:
    """Do it in a thread of its own, as the server does: its connections to the database are closed behind it."""
    with ThreadPoolExecutor(1) as server:
        return server.submit(work).result(2 * PATIENCE)


def ask(door: Bulkhead, environ: dict[str, Any]) -> bytes:
    return served(lambda: b"".join(door(environ, lambda *_: None)))


@pytest.fixture
def pool() -> Iterable[ThreadPoolExecutor]:
    with ThreadPoolExecutor(40) as threads:
        yield threads


# --- who is slow to send ------------------------------------------------------------------------------


def test_a_body_that_does_not_come_takes_nobodys_time(pool: ThreadPoolExecutor) -> None:
    door = Bulkhead(say, workers=1, flows=1)
    slow = [Slow(b"late") for _ in range(MANY)]
    waiting = [pool.submit(ask, door, request(body=body, length=4)) for body in slow]
    for body in slow:
        assert body.asked.wait(PATIENCE)

    assert pool.submit(ask, door, request()).result(PATIENCE) == b""

    for body in slow:
        body.arrives.set()
    assert {each.result(PATIENCE) for each in waiting} == {b"late"}


def test_where_too_many_are_slow_the_next_is_told_and_who_sends_nothing_is_answered(
    pool: ThreadPoolExecutor,
) -> None:
    door = Bulkhead(say, workers=1, flows=THREADS - SPARE - 1)
    slow = Slow(b"late")
    waiting = pool.submit(ask, door, request(body=slow, length=4))
    assert slow.asked.wait(PATIENCE)

    assert ask(door, request(body=Slow(b"never"), length=5)) == b"crowded"
    assert ask(door, request()) == b""

    slow.arrives.set()
    assert waiting.result(PATIENCE) == b"late"
    assert ask(door, request(body=io.BytesIO(b"next"), length=4)) == b"next"


def test_what_is_large_flows_beside_and_there_is_a_limit_to_that_too(
    pool: ThreadPoolExecutor,
) -> None:
    door = Bulkhead(say, workers=1, flows=1)
    large = Slow(b"video")
    waiting = pool.submit(ask, door, request(body=large, length=AT_ONCE + 1))
    assert large.asked.wait(PATIENCE)

    assert ask(door, request(body=io.BytesIO(b"form"), length=4)) == b"form"
    assert ask(door, request(body=Slow(b"another"), length=AT_ONCE + 1)) == b"crowded"

    large.arrives.set()
    assert waiting.result(PATIENCE) == b"video"
    assert ask(door, request(body=io.BytesIO(b"next"), length=AT_ONCE + 1)) == b"next"


def test_a_body_that_ends_too_early_is_known_as_such() -> None:
    environ = request(body=io.BytesIO(b"status=I am cut o"), length=40)

    ask(Bulkhead(say, workers=1, flows=1), environ)

    assert environ[CUT_OFF] == 17


def test_a_piece_of_a_resumable_upload_is_passed_on_as_it_comes() -> None:
    environ = request(body=io.BytesIO(b"as much as cam"), length=40) | {"CONTENT_TYPE": RESUMABLE}

    assert ask(Bulkhead(say, workers=1, flows=1), environ) == b"as much as cam"
    assert CUT_OFF not in environ


# --- who is slow to read ------------------------------------------------------------------------------


def stream(environ: dict[str, Any], _start: Any) -> Any:
    """An application with films and small pictures, which says their length only of these."""
    if environ["PATH_INFO"] == "/film" and CROWDED not in environ:
        return StreamingHttpResponse([b"a", b"b"])
    if environ["PATH_INFO"] == "/face":
        return StreamingHttpResponse([b"f", b"g"], headers={"Content-Length": "2"})
    return say(environ, _start)


def test_a_long_answer_keeps_no_worker_and_makes_room_when_it_is_left() -> None:
    door = Bulkhead(stream, workers=1, flows=1)

    def begin() -> Any:
        return door(request("/film"), lambda *_: None)

    film = served(begin)
    assert next(film) == b"a"

    assert ask(door, request()) == b""
    assert ask(door, request("/face")) == b"fg", "what is small needs no room"
    assert ask(door, request("/film")) == b"crowded"

    served(film.close)
    served(film.close)
    again = served(begin)
    assert list(again) == [b"a", b"b"]
    del again
    assert ask(door, request("/film")) == b"ab", "also when nobody has closed it"


# --- who works --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
def test_no_more_are_worked_on_at_once_than_there_are_workers_and_who_came_first_is_first(
    number: int, pool: ThreadPoolExecutor
) -> None:
    served, at_once, most, lock, go_on = [], 0, 0, threading.Lock(), threading.Event()

    def work(environ: dict[str, Any], _start: Any) -> HttpResponse:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
            served.append(int(environ["PATH_INFO"]))
        assert go_on.wait(PATIENCE)
        with lock:
            at_once -= 1
        return HttpResponse()

    door = Bulkhead(work, workers=number, flows=1)
    running = []
    for who in range(MANY):
        running.append(pool.submit(ask, door, request(str(who))))
        until(lambda: len(served) + door._workers._work_queue.qsize() > who)  # noqa: B023  # read before the next
    assert sorted(served) == list(range(number))
    go_on.set()
    for each in running:
        each.result(PATIENCE)

    assert most == number
    assert number > 1 or served == list(range(MANY))


def test_a_worker_is_free_again_after_an_error() -> None:
    def fail(_environ: dict[str, Any], _start: Any) -> Any:
        raise ZeroDivisionError

    door = Bulkhead(fail, workers=1, flows=1)
    for length in (None, AT_ONCE + 1):
        for _ in range(3):
            body = None if length is None else io.BytesIO(b"x")
            with pytest.raises(ZeroDivisionError):
                ask(door, request(body=body, length=length))


@pytest.mark.django_db(transaction=True)
def test_connections_to_the_database_belong_to_those_who_work(pool: ThreadPoolExecutor) -> None:
    both = threading.Barrier(2, timeout=PATIENCE)

    def tell(environ: dict[str, Any], _start: Any) -> HttpResponse:
        if environ["PATH_INFO"] == "/close":
            both.wait()
            connections.close_all()
            return HttpResponse()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return HttpResponse(str(cursor.fetchone()[0]))

    def come(environ: dict[str, Any]) -> tuple[bytes, int]:
        said = b"".join(door(environ, lambda *_: None))
        return said, sum(one.connection is not None for one in connections.all(initialized_only=True))

    door = Bulkhead(tell, workers=2, flows=MANY)
    try:
        told = list(pool.map(come, [request() for _ in range(4 * MANY)]))
        large = [request(body=io.BytesIO(b"x"), length=AT_ONCE + 1) for _ in range(MANY)]
        beside = list(pool.map(come, large))
    finally:
        list(pool.map(come, [request("/close")] * 2))

    assert len({who for who, _open in told}) <= 2
    assert {left for _who, left in told + beside} == {0}


# --- the server -----------------------------------------------------------------------------------------


def test_the_compose_file_gives_the_server_as_many_threads_as_are_counted_on() -> None:
    given = re.findall(r'"--blocking-threads", "(\d+)"', Path("docker-compose.yml").read_text())

    assert given == [str(THREADS)] * 2


@pytest.mark.parametrize(
    ("config", "doubts"), [([], True), (["--log-config", "upscrolled/data/granian.json"], False)]
)
def test_the_servers_doubt_about_that_is_not_in_its_log(config: list[str], doubts: bool) -> None:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", "0", *config]
    command += ["--blocking-threads", "999", "no_such_module:application"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert ("Python threads" in done.stdout) is doubts, done.stdout + done.stderr
    assert "Starting granian" in done.stdout


# --- how people are told ------------------------------------------------------------------------------


def test_who_finds_no_room_is_told_when_to_come_again(client: Client) -> None:
    answer = client.post("/api/v1/statuses", {"status": "Hello"}, **{CROWDED: True})

    assert answer.status_code == 503
    assert 1 <= int(answer["Retry-After"]) <= 30
    assert "Try again in" in answer.json()["error"]
    assert client.get("/about", **{CROWDED: True}).status_code == 503


def test_a_form_that_was_cut_off_is_not_taken_for_a_whole_one(client: Client) -> None:
    answer = client.post(
        "/api/v1/statuses",
        "status=I am cut o",
        content_type="application/x-www-form-urlencoded",
        **{CUT_OFF: 17},
        CONTENT_LENGTH="40",
    )

    assert answer.status_code == 400
    assert answer.json() == {"error": "The body ended after 17 of the 40 bytes that were announced."}
