"""Lists: who stands on them, what they show, and what they keep out of home."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feed import tasks
from feed.operations import lists
from feed.operations.interact import repost
from feed.queries import live
from tests.people import NOON, client_of, make_account, publish, seen_by
from upscrolled.core.errors import Invalid
from upscrolled.models import AccountCounters
from upscrolled.operations.relationships import block, follow, mute, unfollow

pytestmark = pytest.mark.django_db
PATH = "/api/v1/lists"


@pytest.fixture
def friends(bob, alice) -> int:
    """A list of bob's with alice on it."""
    made = lists.create_list(by=bob, title="Friends", now=NOON)
    lists.add_members(made, [alice.id], by=bob)
    return made


def shown(account, path: str, **params) -> list[int]:
    response = client_of(account).get(path, params)
    assert response.status_code == 200, response.content
    return [int(status["id"]) for status in response.json()]


def on_list(account, list_id: int, **params) -> list[int]:
    return shown(account, f"/api/v1/timelines/list/{list_id}", **params)


def names(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [person["acct"] for person in response.json()]


def test_oneself_may_stand_on_a_list_of_ones_own(client_of, alice, bob, friends):
    client, address = client_of(bob), f"{PATH}/{friends}"
    assert client.post(f"{address}/accounts", {"account_ids": [str(bob.id)]}).json() == {}
    assert client.post(f"{address}/accounts", {"account_ids": [str(bob.id)]}).status_code == 422
    assert client_of(alice).post(f"{address}/accounts", {"account_ids": [str(alice.id)]}).status_code == 404
    own, hers = publish(bob, "mine", after=1), publish(alice, "hers", after=2)
    unfollow(alice, by=bob)
    lists.add_members(lists.create_list(by=bob, title="Other", now=NOON), [bob.id], by=bob)

    assert names(client.get(f"{address}/accounts")) == ["bob"]
    assert on_list(bob, friends) == [own]
    assert [each["title"] for each in client.get(f"/api/v1/accounts/{bob.id}/lists").json()] == [
        "Friends",
        "Other",
    ]
    scene = live.find(own)
    assert scene is not None
    assert live.lists_with(scene, [friends]) == {friends: bob.id}
    assert live.lists_with(live.find(hers), [friends]) == {}  # type: ignore[arg-type]
    assert own in shown(bob, "/api/v1/timelines/home")
    client.delete(f"{address}/accounts", {"account_ids": [str(bob.id)]})
    assert on_list(bob, friends) == []


def test_a_list_is_made_changed_and_deleted(client_of, alice):
    client = client_of(alice)

    made = client.form(PATH, {"title": "أصدقاء", "exclusive": "1"}).json()
    assert made == {"id": made["id"], "title": "أصدقاء", "replies_policy": "list", "exclusive": True}
    address = f"{PATH}/{made['id']}"
    changed = client.put(address, {"title": "Friends", "replies_policy": "none", "exclusive": "0"}).json()
    assert changed == {"id": made["id"], "title": "Friends", "replies_policy": "none", "exclusive": False}
    assert client.put(address, {"title": "Close friends"}).json()["replies_policy"] == "none"
    assert client.get(PATH).json() == [client.get(address).json()]
    assert client.delete(address).json() == {}
    assert client.get(PATH).json() == []
    assert client.get(address).status_code == 404


def test_a_list_is_its_owners_secret(client_of, alice, bob, friends):
    client = client_of(alice)

    for method, path in (
        ("get", ""), ("put", ""), ("delete", ""), ("get", "/accounts"), ("post", "/accounts"), ("delete", "/accounts"),
    ):  # fmt: skip
        answer = getattr(client, method)(f"{PATH}/{friends}{path}")
        assert answer.status_code == 404, (method, path)
    assert client.get(f"/api/v1/timelines/list/{friends}").status_code == 404


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "title"),
        ({"title": " \u200b "}, "blank"),
        ({"title": "x" * 201}, "201 characters; at most 200"),
        ({"title": "x", "replies_policy": "some"}, "replies_policy"),
    ],
)
def test_a_bad_list_is_refused_with_a_sentence(client_of, alice, body, told):
    answer = client_of(alice).post(PATH, body)

    assert answer.status_code == 422
    assert told in answer.json()["error"]


