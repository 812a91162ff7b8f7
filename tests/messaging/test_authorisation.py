"""Every address of a conversation, and what each kind of person gets there."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest
from django.db import transaction
from django.urls import get_resolver

from messaging.models import Message
from messaging.operations import conversations
from tests.chat import say
from tests.contract.test_surface import served_api
from tests.people import client_of, make_account
from tests.restricting import restrict
from upscrolled.operations.relationships import block

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/upscrolled/conversations"
BASE = f"{ROOT}/{{conversation}}"
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
    ("GET", "/api/v1/statuses/{message}/card"): None,
}
STATUS = "/api/v1/statuses/{message}"
# What posts have and messages have not: there it is not found, for anybody.
OF_POSTS: dict[tuple[str, str], Any] = {
    ("GET", f"{STATUS}/favourited_by"): None,
    ("GET", f"{STATUS}/reblogged_by"): None,
    ("GET", f"{STATUS}/quotes"): None,
    ("POST", f"{STATUS}/quotes/{{message}}/revoke"): None,
    ("PUT", f"{STATUS}/interaction_policy"): {"quote_approval_policy": "public"},
    ("POST", f"{STATUS}/unreblog"): None,
    ("POST", f"{STATUS}/unbookmark"): None,
    ("POST", f"{STATUS}/unpin"): None,
    ("POST", f"{STATUS}/mute"): None,
    ("POST", f"{STATUS}/unmute"): None,
    ("POST", f"{STATUS}/translate"): None,
    ("GET", "/api/v1/upscrolled/statuses/{message}/reach"): None,
    ("GET", "/api/v1/upscrolled/posts/{message}/why"): None,
    ("POST", "/api/v1/upscrolled/posts/{message}/hide"): None,
    ("POST", "/api/v1/upscrolled/posts/{message}/unhide"): None,
}
# What is asked of no conversation: everybody gets their own.
OWN: dict[tuple[str, str], Any] = {
    ("GET", ROOT): {"folder": "all"},
    ("POST", ROOT): {"account_ids": ["{guest}"]},
    ("GET", f"{ROOT}/search"): {"q": "hello"},
    ("GET", f"{ROOT}/settings"): None,
    ("PATCH", f"{ROOT}/settings"): {"typing": False},
    ("GET", f"{ROOT}/sync"): {"cursor": "0"},
    ("GET", f"{ROOT}/unread"): None,
    ("GET", "/api/v1/conversations"): None,
    ("GET", "/api/v1/timelines/direct"): None,
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
INSIDE = ("member", "invited", "limited")
# Public posts have these addresses too.
READ_BY_ANYONE = (
    STATUS,
    *(f"{STATUS}/{each}" for each in ("card", "context", "history", "favourited_by", "reblogged_by")),
)


def test_every_address_that_may_speak_of_messages_is_asked() -> None:
    served = {
        (method, path)
        for path, view in served_api(get_resolver().url_patterns, "/")
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if hasattr(view, method.lower()) and re.search(r"/conversations|/statuses/\{\}|/posts/\{\}", path)
    }
    asked = {
        (method, re.sub(r"\{\w+\}|👍", "{}", address)) for method, address in chain(ADDRESSES, OF_POSTS, OWN)
    }

    assert served - asked == {each for each in served if "/filters/" in each[1] or "/admin/" in each[1]}


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
def test_who_gets_what_in_a_group(world: dict[str, Any], name: str) -> None:
    special, usual = WHO[name]
    wrong = []
    for asked in ADDRESSES:
        expected = special.get(asked, usual)
        if name == "anonymous" and asked[0] == "GET" and asked[1] in READ_BY_ANYONE:
            expected = 404
        answer = ask(world[name], asked, world["ids"])
        told = answer.status_code in (401, 404) and b"hello" in answer.content
        if answer.status_code != expected or told or not _plain(answer):
            wrong.append((asked, answer.status_code, expected, answer.content[:200]))
    assert wrong == []


@pytest.mark.parametrize("name", WHO)
def test_what_only_posts_have_is_not_found_of_a_message(world: dict[str, Any], name: str) -> None:
    answers = [ask(world[name], asked, world["ids"]) for asked in OF_POSTS]
    # Who sees the message may be told why it cannot be done.
    allowed = {"anonymous": {401, 404}}.get(name, {403, 404, 422} if name in INSIDE else {404})

    assert {answer.status_code for answer in answers} <= allowed
    assert [answer for answer in answers if b"hello" in answer.content] == []


@pytest.mark.parametrize("name", WHO)
def test_everybody_is_told_of_their_own_conversations_only(world: dict[str, Any], name: str) -> None:
    wrong = []
    for asked in OWN:
        expected = 401 if name == "anonymous" else 200
        if asked[0] == "POST" and name == "limited":
            expected = 403
        answer = ask(world[name], asked, world["ids"])
        told = b"hello" in answer.content
        if answer.status_code != expected or (told and name not in INSIDE):
            wrong.append((asked, answer.status_code, answer.content[:200]))
    assert wrong == []


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_between_two_who_block_each_other_nothing_is_found(alice: Any, bob: Any, name: str) -> None:
    pair = conversations.begin_pair(bob.id, by=alice, now=datetime.now(UTC))
    by = {"alice": alice, "bob": bob}
    other = bob if name == "alice" else alice
    message = say(pair, other, now=datetime.now(UTC))
    block(bob, by=alice, now=datetime.now(UTC))
    ids = {"conversation": pair, "message": message, "account": other.id, "guest": make_account("guest").id}

    found = {asked: ask(by[name], asked, ids) for asked in (*ADDRESSES, *OF_POSTS, *OWN)}

    assert {asked: answer.status_code for asked, answer in found.items()} == {
        asked: 200 if asked in OWN else REPORT.get(asked, 404) for asked in found
    }
    assert [asked for asked, answer in found.items() if b"hello" in answer.content] == []


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
    """What this person gets there; whatever it changed is taken back."""
    method, address = asked
    body = {**ADDRESSES, **OF_POSTS, **OWN}[asked]
    if body:
        body = {
            key: [each.format(**ids) for each in value] if isinstance(value, list) else value
            for key, value in body.items()
        }
    client = client_of(who)
    with transaction.atomic():
        answer = getattr(client, method.lower())(address.format(**ids), body)
        transaction.set_rollback(True)
    return answer


def _plain(answer: Any) -> bool:
    """Whether a refusal says why, and nothing else."""
    return answer.status_code == 200 or set(answer.json()) <= {"error", "details"}
