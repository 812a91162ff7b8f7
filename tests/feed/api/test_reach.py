"""The reach report: the author learns of every surface whether the post may be shown there, and why not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feed.operations.interact import like, repost
from feed.timelines import impressions
from tests.people import NOON, client_of, publish, seen_by
from tests.restricting import restrict

SURFACES = {"home", "profile", "hashtag", "search", "discover"}

pytestmark = pytest.mark.django_db


def reach(account, post_id):
    answer = client_of(account).get(f"/api/v1/upscrolled/statuses/{post_id}/reach")
    assert answer.status_code == 200, answer.content
    return answer.json()


def hidden(report) -> dict[str, str]:
    assert all(one["eligible"] is (one["reason"] is None) for one in report["surfaces"].values())
    return {name: one["reason"] for name, one in report["surfaces"].items() if not one["eligible"]}


@pytest.fixture
def now() -> float:
    return (datetime.now(UTC) - NOON).total_seconds() - 60


def test_an_ordinary_post_may_be_shown_everywhere_and_has_its_place(alice, dave, now):
    other, post = publish(alice, "one", after=now), publish(alice, "two", after=now - 60)
    like(seen_by(dave, post), by=dave, now=NOON)

    report = reach(alice, post)

    assert set(report["surfaces"]) == set(report["impressions"]) == SURFACES
    assert hidden(report) == {}
    assert report["restrictions"] == []
    assert report["pool"]["tickets"] == 2
    assert (report["pool"]["rank"], report["pool"]["is_fresh"]) == (1, True)
    assert reach(alice, other)["pool"]["rank"] == 2


def test_it_is_for_the_author_alone(alice, dave, now):
    post = publish(alice, after=now)

    assert client_of(dave).get(f"/api/v1/upscrolled/statuses/{post}/reach").status_code == 404
    assert client_of().get(f"/api/v1/upscrolled/statuses/{post}/reach").status_code == 401


def test_the_report_of_ones_share_is_that_of_ones_own_post_or_nothing(alice, dave, now):
    post = publish(alice, after=now)
    share = repost(seen_by(dave, post), by=dave, audience="public", now=NOON)

    assert client_of(alice).get(f"/api/v1/upscrolled/statuses/{share}/reach").status_code == 404


@pytest.mark.parametrize(
    ("draft", "reasons"),
    [
        (
            {"audience": "unlisted"},
            {"hashtag": "not public", "search": "not public", "discover": "not_public"},
        ),
        ({"audience": "followers"}, {"hashtag", "search", "discover"}),
    ],
)
def test_the_authors_own_setting_is_named(alice, now, draft, reasons):
    found = hidden(reach(alice, publish(alice, after=now, **draft)))

    assert found == reasons if isinstance(reasons, dict) else set(found) == reasons


def test_who_opted_out_of_discover_reads_so(alice, now):
    post = publish(alice, after=now)
    alice.discoverable = False
    alice.save()

    report = reach(alice, post)

    assert hidden(report) == {"discover": "opted_out"}
    assert report["pool"] is None


def test_an_answer_is_shown_to_followers_and_not_drawn(alice, dave, now):
    post = publish(dave, after=now)

    assert hidden(reach(alice, publish(alice, "an answer", reply_to=post, after=now))) == {
        "discover": "reply"
    }


def test_a_restriction_is_named_with_its_decision(alice, now):
    post = publish(alice, after=now)
    decided = restrict("post", post, "hidden_from_discover").decision_id

    report = reach(alice, post)

    assert hidden(report) == {"discover": "hidden_from_discover"}
    [row] = report["restrictions"]
    assert (row["subject"], row["kind"], row["countries"], row["decision_id"]) == (
        "post",
        "hidden_from_discover",
        [],
        str(decided),
    )


def test_a_removed_post_and_one_of_a_held_author_are_hidden_everywhere(alice, now):
    post = publish(alice, after=now)
    restrict("post", post, "removed")
    assert set(hidden(reach(alice, post))) == SURFACES

    other = publish(alice, after=now)
    restrict("account", alice.id, "hold")
    assert set(hidden(reach(alice, other))) == SURFACES


def test_a_restriction_for_one_country_is_named_and_hides_nothing_elsewhere(alice, now):
    post = publish(alice, after=now)
    restrict("post", post, "removed", countries=["FR"])

    report = reach(alice, post)

    assert hidden(report) == {}
    assert report["restrictions"][0]["countries"] == ["FR"]


def test_impressions_are_told_as_the_estimates_that_they_are(alice, bob, dave, now, monkeypatch):
    monkeypatch.setattr("feed.timelines.impressions.random", lambda: 0.0)  # every page is in the sample
    post = publish(alice, "an #olive tree", after=now)
    for _ in range(2):
        client_of(bob).get("/api/v1/timelines/home")
    client_of(alice).get("/api/v1/timelines/home")  # one's own posts do not count
    client_of(dave).get("/api/v1/timelines/tag/olive")
    client_of(dave).get(f"/api/v1/accounts/{alice.id}/statuses")
    client_of(dave).get("/api/v1/upscrolled/discover")
    impressions.add_up()

    counts = reach(alice, post)["impressions"]

    estimates = {name: one["estimate"] // 16 for name, one in counts.items()}
    assert estimates == {"home": 2, "hashtag": 1, "profile": 1, "discover": 1, "search": 0}
    assert {one["sampled_one_in"] for one in counts.values()} == {16}