def test_fifty_lists_are_enough(alice):
    for number in range(lists.LISTS_MAX):
        lists.create_list(by=alice, title=str(number), now=NOON)

    with pytest.raises(Invalid, match="at most 50 lists; you have 50"):
        lists.create_list(by=alice, title="one more", now=NOON)


def test_people_one_follows_are_put_on_and_taken_off_in_every_encoding(client_of, alice, bob, dave):
    follow(dave, by=bob, now=NOON)
    client, made = client_of(bob), lists.create_list(by=bob, title="Friends", now=NOON)
    address = f"{PATH}/{made}/accounts"

    assert client.post(address, {"account_ids": [str(alice.id)]}).json() == {}
    assert client.form(address, {"account_ids[]": dave.id}).json() == {}
    assert names(client.get(address)) == ["dave", "alice"]
    assert names(client.get(address, {"limit": 1})) == ["dave"]
    assert names(client.get(address, {"limit": 0})) == ["dave", "alice"]
    assert client.delete(address, {"account_ids": [str(alice.id)]}).json() == {}
    assert names(client.get(address)) == ["dave"]
    assert client.form(address, {"account_ids[]": dave.id}, method="delete").json() == {}
    assert names(client.get(address)) == []
    client.post(address, {"account_ids": alice.id})
    assert client.delete(f"{address}?account_ids[]={alice.id}").json() == {}
    assert names(client.get(address)) == []


def test_who_cannot_be_put_on_a_list(client_of, alice, bob, dave, friends):
    client, address = client_of(bob), f"{PATH}/{friends}/accounts"

    twice = client.post(address, {"account_ids": [alice.id]})
    assert (twice.status_code, twice.json()["error"]) == (
        422,
        "Validation failed: Account has already been taken",
    )
    for nobody in (dave.id, 1, "abc"):
        assert client.post(address, {"account_ids": [nobody]}).status_code == 404, nobody
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"account_ids": list(range(501))}).status_code == 422
    assert names(client.get(address)) == ["alice"]


def test_a_full_list_takes_nobody_more(bob, alice, friends, monkeypatch):
    monkeypatch.setattr(lists, "MEMBERS_MAX", 1)
    other = make_account("other")
    follow(other, by=bob, now=NOON)

    with pytest.raises(Invalid, match="at most 1 people; this one would hold 2"):
        lists.add_members(friends, [other.id], by=bob)


def test_the_lists_that_hold_somebody(client_of, alice, bob, dave, friends):
    client = client_of(bob)

    assert [one["title"] for one in client.get(f"/api/v1/accounts/{alice.id}/lists").json()] == ["Friends"]
    assert client.get(f"/api/v1/accounts/{dave.id}/lists").json() == []
    assert client_of(alice).get(f"/api/v1/accounts/{alice.id}/lists").json() == []


@pytest.mark.parametrize("parted", ["unfollow", "block", "blocked"])
def test_who_is_no_longer_followed_is_no_longer_on_the_list(client_of, alice, bob, friends, parted):
    publish(alice, "hello")
    if parted == "unfollow":
        unfollow(alice, by=bob)
    elif parted == "block":
        block(alice, by=bob, now=NOON)
    else:
        block(bob, by=alice, now=NOON)

    client = client_of(bob)
    assert names(client.get(f"{PATH}/{friends}/accounts")) == []
    assert client.get(f"/api/v1/accounts/{alice.id}/lists").json() == []
    assert on_list(bob, friends) == []


def test_a_new_follow_does_not_bring_a_list_back_but_lets_one_be_put_on_again(client_of, alice, bob, friends):
    unfollow(alice, by=bob)
    follow(alice, by=bob, now=NOON)
    client, address = client_of(bob), f"{PATH}/{friends}/accounts"
    assert names(client.get(address)) == []

    assert client.post(address, {"account_ids": [alice.id]}).status_code == 200
    assert names(client.get(address)) == ["alice"]


def test_a_list_shows_its_members_posts_and_shares_newest_first_page_by_page(alice, bob, dave, friends):
    follow(dave, by=bob, now=NOON)
    posts = [publish(alice, f"post {n}", after=n) for n in range(3)]
    theirs = publish(dave, "not on the list", after=4)
    publish(bob, "my own", after=5)
    share = repost(seen_by(alice, theirs), by=alice, audience="public", now=NOON + timedelta(seconds=6))

    assert on_list(bob, friends) == [share, *posts[::-1]]
    assert on_list(bob, friends, limit=2, max_id=share) == [posts[2], posts[1]]
    assert on_list(bob, friends, limit=1, min_id=posts[0]) == [posts[1]]
    mute(alice, by=bob, now=NOON)
    assert on_list(bob, friends) == []


