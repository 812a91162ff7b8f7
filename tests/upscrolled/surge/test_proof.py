"""What was acknowledged is asked for again, and what is missing is named."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.people import NOON, client_of, make_account, publish, token_of
from upscrolled.operations.relationships import follow
from upscrolled.surge.ledger import Person
from upscrolled.surge.proof import prove

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ann() -> Person:
    """Has a post, a like and a follow, each of them acknowledged."""
    account, ben = make_account("ann"), make_account("ben")
    mine, liked = publish(account), publish(ben)
    follow(ben, by=account, now=NOON)
    assert client_of(account).post(f"/api/v1/statuses/{liked}/favourite").status_code == 200
    person = Person("ann", "192.0.2.1", token_of(account), is_confirmed=True)
    person.posts, person.likes, person.follows = {str(mine)}, {str(liked)}, {str(ben.id)}
    return person


def test_everything_is_there(live_server: Any, ann: Person) -> None:
    proof = asyncio.run(prove(live_server.url, [ann]))

    assert proof.checked == {"sign-ups": 1, "posts": 1, "likes": 1, "follows": 1}
    assert proof.lost == []


def test_what_is_missing_is_named(live_server: Any, ann: Person) -> None:
    owner, liked = client_of(None), next(iter(ann.likes))
    owner.token = ann.token
    owner.post(f"/api/v1/statuses/{liked}/unfavourite")
    owner.delete(f"/api/v1/statuses/{next(iter(ann.posts))}")
    owner.post(f"/api/v1/accounts/{next(iter(ann.follows))}/unfollow")

    proof = asyncio.run(prove(live_server.url, [ann]))

    assert sorted(line.split()[0] for line in proof.lost) == ["follows", "likes", "posts"]
    assert f"likes {liked} of ann" in proof.lost


def test_somebody_who_never_confirmed_has_an_account_all_the_same(live_server: Any) -> None:
    waiting = Person("eve", "192.0.2.2", token_of(make_account("eve", confirmed=False)))
    nobody = Person("mallory", "192.0.2.3", "no such token")
    nobody.posts = {"1"}

    proof = asyncio.run(prove(live_server.url, [waiting, nobody]))

    assert proof.lost == ["sign-ups mallory of mallory", "posts 1 of mallory"]
