"""Walks along one index: bounded in what they look at, and nothing on the way is lost."""

from __future__ import annotations

from typing import Any

import pytest

from feed.timelines import scan
from tests.people import publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _short_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a real window is too long for a test to fill."""
    monkeypatch.setattr(scan, "WINDOW", 5)


def walk(client: Any, path: str, params: dict[str, Any], *, pages: int = 20) -> list[int]:
    """Everything that one finds by following the links to older pages."""
    found: list[int] = []
    for _ in range(pages):
        answer = client.get(path, params)
        found += [int(post["id"]) for post in answer.json()]
        links = dict(reversed(part.split("; ")) for part in answer.get("Link", "").split(", ") if part)
        if 'rel="next"' not in links:
            return found
        params = {
            **params,
            "max_id": links['rel="next"'].partition("max_id=")[2].partition("&")[0].rstrip(">"),
        }
    raise AssertionError("The pages do not end.")


def test_posts_beneath_many_replies_are_found(client_of, alice, bob):
    posts = [publish(alice, f"post {n}", after=n) for n in range(3)]
    root = publish(bob, "a long talk", after=10)
    replies = [publish(alice, f"reply {n}", after=20 + n, reply_to=root) for n in range(60)]
    path = f"/api/v1/accounts/{alice.id}/statuses"

    assert walk(client_of(bob), path, {"exclude_replies": "true", "limit": 2}) == posts[::-1]
    assert walk(client_of(bob), path, {"limit": 7}) == [*replies[::-1], *posts[::-1]]


def test_going_up_finds_what_lies_above_many_replies(client_of, alice, bob):
    first = publish(alice, "first")
    root = publish(bob, "a talk", after=1)
    for n in range(12):
        publish(alice, f"reply {n}", after=2 + n, reply_to=root)
    last = publish(alice, "last", after=60)

    answer = client_of(bob).get(
        f"/api/v1/accounts/{alice.id}/statuses", {"min_id": first, "exclude_replies": "true", "limit": 3}
    )

    assert [int(post["id"]) for post in answer.json()] == [last]


def test_two_hashtags_with_little_in_common_cost_what_is_looked_at(
    client_of, alice, django_assert_max_num_queries
):
    both = publish(alice, "#bread #sea")
    for n in range(40):
        publish(alice, f"#bread {n}", after=1 + n)
        publish(alice, f"#sea {n}", after=1.5 + n)
    client = client_of(alice)

    assert walk(client, "/api/v1/timelines/tag/bread", {"all[]": "sea"}) == [both]
    with django_assert_max_num_queries(3 + scan.ROUNDS_OF_SEVERAL + 2):
        client.get("/api/v1/timelines/tag/bread", {"all[]": "sea"})


def scan_rounds() -> int:
    """Statements of a page that looks for posts as long as it may."""
    from feed.timelines.fill import ROUNDS

    return ROUNDS + 2


def test_any_of_several_hashtags_come_merged_and_once(client_of, alice):
    wanted = [
        publish(alice, text, after=n)
        for n, text in enumerate(["#bread", "#sea", "#bread #sea", "#moss", "#sea #moss", "#bread"] * 3)
    ]

    found = walk(client_of(alice), "/api/v1/timelines/tag/bread", {"any[]": ["sea", "moss"], "limit": 4})

    assert found == wanted[::-1]


def test_none_of_several_hashtags_are_left_out_however_many_they_are(client_of, alice):
    plain = [publish(alice, "#bread", after=n) for n in range(3)]
    for n in range(30):
        publish(alice, "#bread #sea", after=10 + n)

    assert walk(client_of(alice), "/api/v1/timelines/tag/bread", {"none[]": "sea", "limit": 2}) == plain[::-1]
