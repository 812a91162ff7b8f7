"""What people are told, over the API."""

from __future__ import annotations

import pytest

from tests.people import NOON, make_account, publish
from upscrolled.models import Restriction
from upscrolled.operations.relationships import follow, mute, unfollow

pytestmark = pytest.mark.django_db
PATH = "/api/v1/notifications"


def told(client, **params) -> list[tuple[str, str]]:
    response = client.get(PATH, params)
    assert response.status_code == 200
    return [(item["type"], item["account"]["acct"]) for item in response.json()]


def test_each_kind_is_told_the_last_first(client_of, alice, bob):
    post = publish(alice, "hello")
    client = client_of(bob)
    client.post(f"/api/v1/statuses/{post}/favourite")
    client.post(f"/api/v1/statuses/{post}/reblog")
    client.post("/api/v1/statuses", {"status": "@alice hi"})

    listed = client_of(alice).get(PATH).json()

    assert [item["type"] for item in listed] == ["mention", "reblog", "favourite", "follow"]
    assert listed[1]["status"]["id"] == str(post)
    assert "status" not in listed[3]
    assert all(item["id"].isdigit() and int(item["id"]) < 2**31 for item in listed)
    assert listed[0]["group_key"] == f"ungrouped-{listed[0]['id']}"


def test_types_can_be_chosen_and_excluded(client_of, alice, bob):
    client_of(bob).post("/api/v1/statuses", {"status": "@alice hi"})
    client = client_of(alice)

    assert told(client, **{"types[]": ["mention"]}) == [("mention", "bob")]
    assert told(client, **{"exclude_types[]": ["mention"]}) == [("follow", "bob")]
    assert told(client, **{"types[]": ["admin.sign_up"]}) == []
    assert told(client, account_id=alice.id) == []
    assert told(client, account_id="abc") == []
    assert len(told(client, account_id=bob.id)) == 2


def test_pages_go_by_links(client_of, alice):
    for n in range(5):
        follow(alice, by=make_account(f"fan{n}"), now=NOON)

    response = client_of(alice).get(PATH, {"limit": 2})

    assert [item["account"]["acct"] for item in response.json()] == ["fan4", "fan3"]
    assert 'rel="next"' in response["Link"]


def test_one_can_be_read_dismissed_and_all_cleared(client_of, alice, bob):
    client_of(bob).post("/api/v1/statuses", {"status": "@alice hi"})
    client = client_of(alice)
    first = client.get(PATH).json()[0]["id"]

    assert client.get(f"{PATH}/{first}").json()["type"] == "mention"
    assert client_of(bob).post(f"{PATH}/{first}/dismiss").status_code == 404
    assert client.post(f"{PATH}/{first}/dismiss").json() == {}
    assert client.get(f"{PATH}/{first}").status_code == 404
    assert client.get(f"{PATH}/unread_count").json() == {"count": 1}
    assert client.post(f"{PATH}/clear").json() == {}
    assert told(client) == []


def test_a_mute_may_silence_notifications_or_spare_them(client_of, alice, bob):
    client_of(bob).post("/api/v1/statuses", {"status": "@alice hi"})

    mute(bob, by=alice, notifications=False, now=NOON)
    assert len(told(client_of(alice))) == 2
    mute(bob, by=alice, notifications=True, now=NOON)
    assert told(client_of(alice)) == []


def test_what_may_no_longer_be_seen_is_no_longer_told(client_of, alice, bob):
    client = client_of(bob)
    post = client.post("/api/v1/statuses", {"status": "@alice hi"}).json()["id"]
    Restriction.objects.create(
        subject_kind="post", subject_id=int(post), kind="removed", starts_at=NOON, decision_id=1
    )

    assert told(client_of(alice)) == [("follow", "bob")]


def test_an_unfollow_takes_the_news_of_the_follow_back(client_of, alice, bob):
    unfollow(alice, by=bob)

    assert told(client_of(alice)) == []
