"""Every address of a conversation, and what each kind of person gets there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from messaging.api import urls
from messaging.models import Message
from messaging.operations import conversations
from tests.chat import say
from tests.contract.test_surface import served_api
from tests.people import client_of, make_account
from tests.restricting import restrict
from upscrolled.operations.relationships import block

pytestmark = pytest.mark.django_db
BASE = "/api/v1/upscrolled/conversations/{conversation}"
# Method, address and body; what a member gets of a pair and of a group, if they may do it there at all.
ADDRESSES: dict[tuple[str, str], Any] = {
    ("GET", BASE): None,
    ("PATCH", BASE): {"pinned": True},
    ("DELETE", BASE): None,
    ("POST", f"{BASE}/accept"): None,
    ("POST", f"{BASE}/decline"): None,
    ("POST", f"{BASE}/leave"): None,
    ("POST", f"{BASE}/members"): {"account_ids": ["{guest}"]},
    ("DELETE", f"{BASE}/members/{{account}}"): None,
    ("GET", f"{BASE}/messages"): None,
    ("POST", f"{BASE}/messages"): {"text": "hello", "client_id": "drawn"},
    ("GET", f"{BASE}/messages/{{message}}"): None,
    ("PUT", f"{BASE}/messages/{{message}}"): {"text": "mine"},
    ("DELETE", f"{BASE}/messages/{{message}}"): {"scope": "me"},
    ("GET", f"{BASE}/messages/{{message}}/history"): None,
    ("PUT", f"{BASE}/messages/{{message}}/reactions/👍"): None,
    ("DELETE", f"{BASE}/messages/{{message}}/reactions/👍"): None,
    ("POST", f"{BASE}/read"): None,
    ("POST", f"{BASE}/report"): {"message_ids": ["{message}"]},
    ("POST", f"{BASE}/typing"): None,
    # The same rows, as clients of Mastodon's API reach them.
    ("DELETE", "/api/v1/conversations/{conversation}"): None,
    ("POST", "/api/v1/conversations/{conversation}/read"): None,
    ("POST", "/api/v1/conversations/{conversation}/unread"): None,
    ("GET", "/api/v1/statuses/{message}"): None,
    ("PUT", "/api/v1/statuses/{message}"): {"status": "mine"},
    ("DELETE", "/api/v1/statuses/{message}"): None,
    ("GET", "/api/v1/statuses/{message}/context"): None,
    ("GET", "/api/v1/statuses/{message}/history"): None,
    ("GET", "/api/v1/statuses/{message}/source"): None,
    ("POST", "/api/v1/statuses/{message}/favourite"): None,
    ("POST", "/api/v1/statuses/{message}/unfavourite"): None,
    ("POST", "/api/v1/statuses/{message}/reblog"): None,
    ("POST", "/api/v1/statuses/{message}/bookmark"): None,
    ("POST", "/api/v1/statuses/{message}/pin"): None,
}
# What a member of the group, who neither owns it nor wrote the message, gets where it is not 200.
MEMBER = {
    ("POST", f"{BASE}/decline"): 422,
    ("DELETE", f"{BASE}/members/{{account}}"): 403,
    ("PUT", f"{BASE}/messages/{{message}}"): 404,
    ("PUT", "/api/v1/statuses/{message}"): 404,
    ("DELETE", "/api/v1/statuses/{message}"): 404,
    ("GET", "/api/v1/statuses/{message}/source"): 404,
    ("POST", "/api/v1/statuses/{message}/reblog"): 422,
    ("POST", "/api/v1/statuses/{message}/bookmark"): 422,
    ("POST", "/api/v1/statuses/{message}/pin"): 422,
}
# Who has left, or blocks or is blocked, may still show the moderators what was written to them.
REPORT = {("POST", f"{BASE}/report"): 200}
# What somebody sees of a group they are asked into, and what they decide of it.
INVITED = {
    **MEMBER,
    ("POST", f"{BASE}/decline"): 200,
    ("POST", f"{BASE}/members"): 403,
    ("POST", f"{BASE}/messages"): 403,
    ("PUT", f"{BASE}/messages/{{message}}/reactions/👍"): 403,
    ("POST", "/api/v1/statuses/{message}/favourite"): 403,
    ("POST", f"{BASE}/typing"): 403,
}
# A restricted account reads, keeps house for itself and reports; nobody else notices it.
LIMITED = {
    **INVITED,
    ("POST", f"{BASE}/decline"): 422,
}
WHO: dict[str, tuple[dict[tuple[str, str], int], int]] = {
    "member": (MEMBER, 200),
    "invited": (INVITED, 200),
    "limited": (LIMITED, 200),
    "former": (REPORT, 404),
    "removed": (REPORT, 404),
    "stranger": ({}, 404),
    "moderator": ({}, 404),
    "anonymous": ({}, 401),
}
READ_BY_ANYONE = (
    "/api/v1/statuses/{message}",
    "/api/v1/statuses/{message}/context",
    "/api/v1/statuses/{message}/history",
)


def test_every_address_of_a_conversation_is_asked() -> None:
    served = {
        (method, path)
        for path, view in served_api(urls.urlpatterns, "/")
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if hasattr(view, method.lower()) and "conversations/{}" in path
    }
    asked = {
        (
            method,
            address.replace("{conversation}", "{}").replace("{message}", "{}").replace("{account}", "{}"),
        )
        for method, address in ADDRESSES
    }

    assert served - {(method, address.replace("👍", "{}")) for method, address in asked} == set()


@pytest.fixture
def world(alice: Any, bob: Any, dave: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    owner = make_account("owner")
    people = {name: make_account(name) for name in ("member", "invited", "limited", "former", "removed")}
    group = conversations.begin_group([each.id for each in people.values()], title="", by=owner, now=now)
    for name, person in people.items():
        if name != "invited":
            conversations.accept(group, by=person, now=now)
    message = say(group, owner, now=now)
    conversations.leave(group, by=people["former"], now=now)
    conversations.remove(group, people["removed"].id, by=owner, now=now)
    restrict("account", people["limited"].id, "account_limited")
    moderator = make_account("moderator", role="moderator", is_staff=True)
    guest = make_account("guest")
    ids = {"conversation": group, "message": message, "account": people["member"].id, "guest": guest.id}
    return {**people, "stranger": dave, "moderator": moderator, "anonymous": None, "ids": ids}


@pytest.mark.parametrize("name", WHO)
@pytest.mark.parametrize("asked", ADDRESSES, ids=lambda asked: " ".join(asked))
def test_who_gets_what_in_a_group(world: dict[str, Any], name: str, asked: tuple[str, str]) -> None:
    special, usual = WHO[name]
    expected = special.get(asked, usual)
    if name == "anonymous" and asked[0] == "GET" and asked[1] in READ_BY_ANYONE:
        expected = 404  # public posts have this address

    answer = ask(world[name], asked, world["ids"])

    assert answer.status_code == expected, answer.content
    if expected != 200:
        assert set(answer.json()) <= {"error", "details"}
    if expected in (401, 404):
        assert b"hello" not in answer.content


@pytest.mark.parametrize("name", ["alice", "bob"])
@pytest.mark.parametrize("asked", ADDRESSES, ids=lambda asked: " ".join(asked))
def test_between_two_who_block_each_other_nothing_is_found(
    alice: Any, bob: Any, name: str, asked: tuple[str, str]
) -> None:
    pair = conversations.begin_pair(bob.id, by=alice, now=datetime.now(UTC))
    by = {"alice": alice, "bob": bob}
    other = bob if name == "alice" else alice
    message = say(pair, other, now=datetime.now(UTC))
    block(bob, by=alice, now=datetime.now(UTC))

    ids = {"conversation": pair, "message": message, "account": other.id, "guest": make_account("guest").id}
    answer = ask(by[name], asked, ids)

    assert answer.status_code == REPORT.get(asked, 404), answer.content


def test_a_message_is_found_in_its_own_conversation_only(alice: Any, bob: Any, world: dict[str, Any]) -> None:
    pair = conversations.begin_pair(bob.id, by=alice, now=datetime.now(UTC))
    message = say(pair, alice)
    number = Message.objects.exclude(pk=message).get().conversation_id

    client = client_of(world["member"])
    assert client.get(f"/api/v1/upscrolled/conversations/{number}/messages/{message}").status_code == 404
    mine = client_of(alice)
    assert mine.get(f"/api/v1/upscrolled/conversations/{number}/messages/{message}").status_code == 404
    assert mine.get(f"/api/v1/upscrolled/conversations/{pair}/messages/{message}").status_code == 200


def ask(who: Any, asked: tuple[str, str], ids: dict[str, int]) -> Any:
    method, address = asked
    body = ADDRESSES[asked]
    if body:
        body = {
            key: [each.format(**ids) for each in value] if isinstance(value, list) else value
            for key, value in body.items()
        }
    client = client_of(who)
    path = address.format(**ids)
    return client.get(path) if method == "GET" else getattr(client, method.lower())(path, body)
