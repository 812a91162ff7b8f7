"""News of the house: who sees them, for how long, and what people answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.people import NOON
from upscrolled.models import AnnouncementReaction, AnnouncementTally
from upscrolled.operations import announcements

PATH = "/api/v1/announcements"


@pytest.fixture
def news(db) -> int:
    return announcements.publish(written="We are a year old. #birthday https://x.example", now=NOON).pk


def test_everybody_signed_in_reads_them(client_of, alice, news):
    (shown,) = client_of(alice).get(PATH).json()

    assert shown["id"] == str(news)
    assert shown["content"].startswith("<p>We are a year old. <a")
    assert [tag["name"] for tag in shown["tags"]] == ["birthday"]
    assert (shown["read"], shown["reactions"], shown["published_at"]) == (
        False,
        [],
        "2026-01-15T12:00:00.000Z",
    )
    assert client_of().get(PATH).status_code == 401


def test_what_is_dismissed_is_listed_only_to_who_asks(client_of, alice, bob, news):
    client = client_of(alice)

    for _ in range(2):
        assert client.post(f"{PATH}/{news}/dismiss").json() == {}

    assert client.get(PATH).json() == []
    assert client.get(PATH, {"with_dismissed": "true"}).json()[0]["read"] is True
    assert len(client_of(bob).get(PATH).json()) == 1


def test_emojis_are_counted_once_each(client_of, alice, bob, news):
    for client in (client_of(alice), client_of(alice), client_of(bob)):
        assert client.put(f"{PATH}/{news}/reactions/🎉").json() == {}
    client_of(bob).put(f"{PATH}/{news}/reactions/👍🏽")

    (shown,) = client_of(alice).get(PATH).json()

    assert shown["reactions"] == [
        {"name": "🎉", "count": 2, "me": True},
        {"name": "👍🏽", "count": 1, "me": False},
    ]


def test_an_answer_is_taken_back_once(client_of, alice, bob, news):
    for account in (alice, bob):
        client_of(account).put(f"{PATH}/{news}/reactions/🎉")

    for _ in range(2):
        assert client_of(alice).delete(f"{PATH}/{news}/reactions/🎉").status_code == 200

    assert AnnouncementTally.objects.get().count == AnnouncementReaction.objects.count() == 1


@pytest.mark.parametrize("emoji", ["🇵🇸", "❤️", "👩‍👧‍👦", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
def test_emojis_of_every_make_will_do(client_of, alice, news, emoji):
    assert client_of(alice).put(f"{PATH}/{news}/reactions/{emoji}").status_code == 200


@pytest.mark.parametrize("name", ["party", "🎉🎉", "1", "<b>", "🎉" + "\u200d🎉" * 20])
def test_what_is_no_emoji_is_refused(client_of, alice, news, name):
    answer = client_of(alice).put(f"{PATH}/{news}/reactions/{name}")

    assert (answer.status_code, AnnouncementReaction.objects.count()) == (422, 0)


def test_eight_different_emojis_are_enough(client_of, alice, news):
    client = client_of(alice)
    for emoji in "🍎🍐🍊🍋🍌🍉🍇🍓":
        assert client.put(f"{PATH}/{news}/reactions/{emoji}").status_code == 200

    assert client.put(f"{PATH}/{news}/reactions/🍒").status_code == 422
    client.delete(f"{PATH}/{news}/reactions/🍎")
    assert client.put(f"{PATH}/{news}/reactions/🍒").status_code == 200


def test_what_is_over_or_never_was_is_not_found(client_of, alice, news):
    announcements.end(announcement_id=news, now=datetime.now(UTC) - timedelta(seconds=1))
    client = client_of(alice)

    assert client.get(PATH).json() == []
    for number in (news, news + 1):
        assert client.post(f"{PATH}/{number}/dismiss").status_code == 404
        assert client.put(f"{PATH}/{number}/reactions/🎉").status_code == 404


def test_they_cost_two_statements(client_of, alice, news, django_assert_num_queries):
    announcements.publish(written="And another.", now=NOON)
    client = client_of(alice)

    with django_assert_num_queries(2):
        client.get(PATH)


def test_the_operator_publishes_lists_and_ends(client_of, alice):
    def run(*words: str) -> str:
        out = StringIO()
        call_command("announcement", *words, stdout=out)
        return out.getvalue()

    run("publish", "Tonight we move house.", "--ends", "2099-01-01T00:00")
    (shown,) = client_of(alice).get(PATH).json()

    assert shown["ends_at"] == "2099-01-01T00:00:00.000Z"
    assert "shown" in run("list")
    run("end", shown["id"])
    assert client_of(alice).get(PATH).json() == []
    for words in (["publish", "  "], ["end", "999"], ["publish", "x", "--ends", "2020-01-01"]):
        with pytest.raises(CommandError):
            run(*words)
