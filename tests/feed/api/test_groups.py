"""Notifications in groups, and whose are set aside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feed.operations.interact import like, repost
from tests.people import NOON, crowd, publish, seen_by
from upscrolled.operations.relationships import block, follow

pytestmark = pytest.mark.django_db
PATH = "/api/v2/notifications"


def at(minutes: int):
    return NOON + timedelta(minutes=minutes)


def test_likes_of_one_post_in_half_a_day_are_one_group(alice, bob, dave, client_of) -> None:
    post, other = publish(alice), publish(alice, "another", after=1)
    like(seen_by(bob, post), by=bob, now=at(1))
    like(seen_by(dave, post), by=dave, now=at(2))
    like(seen_by(bob, other), by=bob, now=at(3))
    publish(bob, "@alice look", after=400)
    like_later = seen_by(dave, other)
    like(like_later, by=dave, now=NOON + timedelta(hours=13))

    told = client_of(alice).get(PATH).json()
    groups = [
        (group["type"], group["status_id"], group["notifications_count"])
        for group in told["notification_groups"]
    ]
    mention = told["notification_groups"][1]
    assert groups[0] == ("favourite", str(other), 1)
    assert groups[1][0] == "mention"
    assert groups[2:4] == [("favourite", str(other), 1), ("favourite", str(post), 2)]
    assert groups[4][0] == "follow"
    assert mention["group_key"] == f"ungrouped-{mention['most_recent_notification_id']}"
    both = told["notification_groups"][3]
    assert both["sample_account_ids"] == [str(dave.id), str(bob.id)]
    assert both["page_max_id"] == str(both["most_recent_notification_id"])
    assert {account["id"] for account in told["accounts"]} == {str(bob.id), str(dave.id)}
    assert {status["id"] for status in told["statuses"]} >= {str(post), str(other)}


def test_a_group_is_read_and_dismissed_by_its_key(alice, bob, dave, client_of) -> None:
    post = publish(alice)
    like(seen_by(bob, post), by=bob, now=at(1))
    like(seen_by(dave, post), by=dave, now=at(2))
    client = client_of(alice)
    group = client.get(PATH, {"types[]": "favourite"}).json()["notification_groups"][0]
    key = group["group_key"]
    assert [
        each["group_key"] for each in client.get("/api/v1/notifications", {"types[]": "favourite"}).json()
    ] == [key] * 2
    assert client.get(f"{PATH}/{key}").json()["notification_groups"][0]["notifications_count"] == 2
    assert [who["acct"] for who in client.get(f"{PATH}/{key}/accounts").json()] == ["dave", "bob"]
    last = client.get(f"{PATH}/{key}/accounts", {"limit": 1})
    assert [who["acct"] for who in last.json()] == ["dave"]
    before = last["Link"].partition(">")[0].removeprefix("<")
    assert [who["acct"] for who in client.get(before).json()] == ["bob"]
    assert [who["acct"] for who in client.get(f"{PATH}/{key}/accounts", {"min_id": "1"}).json()] == [
        "dave",
        "bob",
    ]
    assert client_of(bob).get(f"{PATH}/{key}").status_code == 404
    assert client_of(bob).get(f"{PATH}/{key}/accounts").status_code == 404
    assert client.post(f"{PATH}/{key}/dismiss").json() == {}
    assert client.get(f"{PATH}/{key}").status_code == 404
    assert client.get(PATH, {"types[]": "favourite"}).json()["notification_groups"] == []


@pytest.mark.parametrize(
    "key", ["x", "-", "ungrouped-", "favourite-1", "mention-1-2", "follow-99999999999999", "ungrouped-1-2"]
)
def test_what_is_no_key_is_not_found(alice, client_of, key) -> None:
    client = client_of(alice)
    assert client.get(f"{PATH}/{key}").status_code == 404
    assert client.post(f"{PATH}/{key}/dismiss").status_code == 404


def test_pages_of_groups_go_on_where_the_last_ended(alice, bob, dave, client_of) -> None:
    posts = [publish(alice, f"post {number}", after=number) for number in range(5)]
    for number, post in enumerate(posts):
        for who in (bob, dave):
            like(seen_by(who, post), by=who, now=at(10 + number))
    client = client_of(alice)
    found, params = [], {"limit": 2, "types[]": "favourite"}
    while True:
        answer = client.get(PATH, params)
        groups = answer.json()["notification_groups"]
        found += [(group["status_id"], group["notifications_count"]) for group in groups]
        if 'rel="next"' not in answer.headers.get("Link", ""):
            break
        params["max_id"] = groups[-1]["page_min_id"]
    assert found == [(str(post), 2) for post in reversed(posts)]


def test_who_may_not_be_seen_is_in_no_group(alice, bob, dave, client_of) -> None:
    post = publish(alice)
    like(seen_by(bob, post), by=bob, now=at(1))
    like(seen_by(dave, post), by=dave, now=at(2))
    block(dave, by=alice, now=NOON)
    (group,) = client_of(alice).get(PATH, {"types[]": "favourite"}).json()["notification_groups"]
    assert (group["sample_account_ids"], group["notifications_count"]) == ([str(bob.id)], 1)


def test_unread_groups_are_those_above_the_marker(alice, bob, dave, client_of) -> None:
    client = client_of(alice)
    post = publish(alice)
    like(seen_by(bob, post), by=bob, now=at(1))
    like(seen_by(dave, post), by=dave, now=at(2))
    assert client.get(f"{PATH}/unread_count").json() == {"count": 2}  # bob's follow, and the likes
    alone = {"grouped_types[]": "follow"}
    assert client.get(f"{PATH}/unread_count", alone).json() == {"count": 3}
    assert client.get(f"{PATH}/unread_count", {"account_id": str(dave.id)}).json() == {"count": 1}
    newest = client.get(PATH).json()["notification_groups"][0]["most_recent_notification_id"]
    client.post("/api/v1/markers", {"notifications": {"last_read_id": str(newest)}})
    assert client.get(f"{PATH}/unread_count").json() == {"count": 0}
    repost(seen_by(bob, post), by=bob, audience="public", now=at(3))
    assert client.get(f"{PATH}/unread_count").json() == {"count": 1}


def test_nothing_is_grouped_for_who_wants_nothing_grouped_and_pictures_may_be_partial(
    alice, bob, dave, client_of
) -> None:
    post = publish(alice)
    for number, who in enumerate((bob, dave)):
        like(seen_by(who, post), by=who, now=at(number))
    client = client_of(alice)
    apart = client.get(PATH, {"types[]": "favourite", "grouped_types[]": "follow"}).json()
    assert [group["notifications_count"] for group in apart["notification_groups"]] == [1, 1]
    short = client.get(PATH, {"types[]": "favourite", "expand_accounts": "partial_avatars"}).json()
    assert [who["acct"] for who in short["accounts"]] == ["dave"]
    assert [who["acct"] for who in short["partial_accounts"]] == ["bob"]


def test_a_page_of_groups_costs_the_same_however_many_like(alice, bob, client_of) -> None:
    people = crowd(30, like=bob)
    client = client_of(alice)

    def cost(likers, post) -> int:
        for who in likers:
            like(seen_by(who, post), by=who, now=at(1))
        with CaptureQueriesContext(connection) as asked:
            client.get(PATH)
        return len(asked)

    client.get(PATH)  # once, and a process knows who has filters
    assert cost(people[:1], publish(alice)) == cost(people, publish(alice, "again", after=1))


@pytest.mark.parametrize("verdict", ["filter", "drop"])
def test_strangers_are_set_aside_or_dropped_and_heard_once_accepted(
    alice, bob, dave, client_of, verdict
) -> None:
    client = client_of(alice)
    post = publish(alice)
    like(seen_by(dave, post), by=dave, now=at(1))
    like(seen_by(bob, post), by=bob, now=at(2))
    policy = client.patch(f"{PATH}/policy", {"for_not_followers": verdict}).json()
    asks = verdict == "filter"
    assert policy["for_not_followers"] == verdict
    assert policy["summary"] == {
        "pending_requests_count": int(asks),
        "pending_notifications_count": int(asks),
    }

    def seen(**params: object) -> list[str]:
        return [each["account"]["acct"] for each in client.get("/api/v1/notifications", params).json()]

    assert seen() == ["bob", "bob"]
    assert seen(include_filtered="true") == (["bob", "dave", "bob"] if asks else ["bob", "bob"])
    requests = client.get("/api/v1/notifications/requests").json()
    assert [
        (one["account"]["acct"], one["notifications_count"], one["last_status"]["id"]) for one in requests
    ] == ([("dave", "1", str(post))] if asks else [])
    one = client.post(f"/api/v1/notifications/requests/{dave.id}/accept")
    assert one.status_code == (200 if asks else 404)
    assert client.post("/api/v1/notifications/requests/accept", {"id": [str(dave.id)]}).json() == {}
    assert seen() == ["bob", "dave", "bob"]
    assert client.get("/api/v1/notifications/requests").json() == []


def test_pages_of_requests_go_on_where_the_last_ended(alice, client_of) -> None:
    client, address = client_of(alice), "/api/v1/notifications/requests"
    client.patch(f"{PATH}/policy", {"for_not_following": "filter"})
    post = publish(alice)
    names = []
    for minute, who in enumerate(crowd(3, like=alice), 1):
        like(seen_by(who, post), by=who, now=at(minute))
        names.insert(0, who.username)

    def seen(**params: object) -> list[str]:
        return [each["account"]["acct"] for each in client.get(address, params).json()]

    first = client.get(address, {"limit": 2})
    assert [each["account"]["acct"] for each in first.json()] == names[:2]
    following, before = (part.partition(">")[0].removeprefix("<") for part in first["Link"].split(", "))
    assert [each["account"]["acct"] for each in client.get(following).json()] == names[2:]
    assert client.get(before).json() == []
    assert seen(max_id=first.json()[1]["id"]) == names[2:]  # as applications do that take the id of a request


def test_who_was_dismissed_asks_again_with_something_new(alice, dave, client_of) -> None:
    client = client_of(alice)
    post = publish(alice)
    client.put("/api/v1/notifications/policy", {"filter_not_following": True})
    like(seen_by(dave, post), by=dave, now=at(1))
    asking = client.get(f"/api/v1/notifications/requests/{dave.id}").json()
    assert asking["id"] == str(dave.id)
    client.post("/api/v1/notifications/requests/dismiss", {"id": [asking["id"]]})
    assert client.get("/api/v1/notifications/requests").json() == []
    assert client.get(f"/api/v1/notifications/requests/{dave.id}").status_code == 404
    from datetime import UTC, datetime

    repost(seen_by(dave, post), by=dave, audience="public", now=datetime.now(UTC) + timedelta(minutes=1))
    assert [one["notifications_count"] for one in client.get("/api/v1/notifications/requests").json()] == [
        "1"
    ]
    assert client.get("/api/v1/notifications/requests/merged").json() == {"merged": True}


def test_who_is_set_aside_wakes_nobody(alice, dave, client_of, django_capture_on_commit_callbacks) -> None:
    from tests.feed.streaming.listening import Room

    client_of(alice).patch(f"{PATH}/policy", {"for_not_following": "filter"})
    room = Room()
    ear = room.listener(alice, "user:notification")
    publish(dave, "@alice")
    room.tell()
    assert room.said[ear] == []
    with django_capture_on_commit_callbacks(execute=True):
        client_of(alice).post(f"/api/v1/notifications/requests/{dave.id}/accept")
    room.tell_events()
    assert room.said.pop(ear) == [(["user:notification"], "notifications_merged", 1)]
    room.said[ear] = []
    follow(dave, by=alice, now=NOON)
    publish(dave, "@alice again", after=1)
    room.tell()
    assert [name for _, name, _ in room.said[ear]] == ["notification"]


def test_a_policy_that_there_is_not_is_refused(alice, client_of) -> None:
    answer = client_of(alice).patch(f"{PATH}/policy", {"for_not_following": "perhaps"})
    assert answer.status_code == 422
