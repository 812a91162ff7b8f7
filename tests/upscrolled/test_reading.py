"""Where a request reads. With a standby for real: tests/scale/test_replica.py."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from upscrolled.database import reading, watch


def test_without_replicas_no_request_pays_for_them():
    assert connection.vendor == "postgresql"
    assert settings.DATABASES["default"]["ENGINE"] == "upscrolled.database"
    assert not any("database" in middleware for middleware in settings.MIDDLEWARE)
    assert reading.alias() is None
    assert watch.choose() is None


def test_a_request_that_left_its_replica_does_not_return_to_it():
    with reading.begin("replica1"):
        assert reading.alias() == "replica1"
        assert reading.leave()
        assert reading.alias() is None
        assert not reading.leave()


def test_what_fills_a_cache_is_read_on_the_primary_and_the_request_goes_on_where_it_was():
    with reading.begin("replica1"):
        with reading.on_primary():
            assert reading.alias() is None
        assert reading.alias() == "replica1"
    assert reading.alias() is None


def test_a_request_that_opened_a_transaction_stays_on_the_primary():
    with reading.begin("replica1") as at_hand:
        with reading.on_primary():
            reading.in_transaction()
        assert reading.alias() is None
        assert at_hand.wrote


def test_a_token_that_the_replica_does_not_know_is_asked_of_the_primary():
    with reading.begin("replica1") as at_hand:
        assert reading.settle(None)
        assert reading.alias() is None
        assert not reading.settle(7)  # found there, so nothing is read again
        assert at_hand.account_id == 7


def test_an_application_on_its_own_behalf_reads_on_the_replica():
    with reading.begin("replica1"):
        assert not reading.settle(0)
        assert reading.alias() == "replica1"


def test_outside_of_requests_there_is_nothing_to_settle():
    assert not reading.settle(None)
    assert not reading.leave()
