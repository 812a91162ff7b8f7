"""What is refused when more is asked than can be answered: the rule, the measure, and what is said."""

from __future__ import annotations

import http.client
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.test import Client, RequestFactory

from tests.contract.surface import ROUTES
from tests.waiting import PATIENCE, until
from upscrolled import canary, shedding
from upscrolled.middleware import ADDRESSES, importance_of
from upscrolled.shedding import Controller, Gauge, Importance, share

MANUAL = Path(__file__).parents[2] / "docs" / "operations.md"


def listen(
    controller: Controller, waits: list[float], *, start: float = 0.0, every: float = 0.125
) -> list[float]:
    """The level after each wait, heard one after the other."""
    levels = []
    for number, wait in enumerate(waits):
        controller.hear(wait, now=start + number * every)
        levels.append(controller.level)
    return levels


# --- the controller -----------------------------------------------------------------------------------


def test_a_site_that_keeps_up_refuses_nothing() -> None:
    assert set(listen(Controller(100), [2, 8, 90, 99] * 50)) == {0.0}


def test_a_burst_that_leaves_within_half_a_second_is_no_overload() -> None:
    assert set(listen(Controller(100), [3_000, 2_000, 900, 20] * 20)) == {0.0}


def test_a_queue_that_stays_raises_the_level_and_a_longer_one_raises_it_sooner() -> None:
    short, long = (listen(Controller(100), [wait] * 40) for wait in (150.0, 1_500.0))

    assert 0 < short[20] < long[20]
    assert long == sorted(long)
    assert long[32] > 2.5, "four seconds"


def test_the_most_important_are_never_refused_altogether() -> None:
    highest = listen(Controller(100), [60_000.0] * 400)[-1]

    assert share(Importance.WRITING, highest) == 1.0
    assert share(Importance.CORE, highest) == pytest.approx(0.9)
    assert share(Importance.ALWAYS, highest) == 0.0


def test_when_the_wave_is_over_the_level_falls_slowly_to_nothing() -> None:
    controller = Controller(100)
    top = listen(controller, [2_000.0] * 80)[-1]

    levels = listen(controller, [1.0] * 200, start=10.0)

    assert levels[8] > top - 1.0, "not at once: those who were refused come back now"
    assert levels == sorted(levels, reverse=True)
    assert levels[8 * 22] == 0.0


def test_the_level_settles_where_the_wait_is_near_the_target() -> None:
    """A model of a site: what is admitted beyond its capacity waits, refusing costs a sixteenth."""
    controller, waiting, seen = Controller(100), 0.0, []
    for tick in range(2_400):
        admitted = sum(0.25 * (1 - share(Importance(n), controller.level)) for n in range(1, 5)) * 900
        waiting = max(waiting + (admitted + (900 - admitted) / 16 - 300) * 0.05, 0.0)
        if tick % 2 == 0:
            controller.hear(waiting / 300 * 1_000, now=tick * 0.05)
        seen.append(waiting / 300 * 1_000)

    late = sorted(seen[1_200:])
    assert 20 < late[len(late) // 2] < 250
    assert late[-1] < 600


def test_what_was_heard_long_ago_says_nothing_about_now() -> None:
    now = [0.0]
    gauge = Gauge(clock=lambda: now[0])
    for _ in range(40):
        gauge.hear(5_000)
        now[0] += 0.25
    assert gauge.level > 2

    now[0] += shedding.STALE + 1

    assert gauge.level == 0.0


def test_shedding_can_be_switched_off(settings: Any) -> None:
    settings.SHED_TARGET_MS = 0
    now = [0.0]
    gauge = Gauge(clock=lambda: now[0])
    for _ in range(40):
        gauge.hear(60_000)
        now[0] += 0.25

    assert gauge.level == 0.0


@pytest.mark.parametrize(
    ("level", "refused"),
    [
        (0, (0, 0, 0, 0)),
        (0.5, (0.5, 0, 0, 0)),
        (1.5, (1, 0.5, 0, 0)),
        (3, (1, 1, 1, 0)),
        (3.5, (1, 1, 1, 0.5)),
    ],
)
def test_one_class_goes_after_the_other(level: float, refused: tuple[float, ...]) -> None:
    assert tuple(share(Importance(number), level) for number in range(1, 5)) == refused


# --- the measure --------------------------------------------------------------------------------------


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@dataclass
class Door:
    """A web server that answers one after the other, and what its process has heard."""

    port: int
    heard: Gauge
    inside: threading.Event  # somebody is being answered
    go_on: threading.Event  # and waits for this


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Door]:
    heard = Gauge()
    monkeypatch.setattr(canary, "gauge", heard)

    def slow(environ: Any, start_response: Any) -> list[bytes]:
        inside.set()
        assert go_on.wait(PATIENCE)
        start_response("200 OK", [])
        return [b""]

    inside, go_on = threading.Event(), threading.Event()
    application = canary.Canary(slow)
    application._process = -1  # the test sends the probes itself
    server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Door(server.server_port, heard, inside, go_on)
    go_on.set()
    server.shutdown()
    server.server_close()


def test_a_probe_learns_how_long_it_waited_behind_others(door: Door) -> None:
    waits: list[float] = []
    door.heard.hear = waits.append

    begun = time.monotonic()
    with canary.send("127.0.0.1", door.port) as probe:
        assert probe.recv(64).startswith(b"HTTP/1.0 204")
    alone = time.monotonic() - begun

    ahead = threading.Thread(target=ask, args=(door.port, "/slow"))
    ahead.start()
    assert door.inside.wait(PATIENCE)
    begun = time.monotonic()
    with canary.send("127.0.0.1", door.port) as probe:
        sent = time.monotonic()
        time.sleep(0.2)
        behind = time.monotonic() - sent
        door.go_on.set()
        probe.settimeout(PATIENCE)
        assert probe.recv(64).startswith(b"HTTP/1.0 204")
    ahead.join()

    assert waits[0] <= alone * 1_000
    assert behind * 1_000 <= waits[1] <= (time.monotonic() - begun) * 1_000


