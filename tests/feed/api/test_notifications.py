"""What people are told, over the API."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feed import tasks
from feed.queries.notifications import ROUNDS
from tests.people import NOON, make_account, publish
from tests.restricting import restrict
from upscrolled.models import Notification
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
    assert told(client, **{"types[]": ["mention", "mention", "poll"]}) == [("mention", "bob")]
    assert told(client, account_id=bob.id, **{"types[]": ["follow"]}) == [("follow", "bob")]
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
    assert client.get(f"{PATH}/unread_count", {"types[]": "mention"}).json() == {"count": 0}
    assert client.get(f"{PATH}/unread_count", {"account_id": str(alice.id)}).json() == {"count": 0}
    assert client.post(f"{PATH}/clear").json() == {}
    assert told(client) == []


def test_what_the_marker_says_is_read_is_counted_no_longer(client_of, alice, bob):
    client = client_of(alice)
    client_of(bob).post("/api/v1/statuses", {"status": "@alice hi"})
    newest = client.get(PATH).json()[0]["id"]

    client.post("/api/v1/markers", {"notifications": {"last_read_id": newest}})
    assert client.get(f"{PATH}/unread_count").json() == {"count": 0}
    client_of(bob).post("/api/v1/statuses", {"status": "@alice still there?"})
    assert client.get(f"{PATH}/unread_count").json() == {"count": 1}


def test_a_mute_may_silence_notifications_or_spare_them(client_of, alice, bob):
    client_of(bob).post("/api/v1/statuses", {"status": "@alice hi"})

    mute(bob, by=alice, notifications=False, now=NOON)
    assert len(told(client_of(alice))) == 2
    mute(bob, by=alice, notifications=True, now=NOON)
    assert told(client_of(alice)) == []


def test_what_may_no_longer_be_seen_is_no_longer_told(client_of, alice, bob):
    client = client_of(bob)
    post = client.post("/api/v1/statuses", {"status": "@alice hi"}).json()["id"]
    restrict("post", int(post), "removed", starts_at=NOON)

    assert told(client_of(alice)) == [("follow", "bob")]


def test_an_unfollow_takes_the_news_of_the_follow_back(client_of, alice, bob):
    unfollow(alice, by=bob)

    assert told(client_of(alice)) == []


def test_a_page_that_would_be_empty_is_the_next_one_that_is_not(client_of, alice, bob):
    post = publish(alice, "hello")
    for number in range(4):
        client_of(bob).post("/api/v1/statuses", {"status": f"@alice {number}", "in_reply_to_id": str(post)})
    client = client_of(alice)
    assert told(client, limit=2) == [("mention", "bob")] * 2
    client.post(f"/api/v1/statuses/{post}/mute")

    page = client.get(PATH, {"limit": 2})
    assert [item["type"] for item in page.json()] == ["follow"]
    assert 'rel="next"' not in page["Link"]
    (newest,) = [item["id"] for item in page.json()]
    assert told(client, limit=2, min_id=newest) == []
    groups = client.get("/api/v2/notifications", {"limit": 2}).json()["notification_groups"]
    assert [group["type"] for group in groups] == ["follow"]


TYPES = ["mention", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update", "quote",
         "quoted_update", "admin.sign_up"]  # fmt: skip


def test_every_kind_has_its_type_in_the_client_api(client_of, alice, bob):
    Notification.objects.all().delete()
    for kind in Notification.Kind.values:
        Notification.objects.create(recipient=alice, actor=bob, kind=kind, created_at=NOON)
    client = client_of(alice)

    assert {kind for kind, _ in told(client)} == set(TYPES)
    for name in TYPES:
        assert told(client, **{"types[]": [name]}) == [(name, "bob")]
        assert name not in [kind for kind, _ in told(client, **{"exclude_types[]": [name]})]


def test_pages_of_one_type_and_of_one_person_go_both_ways(client_of, alice, bob):
    posts = [publish(alice, f"post {number}", after=number) for number in range(6)]
    client = client_of(bob)
    for post in posts:
        client.post(f"/api/v1/statuses/{post}/favourite")
        client.post("/api/v1/statuses", {"status": f"@alice {post}"})
    client = client_of(alice)

    for chosen in ({"types[]": ["favourite"]}, {"account_id": bob.id, "types[]": ["favourite"]}):
        whole = [item["id"] for item in client.get(PATH, {**chosen}).json()]
        assert len(whole) == 6
        assert [item["id"] for item in client.get(PATH, {**chosen, "limit": 2}).json()] == whole[:2]
        older = client.get(PATH, {**chosen, "limit": 2, "max_id": whole[1]}).json()
        assert [item["id"] for item in older] == whole[2:4]
        newer = client.get(PATH, {**chosen, "limit": 2, "min_id": whole[4]}).json()
        assert [item["id"] for item in newer] == whole[2:4]


def test_whoever_asked_for_it_is_told_of_every_post_of_somebody(client_of, alice, bob):
    follow(alice, by=bob, notify=True, now=NOON)
    post = publish(alice, "hello")
    publish(alice, "an answer", reply_to=post, after=1)

    tasks.deliver_owed()

    (note,) = client_of(bob).get(PATH).json()
    assert (note["type"], note["account"]["acct"], note["status"]["id"]) == ("status", "alice", str(post))


CROWD = """
INSERT INTO upscrolled_notification (recipient_id, actor_id, kind, subject_id, created_at)
SELECT CASE WHEN n %% 10 = 0 THEN %(popular)s ELSE (%(people)s::bigint[])[1 + n %% 40] END,
       (%(people)s::bigint[])[1 + n %% 37], CASE WHEN n %% 51 = 0 THEN 'mention' ELSE 'like' END, n, now()
FROM generate_series(1, 20000) n
"""


@pytest.mark.parametrize("chosen", [{}, {"types[]": ["mention"]}, {"account_id": True}])
def test_a_page_of_somebody_popular_is_read_by_an_index_made_for_it(client_of, alice, chosen):
    """Two thousand likes stand for half a million: no page walks through all of them."""
    people = [make_account(f"fan{number}").id for number in range(40)]
    client = client_of(alice)
    with connection.cursor() as cursor:
        cursor.execute(CROWD, {"popular": alice.id, "people": people})
        cursor.execute("ANALYZE upscrolled_notification")
    params = {**chosen, "limit": 20, **({"account_id": people[3]} if "account_id" in chosen else {})}

    with CaptureQueriesContext(connection) as captured:
        client.get(PATH, params)
    listings = [query["sql"] for query in captured if "FROM upscrolled_notification" in query["sql"]]
    assert 1 <= len(listings) <= ROUNDS  # of posts that are not there: nothing can be shown
    for listing in listings:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + listing)
            (plan,) = cursor.fetchone()
        top = plan[0]["Plan"]
        assert top["Shared Hit Blocks"] + top["Shared Read Blocks"] < 120, json.dumps(top, indent=1)
