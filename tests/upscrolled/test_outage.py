"""The database is away, or a disk full: people are told to come again, and the log is not buried."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client

from tests.people import token_of
from upscrolled import outage

pytestmark = pytest.mark.django_db


@pytest.fixture
def away(monkeypatch) -> Iterator[None]:
    """Requests of this test find a database at whose address nobody listens."""
    monkeypatch.setattr(outage, "_told_at", float("-inf"))
    there = connections["default"]
    elsewhere = there.copy()
    elsewhere.settings_dict = there.settings_dict | {"HOST": "127.0.0.1", "PORT": "1"}
    connections["default"] = elsewhere
    yield
    connections["default"] = there


def test_an_app_is_told_when_to_come_again(alice, request) -> None:
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token_of(alice)}"})
    request.getfixturevalue("away")

    answer = client.get("/api/v1/timelines/home")

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json() == {"error": "A part of this site does not answer just now. Try again in 5 seconds."}


@pytest.mark.parametrize(("language", "title"), [("en", "Back in a moment"), ("ar", "سنعود بعد لحظات")])
def test_a_person_gets_a_page_in_their_language(away, language: str, title: str) -> None:
    page = Client(raise_request_exception=False).get("/@alice", headers={"Accept-Language": language})

    assert page.status_code == 503
    assert f"<h1>{title}</h1>" in page.content.decode()


def test_many_who_are_refused_are_one_line_of_the_log(away, caplog) -> None:
    for _ in range(20):
        assert Client(raise_request_exception=False).get("/api/v1/timelines/public").status_code == 503

    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(said) == 1
    assert said[0].startswith("1 refused by 503, for a part of the site is away: ")


def test_a_full_disk_is_an_outage_too() -> None:
    assert outage.is_away(OSError(errno.ENOSPC, "No space left on device"))
    assert not outage.is_away(OSError(errno.ENOENT, "No such file or directory"))


def test_only_an_outage_loses_its_traceback() -> None:
    with pytest.raises(OperationalError) as locked, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$")  # a lock that is not given
    nobody = OperationalError("connection refused")

    kept, shortened = (
        logging.LogRecord("n", logging.ERROR, "p", 1, "m", (), (type(error), error, None))
        for error in (locked.value, nobody)
    )
    assert [outage.OneLine().filter(record) for record in (kept, shortened)] == [True, True]
    assert kept.exc_info is not None
    assert shortened.exc_info is None