def test_probes_that_are_not_back_raise_the_level_before_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Gauge()
    monkeypatch.setattr(canary, "gauge", heard)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        flock = canary.Flock("127.0.0.1", deaf.getsockname()[1])
        try:
            until(
                lambda: time.sleep(flock.fly()) or (heard.level > 0.3 and heard.controller.standing_ms > 300)
            )
        finally:
            flock.close()


def test_a_wrong_port_sheds_nothing_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # nobody else can listen there meanwhile
        port = deaf.getsockname()[1]
        flock = canary.Flock("127.0.0.1", port)

        pauses = [flock.fly() for _ in range(3)]

    assert pauses == [canary.AT_LEISURE] * 3
    assert [f":{port} (HOST, PORT) does not answer" in record.message for record in caplog.records] == [True]


def ask(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", path)
    connection.getresponse().read()
    connection.close()


@pytest.mark.parametrize(
    "text", ["", "1", "x:1", ":", "é:1", "nonsense" * 9, "{secret}:", "{secret}:nan", "{secret}:1e99"]
)
def test_nobody_else_can_make_us_believe_that_requests_wait(text: str) -> None:
    assert canary.waited_ms(text.replace("{secret}", canary._secret()), time.monotonic()) is None


def test_a_probe_is_believed_by_its_secret_alone() -> None:
    mine = canary.stamp(100.0)

    assert canary.waited_ms(mine, 100.5) == pytest.approx(500)
    assert canary.waited_ms("0" + mine[1:] if mine[0] != "0" else "1" + mine[1:], 100.5) is None


# --- what is said -------------------------------------------------------------------------------------


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call it with a level: from then on the site is as busy as that."""

    def at(level: float) -> Gauge:
        gauge = Gauge(clock=lambda: 0.0)
        gauge.controller.hear(0, now=0.0)
        gauge.controller.level = level
        monkeypatch.setattr(shedding, "gauge", gauge)
        return gauge

    return at


def test_an_app_is_told_in_its_shape_when_to_come_again(busy: Any) -> None:
    gauge = busy(1.0)

    answer = Client(headers={"origin": "https://elk.example"}).get("/api/v1/trends/statuses")

    assert answer.status_code == 503
    assert 10 <= int(answer["Retry-After"]) <= 30
    assert set(answer.json()) == {"error"}
    assert f"in {answer['Retry-After']} seconds" in answer.json()["error"]
    assert answer["Access-Control-Allow-Origin"] == "*", "or a browser would not let the app read it"
    assert answer["X-Request-Id"]
    assert gauge.report()["refused"] == {"extra": 1}


def test_a_reader_in_arabic_gets_a_page_in_arabic(busy: Any) -> None:
    busy(2.0)

    page = Client(headers={"accept-language": "ar"}).get("/about")

    assert (page.status_code, page["Content-Language"]) == (503, "ar")
    assert page["Retry-After"].isdigit()
    assert 'dir="rtl"' in page.content.decode()
    assert "مزدحم" in page.content.decode()


@pytest.mark.django_db
def test_refusing_asks_nobody_and_home_is_still_answered(
    busy: Any, client_of: Any, alice: Any, django_assert_num_queries: Any
) -> None:
    reader = client_of(alice)
    busy(3.0)

    with django_assert_num_queries(0):
        for path in ("/api/v1/notifications", "/api/v1/trends/statuses", "/@alice", "/nothing"):
            assert reader.get(path).status_code == 503
        assert reader.post("/api/v1/statuses", {"status": "hello"}).status_code == 503
    assert reader.get("/api/v1/timelines/home").status_code == 200
    assert client_of().post("/api/v1/apps", {"client_name": "A", "redirect_uris": "a:b"}).status_code == 200
    assert client_of().get("/health").status_code == 200


@pytest.mark.django_db
def test_strangers_reading_are_refused_before_people_who_signed_in(
    busy: Any, client_of: Any, alice: Any
) -> None:
    reader = client_of(alice)
    busy(1.0)

    path = f"/api/v1/accounts/{alice.id}"

    assert client_of().get(path).status_code == 503
    assert reader.get(path).status_code == 200


# --- the manual ---------------------------------------------------------------------------------------

NAMED = {importance.name.lower(): importance for importance in Importance}


def declared() -> dict[str, Importance]:
    """Every address whose class does not follow from its method, and the class: what the manual has to name."""
    found: dict[str, Importance] = {}
    for route in ROUTES:
        path = re.sub(r"\{\w+\}", "1", route.path.partition("?")[0])
        request = RequestFactory(headers={"authorization": "Bearer x"}).generic(route.method, path)
        importance = importance_of(request)
        if importance is not shedding.default_of(route.method):
            found[f"{route.method} {route.path.partition('?')[0]}"] = importance
    return found | dict(ADDRESSES)


def test_the_manual_names_what_is_refused_when() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*?\| (.*) \|$", MANUAL.read_text(), re.MULTILINE)
    listed = {
        name: NAMED[importance]
        for importance, names in rows
        if importance in NAMED
        for name in re.findall(r"`([^`]+)`", names)
    }

    wrong = set(listed.items() ^ declared().items())
    assert not wrong, f"docs/operations.md, section Shedding: {sorted(wrong)}"
