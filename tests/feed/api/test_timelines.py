"""Lists of posts over the API: pages, links, limits, and a fixed number of statements."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feed.operations.interact import repost
from tests.people import NOON, make_account, publish, seen_by
from upscrolled.operations.accounts import close_account
from upscrolled.operations.relationships import follow

pytestmark = pytest.mark.django_db


def ids_of(response) -> list[int]:
    assert response.status_code == 200, response.content
    return [int(status["id"]) for status in response.json()]


def links_of(response) -> dict[str, str]:
    return {rel: url for url, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', response.headers.get("Link", ""))}


def walk(client, path: str) -> list[int]:
    """Follow `next` to the end."""
    found: list[int] = []
    while path:
        response = client.get(path)
        found += ids_of(response)
        following = links_of(response).get("next", "")
        path = following[following.index("/api") :] if following else ""
    return found


def test_home_walks_to_its_end_by_links(client_of, alice, bob):
    posts = [publish(alice, f"post {n}", after=n) for n in range(25)]

    assert walk(client_of(bob), "/api/v1/timelines/home?limit=10") == posts[::-1]


def test_links_keep_filters_and_go_both_ways(client_of, alice, bob):
    posts = [publish(alice, f"post {n}", after=n) for n in range(5)]

    response = client_of(bob).get(
        f"/api/v1/accounts/{alice.id}/statuses", {"limit": 2, "exclude_replies": "true", "max_id": posts[3]}
    )

    links = links_of(response)
    assert ids_of(response) == [posts[2], posts[1]]
    assert f"max_id={posts[1]}" in links["next"]
    assert "exclude_replies=true" in links["next"]
    assert "limit=2" in links["next"]
    assert f"min_id={posts[2]}" in links["prev"]
    assert links["next"].startswith("http")


def test_an_empty_page_has_no_links(client_of, alice):
    assert "Link" not in client_of(alice).get("/api/v1/timelines/home").headers


def test_public_holds_public_originals_of_everybody(client_of, alice, bob, dave):
    shown = publish(dave, "hello", after=1)
    publish(dave, "unlisted", audience="unlisted")
    publish(dave, "followers", audience="followers")
    publish(bob, "reply", reply_to=shown)
    repost(seen_by(bob, shown), by=bob, audience="public", now=NOON)

    assert ids_of(client_of().get("/api/v1/timelines/public")) == [shown]


def test_a_hashtag_in_any_spelling_finds_its_posts(client_of, alice):
    both = publish(alice, "#Olive #Oil")
    one = publish(alice, "#OLIVE", after=1)
    publish(alice, "#oil", after=2)
    client = client_of()

    assert ids_of(client.get("/api/v1/timelines/tag/olive")) == [one, both]
    assert ids_of(client.get("/api/v1/timelines/tag/Olive", {"all[]": "oil"})) == [both]
    assert ids_of(client.get("/api/v1/timelines/tag/olive", {"none[]": "oil"})) == [one]
    assert len(ids_of(client.get("/api/v1/timelines/tag/olive", {"any[]": "oil"}))) == 3
    assert ids_of(client.get("/api/v1/timelines/tag/nothing")) == []


def test_an_arabic_hashtag(client_of, alice):
    post = publish(alice, "صباح الخير #القدس")

    assert ids_of(client_of().get("/api/v1/timelines/tag/القدس")) == [post]


def test_a_profile_shows_each_viewer_what_is_for_them(client_of, alice, bob, dave):
    public = publish(alice, "public")
    followers = publish(alice, "followers", audience="followers", after=1)
    reply = publish(alice, "reply", reply_to=publish(dave, "x"), after=2)
    share = repost(seen_by(alice, public), by=alice, audience="public", now=NOON)
    path = f"/api/v1/accounts/{alice.id}/statuses"

    assert set(ids_of(client_of(bob).get(path))) == {public, followers, reply, share}
    assert set(ids_of(client_of(dave).get(path))) == {public, reply, share}
    assert set(ids_of(client_of().get(path, {"exclude_replies": "1", "exclude_reblogs": "1"}))) == {public}
    assert client_of().get("/api/v1/accounts/12345/statuses").status_code == 404


def test_whoever_left_or_never_confirmed_has_no_page_of_posts(client_of, alice):
    publish(alice, "I was here")
    close_account(account=alice)
    unsure = make_account("unsure", confirmed=False)

    for somebody in (alice, unsure):
        for query in ({}, {"pinned": "true"}):
            page = client_of().get(f"/api/v1/accounts/{somebody.id}/statuses", query)
            assert (page.status_code, page.json()) == (404, {"error": "Record not found"})


@pytest.mark.parametrize("limit", ["-1", "0", "100000", "abc", "9" * 30, ""])
def test_limits_are_brought_inside(client_of, alice, bob, limit):
    for n in range(45):
        publish(alice, f"post {n}", after=n)

    found = ids_of(client_of(bob).get("/api/v1/timelines/home", {"limit": limit}))

    assert 1 <= len(found) <= 40


@pytest.mark.parametrize("cursor", ["max_id", "since_id", "min_id"])
def test_cursors_that_are_no_ids_are_refused_by_name(client_of, alice, cursor):
    response = client_of(alice).get("/api/v1/timelines/home", {cursor: "yesterday"})

    assert response.status_code == 400
    assert cursor in response.json()["error"]
    assert client_of(alice).get("/api/v1/timelines/home", {cursor: "9" * 40}).status_code == 200


def test_a_trailing_slash_is_the_same_address(client_of, alice, bob):
    publish(alice, "hello")

    assert (
        client_of(bob).get("/api/v1/timelines/home/").json()
        == client_of(bob).get("/api/v1/timelines/home").json()
    )


def test_rate_limit_headers_are_there(client_of, alice):
    response = client_of(alice).get("/api/v1/timelines/home")

    assert response["X-RateLimit-Limit"] == "300"
    assert response["X-RateLimit-Remaining"] == "299"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", response["X-RateLimit-Reset"])


def test_past_the_limit_one_is_told_when_to_come_again(client_of, alice, settings):
    client = client_of(alice)
    for _ in range(300):
        assert client.get("/api/v1/accounts/verify_credentials").status_code == 200

    response = client.get("/api/v1/timelines/home")

    assert (response.status_code, response.json()) == (429, {"error": "Too many requests"})
    assert response["X-RateLimit-Remaining"] == "0"
    assert 1 <= int(response["Retry-After"]) <= 300


PAGES = {
    "/api/v1/timelines/home": 3,
    "/api/v1/timelines/public": 4,
    "/api/v1/timelines/tag/tag": 5,
    "/api/v1/accounts/{alice}/statuses": 4,
    "/api/v1/statuses/{root}/context": 4,
    "/api/v1/notifications": 5,
    "/api/v1/favourites": 4,
    "/api/v1/bookmarks": 4,
    "/api/v1/statuses/{root}/favourited_by": 5,
}


@pytest.mark.parametrize("path", PAGES)
def test_statements_of_a_page_do_not_grow(client_of, alice, bob, path):
    """The token's statement included; the same for 3 posts and 40, for 1 followee and 30."""
    client = client_of(bob)
    counts = []
    for crowd in (1, 30):
        people = [make_account(f"x{crowd}_{n}") for n in range(crowd)]
        root = publish(alice, f"#tag root {crowd}", after=crowd * 100)
        for n, person in enumerate(people):
            follow(person, by=bob, now=NOON)
            post = publish(person, f"#tag @bob {n}", reply_to=root if n % 2 else None, after=crowd * 100 + n)
            client_of(person).post(f"/api/v1/statuses/{root}/favourite")
            client.post(f"/api/v1/statuses/{post}/favourite")
            client.post(f"/api/v1/statuses/{post}/bookmark")
        address = path.format(alice=alice.id, root=root)
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(address, {"limit": 40}).status_code == 200
        counts.append(len(captured))

    assert counts == [PAGES[path]] * 2, [query["sql"] for query in captured.captured_queries]


@pytest.mark.parametrize("path", ["/api/v1/timelines/public", "/api/v1/timelines/tag/sea"])
@pytest.mark.parametrize(
    ("asked", "shown"), [("", 1), ("local=true", 1), ("remote=true", 0), ("local=true&remote=true", 1)]
)
def test_everything_is_local_and_nothing_remote(client_of, alice, path, asked, shown):
    publish(alice, "by the #sea")

    assert len(client_of().get(f"{path}?{asked}").json()) == shown
