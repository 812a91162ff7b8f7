"""Events on their way: told after the commit, kept for five minutes, in order."""

from __future__ import annotations

import asyncio

import pytest
from django.db import transaction

from upscrolled import streams

pytestmark = pytest.mark.django_db


def test_nobody_hears_of_what_was_taken_back(django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        streams.publish("filters_changed", to=[1])
        transaction.set_rollback(True)
    assert streams.since() == []


def test_an_event_is_told_once_the_transaction_has_ended(django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        streams.publish("typing", on="messages", to=[7, 9], about={"conversation_id": "12"})
        assert streams.since() == []
    (event,) = streams.since()
    assert (event.name, event.on, event.to, event.about) == (
        "typing",
        "messages",
        (7, 9),
        {"conversation_id": "12"},
    )


def test_events_have_ids_in_order_and_are_read_after_one_of_them() -> None:
    first, second, third = streams.send(streams.Event(name=name) for name in ("a", "b", "c"))
    assert streams.position(first) < streams.position(second) < streams.position(third)
    assert [event.id for event in streams.since(first)] == [second, third]
    assert [event.name for event in streams.since(second)] == ["c"]


def test_what_is_older_than_five_minutes_is_forgotten(monkeypatch) -> None:
    # Valkey trims whole nodes of its tree (a hundred entries), so more than one of them is sent.
    streams.send(streams.Event(name="old") for _ in range(500))
    monkeypatch.setattr(streams, "KEPT_SECONDS", -1)
    streams.send([streams.Event(name="new")])
    assert len(streams.since()) < 200


def test_a_valkey_that_is_away_fails_no_request(settings, django_capture_on_commit_callbacks, caplog) -> None:
    from upscrolled.core import valkey

    there = settings.VALKEY_URL
    settings.VALKEY_URL = "redis://127.0.0.1:9/0"
    valkey.forget_connections()
    try:
        with django_capture_on_commit_callbacks(execute=True):
            streams.publish("typing", on="messages", to=[7])
    finally:
        settings.VALKEY_URL = there
        valkey.forget_connections()
    assert "Nobody is told of typing" in caplog.text


@pytest.mark.parametrize("text", ["", "1", "-", "1-", "-1", "x-1", "1-x", "1-1-1", "٣-١", "9" * 50 + "-0"])
def test_what_is_no_id_has_no_position(text: str) -> None:
    assert streams.position(text) is None


def test_a_quiet_moment_is_no_server_that_is_away(monkeypatch) -> None:
    """What was waited for and did not come is an empty list, and the wait ends well before the client's patience."""
    monkeypatch.setattr(streams, "WAIT_MS", 300)
    monkeypatch.setattr(streams, "ANSWER_SECONDS", 60.0)

    async def look() -> tuple[list[streams.Event], float]:
        source = streams.Source()
        try:
            return await source.after("$"), source._client.connection_pool.connection_kwargs["socket_timeout"]
        finally:
            await source.close()

    events, patience = asyncio.run(look())
    assert events == []
    assert patience == 60.3
