"""Posts for later: scheduled ones are published once, in time or never quietly; drafts lose nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from feed.models import Post, ScheduledPost
from feed.operations import scheduled
from feed.schedule import publish_scheduled
from tests.parallel import at_once
from tests.people import NOON, client_of, publish
from upscrolled import switches
from upscrolled.mail import compose
from upscrolled.models import OwedMail
from upscrolled.operations.profiles import edit_profile
from upscrolled.operations.relationships import block

SOON = {"scheduled_at": "2099-05-01T12:00:00Z"}
THEN = datetime(2099, 5, 1, 12, tzinfo=UTC)


def schedule(account: Any, status: str = "good morning", **more: Any) -> dict[str, Any]:
    response = client_of(account).post("/api/v1/statuses", {"status": status, **SOON, **more})
    assert response.status_code == 200, response.content
    return response.json()


def listed(account: Any) -> list[dict[str, Any]]:
    return client_of(account).get("/api/v1/scheduled_statuses").json()


@pytest.mark.django_db
def test_a_scheduled_post_is_told_as_such_and_not_published_before_its_time(alice) -> None:
    made = schedule(alice, visibility="unlisted", spoiler_text="tea", language="ar")
    scheduled.publish_due(now=THEN - timedelta(seconds=1))

    assert made["scheduled_at"] == "2099-05-01T12:00:00.000Z"
    assert made["params"]["text"] == "good morning"
    assert (made["params"]["visibility"], made["params"]["spoiler_text"]) == ("unlisted", "tea")
    assert listed(alice) == [made]
    assert not Post.objects.exists()


@pytest.mark.django_db
def test_when_its_time_comes_it_is_published_as_it_was_written(alice, bob) -> None:
    parent = publish(bob, "who is up?")
    poll = {"options": ["tea", "coffee"], "expires_in": 3_600}
    schedule(alice, "I am #early", visibility="unlisted", in_reply_to_id=str(parent), poll=poll)
    scheduled.publish_due(now=THEN)

    post = Post.objects.get(author=alice)
    shown = client_of(alice).get(f"/api/v1/statuses/{post.id}").json()
    assert post.created_at == THEN
    assert (shown["visibility"], shown["in_reply_to_id"]) == ("unlisted", str(parent))
    assert [option["title"] for option in shown["poll"]["options"]] == ["tea", "coffee"]
    assert [tag["name"] for tag in shown["tags"]] == ["early"]
    assert listed(alice) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_publish_it_once(alice) -> None:
    for number in range(4):
        schedule(alice, f"number {number}")

    at_once([lambda: scheduled.publish_due(now=THEN)] * 4)

    assert sorted(Post.objects.values_list("text", flat=True)) == [f"number {number}" for number in range(4)]
    assert not ScheduledPost.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_before_the_end_leaves_it_owed_and_unpublished(alice) -> None:
    schedule(alice)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        _publish_and_die()

    assert (Post.objects.count(), ScheduledPost.objects.count()) == (0, 1)


def _publish_and_die() -> None:
    assert scheduled.publish_due(now=THEN) == 1
    raise KeyboardInterrupt


@pytest.mark.django_db
def test_what_is_refused_at_its_time_stays_with_the_reason(alice, bob) -> None:
    parent = publish(bob, "hello")
    made = schedule(alice, "hi", in_reply_to_id=str(parent))
    schedule(alice, "something else")
    block(alice, by=bob, now=NOON)
    scheduled.publish_due(now=THEN)

    (kept,) = listed(alice)
    assert kept["id"] == made["id"]
    assert "reply to does not appear to exist" in kept["upscrolled"]["refused"]
    assert [post.text for post in Post.objects.filter(author=alice)] == ["something else"]

    mail = OwedMail.objects.get(to=alice.email)
    reason = kept["upscrolled"]["refused"]
    for language, why in (("en", reason), ("ar", "لم يعد موجودًا"), ("fr", "n’existe plus")):
        composed = compose(mail.template, to=mail.to, language=language, facts=mail.facts)
        assert (why in composed.body, "hi" in composed.body) == (True, True), language
        assert (reason in composed.body) == (language == "en")
        if language == "ar":
            assert "تعذّر نشر منشور لك" in composed.subject
    asked = {"types[]": "upscrolled.not_published"}
    (told,) = client_of(alice).get("/api/v1/notifications", asked).json()
    assert told["upscrolled"]["not_published"] == {"id": made["id"], **kept["upscrolled"]}
    assert client_of(alice).get("/api/v1/notifications").json() == []

    again = client_of(alice).put(
        f"/api/v1/scheduled_statuses/{made['id']}", {"scheduled_at": "2099-06-01T00:00Z"}
    )
    assert again.json()["upscrolled"]["refused"] is None
    assert client_of(alice).get("/api/v1/notifications", asked).json() == []


@pytest.mark.django_db
def test_a_moment_that_cannot_be_read_is_refused(alice) -> None:
    refused = client_of(alice).post("/api/v1/statuses", {"status": "hello", "scheduled_at": "soon"})

    assert refused.status_code == 422
    assert "scheduled" in refused.json()["error"].lower()
    assert not Post.objects.exists()


@pytest.mark.django_db
def test_a_moment_that_is_over_is_now_and_nothing_is_moved_to_it(alice) -> None:
    client, past = client_of(alice), "2020-01-01T00:00:00Z"
    published = client.post("/api/v1/statuses", {"status": "hello", "scheduled_at": past}).json()
    assert published["content"] == "<p>hello</p>"

    later = client.post("/api/v1/statuses", {"status": "later"} | SOON).json()
    moved = client.put(f"/api/v1/scheduled_statuses/{later['id']}", {"scheduled_at": past})
    assert (moved.status_code, Post.objects.count()) == (422, 1)
    assert "in the future" in moved.json()["error"]


@pytest.mark.django_db
def test_five_minutes_ahead_is_the_limit_and_the_refusal_names_it(alice) -> None:
    at = (datetime.now(UTC) + timedelta(seconds=200)).isoformat()
    refused = client_of(alice).post("/api/v1/statuses", {"status": "hello", "scheduled_at": at})

    assert "at least 300 seconds in the future; it is 19" in refused.json()["error"]


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"status": ""}, {"quoted_status_id": "1"}, {"in_reply_to_id": "1"}])
def test_what_could_not_be_published_cannot_be_scheduled(alice, wrong) -> None:
    refused = client_of(alice).post("/api/v1/statuses", {"status": "hello", **SOON, **wrong})

    assert refused.status_code in (404, 422)
    assert not ScheduledPost.objects.exists()


@pytest.mark.django_db
def test_the_same_key_is_the_same_scheduled_post_and_then_the_same_post(alice) -> None:
    client, key = client_of(alice), {"Idempotency-Key": "morning"}
    first, second = (
        client.post("/api/v1/statuses", {"status": "hello", **SOON}, **key).json() for _ in range(2)
    )
    assert first["id"] == second["id"]
    assert ScheduledPost.objects.count() == 1

    scheduled.publish_due(now=THEN)
    third = client.post("/api/v1/statuses", {"status": "hello", **SOON}, **key).json()
    assert third["id"] == str(Post.objects.get().id)


@pytest.mark.django_db
def test_sent_again_it_is_the_same_though_its_moment_is_too_near_by_now(alice, monkeypatch) -> None:
    client, body = client_of(alice), {"status": "hello", **SOON}
    first = client.post("/api/v1/statuses", body, Idempotency_Key="morning").json()

    monkeypatch.setattr(scheduled, "AHEAD", timedelta(days=36_500))
    again = client.post("/api/v1/statuses", body, Idempotency_Key="morning").json()

    assert again["id"] == first["id"]
    assert client.post("/api/v1/statuses", body, Idempotency_Key="other").status_code == 422


@pytest.mark.django_db
def test_for_whom_it_is_stays_as_it_was_told_whatever_its_author_chooses_later(alice) -> None:
    edit_profile(account=alice, now=NOON, default_audience="followers", default_quoting="nobody")
    made = schedule(alice)
    edit_profile(account=alice, now=NOON, default_audience="public", default_quoting="everybody")
    scheduled.publish_due(now=THEN)

    post = Post.objects.get()
    assert (made["params"]["visibility"], made["params"]["quote_approval_policy"]) == ("private", "nobody")
    assert (post.audience, post.quoting) == ("followers", "nobody")


@pytest.mark.django_db
def test_the_last_day_of_the_calendar_is_a_day_like_others(alice) -> None:
    made = client_of(alice).post(
        "/api/v1/statuses", {"status": "goodbye", "scheduled_at": "9999-12-31T23:30:00Z"}
    )

    assert made.status_code == 200
    assert made.json()["scheduled_at"] == "9999-12-31T23:30:00.000Z"


@pytest.mark.django_db
def test_one_at_which_the_code_fails_keeps_no_other_waiting(alice, caplog) -> None:
    broken = _wanted(alice) | {"poll": {"options": ["tea", "coffee"]}}
    row = {"account": alice, "created_at": NOON, "updated_at": NOON}
    ScheduledPost.objects.create(publish_at=THEN - timedelta(hours=1), wanted=broken, **row)
    schedule(alice, "good morning")
    scheduled.publish_due(now=THEN)

    assert [post.text for post in Post.objects.all()] == ["good morning"]
    assert [kept["upscrolled"]["refused"] for kept in listed(alice)] == [scheduled.FAILED]
    assert "cannot be published" in caplog.text


@pytest.mark.django_db
def test_while_writing_is_switched_off_it_waits(alice) -> None:
    row = {"account": alice, "created_at": NOON, "updated_at": NOON}
    ScheduledPost.objects.create(publish_at=NOON, wanted=_wanted(alice), **row)
    switches.stand_still({"writes": "off"})
    publish_scheduled()
    waiting = Post.objects.count()
    switches.stand_still({})
    publish_scheduled()

    assert (waiting, Post.objects.count()) == (0, 1)


@pytest.mark.django_db
def test_one_day_and_all_days_hold_so_many(alice, monkeypatch) -> None:
    monkeypatch.setattr(scheduled, "SCHEDULED_A_DAY", 2)
    schedule(alice)
    schedule(alice)
    refused = client_of(alice).post("/api/v1/statuses", {"status": "third", **SOON})

    assert refused.status_code == 422
    assert "at most 2 scheduled posts for one day; you have 2 for 2099-05-01" in refused.json()["error"]
    assert len(listed(alice)) == 2


@pytest.mark.django_db
def test_a_scheduled_post_belongs_to_its_author(alice, bob) -> None:
    made = schedule(alice)
    path = f"/api/v1/scheduled_statuses/{made['id']}"

    assert listed(bob) == []
    assert client_of(bob).get(path).status_code == 404
    assert client_of(bob).delete(path).status_code == 404
    assert client_of(alice).delete(path).json() == {}
    assert listed(alice) == []


@pytest.mark.django_db
def test_the_clock_publishes(alice) -> None:
    ScheduledPost.objects.create(
        account=alice,
        publish_at=NOON,
        wanted=_wanted(alice),
        created_at=NOON,
        updated_at=NOON,
    )
    publish_scheduled()

    assert Post.objects.get().text == "from the clock"


def _wanted(account: Any) -> dict[str, Any]:
    schedule(account, "from the clock")
    row = ScheduledPost.objects.get()
    row.delete()
    return dict(row.wanted)


@pytest.mark.django_db
def test_a_draft_keeps_whatever_there_is_and_is_published_when_it_can_be(alice) -> None:
    client = client_of(alice)
    draft = client.post(
        "/api/v1/upscrolled/drafts", {"status": "x" * 6_000, "poll": {"options": ["one"]}}
    ).json()
    path = f"/api/v1/upscrolled/drafts/{draft['id']}"

    assert draft["params"]["status"] == "x" * 6_000
    assert client.post(f"{path}/publish").status_code == 422
    assert client.get(path).json() == draft

    client.put(path, {"status": "short enough", "visibility": "private"})
    published = client.post(f"{path}/publish").json()
    assert (published["visibility"], published["content"]) == ("private", "<p>short enough</p>")
    assert client.get(path).status_code == 404


@pytest.mark.django_db
def test_a_draft_published_twice_on_a_bad_network_is_one_post(alice, bob) -> None:
    client = client_of(alice)
    draft = client.post("/api/v1/upscrolled/drafts", {"status": "only once"}).json()
    path = f"/api/v1/upscrolled/drafts/{draft['id']}/publish"
    first, again = client.post(path), client.post(path)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["id"] == first.json()["id"] == str(Post.objects.get().id)
    assert client_of(bob).post(path).status_code == 404


@pytest.mark.django_db
def test_drafts_are_listed_the_last_first_and_are_nobody_elses(alice, bob) -> None:
    client = client_of(alice)
    for text in ("one", "two"):
        client.post("/api/v1/upscrolled/drafts", {"params": {"status": text}})
    found = client.get("/api/v1/upscrolled/drafts").json()

    assert [draft["params"]["status"] for draft in found] == ["two", "one"]
    assert client_of(bob).get("/api/v1/upscrolled/drafts").json() == []
    assert (
        client_of(bob).put(f"/api/v1/upscrolled/drafts/{found[0]['id']}", {"status": "mine"}).status_code
        == 404
    )
    assert listed(alice) == []


@pytest.mark.django_db
def test_a_draft_that_is_too_large_or_of_unknown_things_is_refused_by_name(alice) -> None:
    client = client_of(alice)
    large = client.post("/api/v1/upscrolled/drafts", {"status": "م" * 40_000})
    unknown = client.post("/api/v1/upscrolled/drafts", {"colour": "red"})

    assert "bytes long; the limit is 64000" in large.json()["error"]
    assert "'colour' is no parameter of a post" in unknown.json()["error"]
