"""The API of conversations: what a phone sends and gets."""

from __future__ import annotations

import re

import pytest

from messaging.models import Message
from messaging.operations import conversations
from tests.chat import say
from tests.people import NOON

pytestmark = pytest.mark.django_db
BASE = "/api/v1/upscrolled/conversations"


def test_a_conversation_from_the_first_word_to_the_answer(client_of, alice, bob):
    hers, his = client_of(alice), client_of(bob)
    begun = hers.post(BASE, {"account_ids": [str(bob.id)]}).json()
    body = {"text": "Tea at five?", "client_id": "drawn"}
    sent = hers.post(f"{BASE}/{begun['id']}/messages", body).json()

    (listed,) = his.get(BASE).json()
    assert (listed["kind"], listed["unread_count"], listed["last_message"]["text"]) == (
        "pair",
        1,
        "Tea at five?",
    )
    assert listed["last_message"]["client_id"] is None  # of alice's phone it is alone to know
    assert [each["acct"] for each in listed["accounts"]] == ["alice"]
    assert hers.post(f"{BASE}/{begun['id']}/messages", body).json()["id"] == sent["id"]
    answer = {"text": "Yes", "client_id": "his", "in_reply_to_id": sent["id"]}
    assert his.post(f"{BASE}/{begun['id']}/messages", answer).json()["seq"] == 2
    assert hers.get(f"{BASE}/unread").json() == {"conversations": 1, "requests": 0}
    assert hers.post(f"{BASE}/{begun['id']}/read").json()["unread_count"] == 0


def test_pages_follow_the_link_header(client_of, pair, alice, bob):
    for number in range(2, 6):
        say(pair, alice, str(number))
    client = client_of(bob)

    first = client.get(f"{BASE}/{pair}/messages", {"limit": 2})
    older = re.search(r"<[^>]*(/api[^>]*)>; rel=\"next\"", first["Link"])
    second = client.get(older[1])

    assert [each["seq"] for each in first.json()] == [5, 4]
    assert [each["seq"] for each in second.json()] == [3, 2]


def test_a_phone_catches_up_over_the_api(client_of, pair, alice, bob):
    client = client_of(bob)
    begun = client.get(f"{BASE}/sync").json()
    say(pair, alice, "hello again")
    told = client.get(f"{BASE}/sync", {"cursor": begun["cursor"]}).json()

    assert begun["reset"]
    assert [each["text"] for each in told["messages"]] == ["hello again"]
    assert client.get(f"{BASE}/sync", {"cursor": "soon"}).status_code == 400


def test_a_search_goes_on_where_it_ended(client_of, pair, alice):
    for _ in range(3):
        say(pair, alice, "river")
    client = client_of(alice)

    first = client.get(f"{BASE}/search", {"q": "RIVER", "limit": 2}).json()
    rest = client.get(f"{BASE}/search", {"q": "river", "limit": 2, "cursor": first["next"]}).json()

    assert [each["seq"] for each in (*first["messages"], *rest["messages"])] == [4, 3, 2]
    assert rest["next"] is None
    for query, status in (({"q": ""}, 422), ({"q": "x" * 201}, 422), ({"q": "x", "cursor": "y"}, 400)):
        assert client.get(f"{BASE}/search", query).status_code == status


def test_settings_say_that_it_is_not_end_to_end_encrypted(client_of, alice):
    client = client_of(alice)

    chosen = client.patch(f"{BASE}/settings", {"writers": "followed", "typing": False}).json()

    assert chosen == {"writers": "followed", "receipts": True, "typing": False, "end_to_end_encrypted": False}
    assert client.get(f"{BASE}/settings").json() == chosen
    assert client.patch(f"{BASE}/settings", {"writers": "friends"}).status_code == 422


def test_a_group_and_its_people(client_of, alice, bob, dave):
    hers, his = client_of(alice), client_of(bob)
    people = [str(bob.id), str(dave.id)]
    group = hers.post(BASE, {"account_ids": people, "title": "Walk"}).json()

    assert (group["kind"], group["title"], group["owner_id"]) == ("group", "Walk", str(alice.id))
    (request,) = his.get(BASE, {"folder": "requests"}).json()
    assert request["invited_by_id"] == str(alice.id)
    assert his.post(f"{BASE}/{group['id']}/decline").json() == {}
    assert hers.delete(f"{BASE}/{group['id']}/members/{dave.id}").status_code == 200
    assert hers.patch(f"{BASE}/{group['id']}", {"title": "Alone", "mute_for": 600}).json()["title"] == "Alone"
    assert his.get(BASE, {"folder": "spam"}).status_code == 422


def test_edited_deleted_reported(client_of, alice, bob):
    pair = conversations.begin_pair(bob.id, by=alice, now=NOON)
    hers, his = client_of(alice), client_of(bob)
    sent = hers.post(f"{BASE}/{pair}/messages", {"text": "helo", "client_id": "x"}).json()
    address = f"{BASE}/{pair}/messages/{sent['id']}"

    assert hers.put(address, {"text": "hello"}).json()["edited_at"]
    assert [each["text"] for each in his.get(f"{address}/history").json()] == ["helo", "hello"]
    report = his.post(f"{BASE}/{pair}/report", {"message_ids": [sent["id"]], "comment": "?"}).json()
    assert (report["target_account"]["acct"], report["message_ids"]) == ("alice", [sent["id"]])
    assert his.delete(address, {"scope": "all"}).status_code == 404
    assert hers.delete(address, {"scope": "all"}).json()["deleted_at"]
    assert his.get(address).json()["text"] is None
    assert his.delete(address).json()["text"] is None
    assert his.get(address).status_code == 404
    assert Message.objects.count() == 1
