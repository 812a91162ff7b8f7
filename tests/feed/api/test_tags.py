"""Hashtags: looked at, followed, shown on a profile; trends of hashtags and links; the timeline of a link."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feed import usage
from feed.models import TagDay
from feed.operations import tags as verbs
from feed.operations.revise import delete_post
from feed.queries import trends
from tests.people import NOON, ApiClient, client_of, make_account, publish
from tests.restricting import restrict
from upscrolled.operations.relationships import block

pytestmark = pytest.mark.django_db
ANYONE = ApiClient()


@pytest.fixture
def now() -> datetime:
    """A moment late in the day, so that yesterday's use counts little."""
    return datetime.now(UTC).replace(hour=23, minute=4)


def crowd(count: int) -> list:
    return [make_account(f"person{number}") for number in range(count)]


def shown(path: str, client: ApiClient = ANYONE, **params: object) -> list:
    response = client.get(f"/api/v1/{path}", params)
    assert response.status_code == 200, response.content
    return response.json()


def test_a_hashtag_tells_its_week_day_by_day_as_text(alice, bob, now) -> None:
    for author in (alice, alice, bob):
        publish(author, "by the #Lake", now=now)
    publish(alice, "#lake yesterday", now=now - timedelta(days=1))
    publish(alice, "#lake for followers", audience="followers", now=now)
    usage.recount(now=now)

    tag = ANYONE.get("/api/v1/tags/LAKE").json()
    today = datetime(now.year, now.month, now.day, tzinfo=UTC)

    assert tag["name"] == "Lake"
    assert tag["history"][0] == {"day": str(int(today.timestamp())), "uses": "3", "accounts": "2"}
    assert tag["history"][1]["uses"] == "1"
    assert [day["uses"] for day in tag["history"][2:]] == ["0"] * 5
    assert "following" not in tag


def test_counting_twice_or_after_a_deletion_says_what_the_posts_say(alice, now) -> None:
    post = publish(alice, "#lake", now=now)
    publish(alice, "#hill", now=now)
    usage.recount(now=now)
    delete_post(post, by=alice, now=now)
    for _ in range(2):
        usage.recount(now=now)

    assert [(day.tag.name, day.uses, day.people) for day in TagDay.objects.select_related("tag")] == [
        ("hill", 1, 1)
    ]


def test_days_on_which_the_clock_stood_still_are_counted_when_it_runs_again(alice, now) -> None:
    for back in (2, 6):
        publish(alice, "#lake", now=now - timedelta(days=back))
    usage.recount(now=now)
    publish(alice, "#lake", now=now - timedelta(days=6))  # a day that is counted is not counted again
    usage.recount(now=now)

    history = ANYONE.get("/api/v1/tags/lake").json()["history"]
    assert [day["uses"] for day in history] == ["0", "0", "1", "0", "0", "0", "1"]


def test_trends_rank_by_people_against_an_ordinary_day(now) -> None:
    people = crowd(5)
    for back in range(2, 7):  # #coffee is talked of every day, #quake only today
        for author in people[:4]:
            publish(author, "#coffee", now=now - timedelta(days=back))
    for day in {now - timedelta(days=back) for back in range(7)}:
        usage.recount_day(day.date())
    for author in people:
        publish(author, "#coffee", now=now)
    for author in people[:4]:
        publish(author, "#quake", now=now)
    for _ in range(9):
        publish(people[0], "#alone", now=now)
    usage.recount(now=now)

    found = trends.tags(now=now)

    assert [trend.name for trend in found] == ["quake", "coffee"]
    assert found[0].score == pytest.approx(4 * 4 / 1)
    assert found[1].score == pytest.approx(5 * 5 / (1 + 4 * 5 / 6))


def test_a_hashtag_under_a_decision_does_not_trend(now) -> None:
    for author in crowd(3):
        publish(author, "#slur", now=now)
    usage.recount(now=now)
    (trend,) = trends.tags(now=now)
    trends.forget()
    restrict("hashtag", trend.id, "hidden_from_discover", starts_at=NOON)

    assert list(trends.tags(now=now)) == []


def test_trends_of_tags_and_links_are_public_and_paged(now) -> None:
    people = crowd(3)
    for author in people:
        publish(author, "#one #two https://Example.org:443/a#part and https://example.org/b", now=now)
    usage.recount(now=now)

    first = ANYONE.get("/api/v1/trends/tags", {"limit": "1"})
    (link, other) = shown("trends/links")

    assert len(first.json()) == 1
    assert 'offset=1>; rel="next"' in first["Link"]
    assert shown("trends", offset=1)[0]["name"] != first.json()[0]["name"]
    assert {link["url"], other["url"]} == {"https://example.org/a", "https://example.org/b"}
    assert link["provider_name"] == "example.org"
    assert link["history"][0]["accounts"] == "3"


def test_trends_cost_two_statements_and_then_none(now) -> None:
    for author in crowd(3):
        publish(author, "#one", now=now)
    usage.recount(now=now)
    with CaptureQueriesContext(connection) as first:
        shown("trends/tags")
    with CaptureQueriesContext(connection) as again:
        shown("trends/tags")

    assert (len(first), len(again)) == (2, 0)


def test_the_timeline_of_a_link_holds_all_spellings_of_it(alice, bob, carol) -> None:
    written = publish(bob, "see https://EXAMPLE.org/news#top")
    publish(bob, "see https://example.org/other")
    hidden = publish(carol, "me too: https://example.org/news")
    private = publish(bob, "https://example.org/news", audience="followers")

    seen = [
        int(status["id"])
        for status in shown("timelines/link", client_of(alice), url="https://example.org/news")
    ]

    assert seen == [written]
    assert hidden not in seen
    assert private not in seen
    assert shown("timelines/link", url="nonsense") == []
    assert ANYONE.get("/api/v1/timelines/link").status_code == 400


