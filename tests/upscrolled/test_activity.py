"""Who was here lately: noted with the first request of a day, and asked for where it matters."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.parallel import impatient
from tests.people import ApiClient, token_of
from tests.waiting import PATIENCE
from upscrolled import access, tasks
from upscrolled.models import AccountCounters

pytestmark = pytest.mark.django_db


def today():
    return datetime.now(UTC).date()


def here_last(account, days: int) -> None:
    AccountCounters.objects.filter(pk=account.id).update(active_on=today() - timedelta(days=days))


def day_of(account):
    return AccountCounters.objects.get(pk=account.id).active_on


@pytest.mark.parametrize("days", [1, 40])
def test_the_first_request_of_a_day_notes_it_and_the_next_ones_ask_nothing_more(
    alice, days, django_assert_num_queries
):
    digest = access.digest(token_of(alice))
    here_last(alice, days)

    with django_assert_num_queries(2):
        access.principal(digest)
    assert day_of(alice) == today()
    with django_assert_num_queries(1):
        access.principal(digest)


def test_a_token_that_is_not_good_notes_nothing(alice, bob):
    here_last(alice, 3)

    assert access.principal(access.digest("nobody's")) is None
    ApiClient(token_of(bob)).get("/api/v1/timelines/home")
    assert day_of(alice) == today() - timedelta(days=3)


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_row_that_somebody_else_is_changing(alice, caplog):
    token = token_of(alice)
    here_last(alice, 1)
    begun, over = threading.Event(), threading.Event()

    def follows_come_in() -> None:
        with transaction.atomic():
            AccountCounters.objects.filter(pk=alice.id).update(followers=7)
            begun.set()
            over.wait(PATIENCE)
        connection.close()

    thread = threading.Thread(target=follows_come_in)
    thread.start()
    assert begun.wait(PATIENCE)
    try:
        with impatient():
            assert ApiClient(token).get("/api/v1/timelines/home").status_code == 200
        assert day_of(alice) == today() - timedelta(days=1), "the next request notes it"
        assert caplog.messages == [], "nobody was given up waiting for"
    finally:
        over.set()
        thread.join()
    assert ApiClient(token).get("/api/v1/timelines/home").status_code == 200
    assert day_of(alice) == today()


def test_the_site_tells_how_many_were_here_this_month(client_of, alice, bob, dave):
    for account, days in ((alice, 0), (bob, 29), (dave, 31)):
        here_last(account, days)

    tasks.count_figures()

    assert client_of().get("/api/v2/instance").json()["usage"]["users"]["active_month"] == 2


def test_no_request_counts_the_site_while_a_worker_does(client_of, alice):
    tasks.count_figures()

    with CaptureQueriesContext(connection) as asked:
        assert client_of().get("/api/v2/instance").status_code == 200

    assert [query["sql"] for query in asked if "count(" in query["sql"]] == []