def test_the_owner_says_which_answers_a_list_shows(client_of, alice, bob, dave):
    erin = make_account("erin")
    for somebody in (dave, erin):
        follow(somebody, by=bob, now=NOON)
    made = lists.create_list(by=bob, title="Two", now=NOON)
    lists.add_members(made, [alice.id, erin.id], by=bob)
    begin = publish(erin, "begin")
    answers = {
        "member": publish(alice, "to erin", reply_to=begin, after=1),
        "followed": publish(alice, "to dave", reply_to=publish(dave, "x"), after=2),
        "stranger": publish(alice, "to a stranger", reply_to=publish(make_account("zoe"), "x"), after=3),
        "owner": publish(alice, "to bob", reply_to=publish(bob, "x"), after=4),
        "self": publish(erin, "to myself", reply_to=begin, after=5),
    }
    everywhere = {answers["owner"], answers["self"], begin}

    for policy, more in (("none", set()), ("list", {"member"}), ("followed", {"member", "followed"})):
        client_of(bob).put(f"{PATH}/{made}", {"replies_policy": policy})
        assert set(on_list(bob, made)) == everywhere | {answers[name] for name in more}, policy


@pytest.mark.parametrize("cached", [True, False])
def test_an_exclusive_list_keeps_its_members_out_of_home(alice, bob, friends, cached, without_cache):
    if not cached:
        without_cache()
    first, mine = publish(alice, "one"), publish(bob, "mine", after=1)
    assert shown(bob, "/api/v1/timelines/home") == [mine, first]

    lists.change_list(friends, by=bob, exclusive=True)
    assert shown(bob, "/api/v1/timelines/home") == [mine]
    second = publish(alice, "two", after=2)
    if cached:
        tasks.deliver_owed()
    assert shown(bob, "/api/v1/timelines/home") == [mine]
    assert on_list(bob, friends) == [second, first]

    lists.remove_members(friends, [alice.id], by=bob)
    assert shown(bob, "/api/v1/timelines/home") == [second, mine, first]
    lists.add_members(friends, [alice.id], by=bob)
    assert shown(bob, "/api/v1/timelines/home") == [mine]
    lists.delete_list(friends, by=bob)
    assert shown(bob, "/api/v1/timelines/home") == [second, mine, first]


def test_the_bell_rings_for_somebody_on_an_exclusive_list(client_of, alice, bob, friends):
    lists.change_list(friends, by=bob, exclusive=True)
    follow(alice, by=bob, notify=True, now=NOON)
    shown(bob, "/api/v1/timelines/home")
    post = publish(alice, "hello")

    tasks.deliver_owed()

    (note,) = client_of(bob).get("/api/v1/notifications").json()
    assert (note["type"], note["status"]["id"]) == ("status", str(post))
    assert shown(bob, "/api/v1/timelines/home") == []


def test_a_list_that_is_not_exclusive_leaves_home_as_it_is(alice, bob, friends):
    version = AccountCounters.objects.get(pk=bob.pk).graph_version

    lists.change_list(friends, by=bob, title="Dear friends")
    lists.remove_members(friends, [alice.id], by=bob)

    assert AccountCounters.objects.get(pk=bob.pk).graph_version == version


@pytest.mark.parametrize(
    ("path", "statements"), [("/api/v1/timelines/list/{}", 4), (PATH + "/{}/accounts", 4)]
)
def test_statements_of_a_page_do_not_grow(client_of, alice, bob, friends, path, statements):
    client = client_of(bob)
    counts = []
    for crowd in (1, 30):
        people = [make_account(f"x{crowd}_{number}") for number in range(crowd)]
        for number, person in enumerate(people):
            follow(person, by=bob, now=NOON)
            publish(person, f"hello {number}", after=number)
        lists.add_members(friends, [person.id for person in people], by=bob)
        client.get(path.format(friends))
        with CaptureQueriesContext(connection) as captured:
            assert len(client.get(path.format(friends), {"limit": 40}).json()) > crowd - 1
        counts.append(len(captured))

    assert counts == [statements] * 2, [query["sql"] for query in captured.captured_queries]