def test_following_a_hashtag_is_told_everywhere_and_twice_is_once(alice) -> None:
    client = client_of(alice)
    for _ in range(2):
        assert client.post("/api/v1/tags/Lake/follow").json()["following"] is True
    client.post("/api/v1/tags/hill/follow")

    assert [tag["name"] for tag in shown("followed_tags", client)] == ["hill", "Lake"]
    assert client.get("/api/v1/tags/lake").json()["following"] is True
    assert client.post("/api/v1/tags/LAKE/unfollow").json()["following"] is False
    assert [tag["name"] for tag in shown("followed_tags", client)] == ["hill"]


def test_followed_hashtags_are_paged_by_link(alice) -> None:
    client = client_of(alice)
    for name in ("one", "two", "three"):
        client.post(f"/api/v1/tags/{name}/follow")

    first = client.get("/api/v1/followed_tags", {"limit": "2"})
    older = first["Link"].split(";")[0].strip("<>").partition("?")[2]
    second = client.get(f"/api/v1/followed_tags?{older}")

    assert [tag["name"] for tag in first.json()] == ["three", "two"]
    assert [tag["name"] for tag in second.json()] == ["one"]


def test_followed_hashtags_have_a_timeline_and_home_stays_of_people(alice, bob, dave) -> None:
    client = client_of(alice)
    client.post("/api/v1/tags/lake/follow")
    client.post("/api/v1/tags/hill/follow")
    lake, both = publish(dave, "#lake"), publish(bob, "#hill over #lake")
    publish(dave, "#sea")

    seen = [int(status["id"]) for status in shown("upscrolled/timelines/followed_tags", client)]

    assert seen == [both, lake]
    assert shown("timelines/home", client) == []
    block(dave, by=alice, now=NOON)
    assert [int(status["id"]) for status in shown("upscrolled/timelines/followed_tags", client)] == [both]


def test_beyond_the_limit_the_answer_names_limit_and_count(alice, monkeypatch) -> None:
    monkeypatch.setattr(verbs, "FOLLOWED_MAX", 1)
    client = client_of(alice)
    client.post("/api/v1/tags/one/follow")
    monkeypatch.undo()
    for number in range(verbs.FEATURED_MAX):
        assert client.post(f"/api/v1/tags/t{number}x/feature").status_code == 200
    refused = client.post("/api/v1/featured_tags", {"name": "more"})

    assert refused.status_code == 422
    assert "10 hashtags; the limit is 10" in refused.json()["error"]
    assert len(shown("featured_tags", client)) == verbs.FEATURED_MAX


def test_a_featured_hashtag_counts_the_posts_that_others_may_see(alice, bob) -> None:
    client = client_of(alice)
    publish(alice, "#lake", now=NOON)
    publish(alice, "#Lake again", audience="unlisted", now=NOON + timedelta(days=1))
    publish(alice, "#lake for followers", audience="followers", now=NOON + timedelta(days=2))
    publish(bob, "#lake")
    refused = client.post("/api/v1/featured_tags", {"name": "no hashtag"})
    made = client.post("/api/v1/featured_tags", {"name": "#lake"}).json()

    assert (made["name"], made["statuses_count"]) == ("lake", "2")
    assert made["last_status_at"] == (NOON + timedelta(days=1)).date().isoformat()
    assert shown(f"accounts/{alice.id}/featured_tags") == [made]
    assert client_of(bob).delete(f"/api/v1/featured_tags/{made['id']}").status_code == 404
    assert client.delete(f"/api/v1/featured_tags/{made['id']}").json() == {}
    assert (refused.status_code, "'no hashtag' is no hashtag" in refused.json()["error"]) == (422, True)
    assert shown("featured_tags", client) == []


def test_suggested_are_ones_own_most_used_hashtags(alice) -> None:
    client = client_of(alice)
    for text in ("#often", "#often #once", "#shown"):
        publish(alice, text)
    client.post("/api/v1/tags/shown/feature")

    assert [tag["name"] for tag in shown("featured_tags/suggestions", client)] == ["often", "once"]


@pytest.mark.parametrize("name", ["%20", "1234", "-", "%00", "two%20words", "%3Cb%3Eolive", "a-b", "a.b"])
def test_what_is_no_hashtag_is_not_found_and_cannot_be_followed(alice, name) -> None:
    publish(alice, "Somebody uses #twowords, #ab and #boliveb.")  # which is what is left of it
    assert ANYONE.get(f"/api/v1/tags/{name}").status_code == 404
    for verb in ("follow", "unfollow", "feature", "unfeature"):
        assert client_of(alice).post(f"/api/v1/tags/{name}/{verb}").status_code == 404, verb


@pytest.mark.parametrize("name", ["olive_oil", "زيتون", "Zürich", "%23fig"])
def test_a_hashtag_that_nobody_has_used_is_found_and_can_be_followed(alice, name) -> None:
    assert ANYONE.get(f"/api/v1/tags/{name}").status_code == 200
    assert client_of(alice).post(f"/api/v1/tags/{name}/follow").json()["following"] is True


def test_the_instance_tells_the_limit_that_holds() -> None:
    told = ANYONE.get("/api/v2/instance").json()["configuration"]["accounts"]
    assert told["max_featured_tags"] == verbs.FEATURED_MAX
