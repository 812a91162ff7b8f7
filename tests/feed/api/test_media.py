"""Posts with media: in their order, edited, deleted and written anew; listed alone; private where the post is."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.test.utils import CaptureQueriesContext

from feed import tasks
from feed.models import Post, ScheduledPost
from feed.operations import audit, interact, scheduled
from feed.queries import posts
from tests.media import V1, content, fetch, files_below, finish, now, opened, photo, ready, settle, upload
from tests.people import NOON, client_of, publish, token_of
from upscrolled.media import ending, ledger
from upscrolled.models import MediaAttachment
from upscrolled.viewer import Viewer

pytestmark = pytest.mark.django_db
STATUSES = "/api/v1/statuses"


@pytest.fixture(autouse=True)
def _own_media(media_root):
    return media_root


def post(account, *media, code=200, **body):
    """Publish a post with these attachments; the entity, or the refusal."""
    answer = client_of(account).post(STATUSES, {"media_ids": list(media), **body})
    assert answer.status_code == code, answer.content
    settle()
    if code == 200 and "scheduled_at" not in answer.json():
        return read(account, answer.json()["id"])
    return answer.json()


def read(account, post_id):
    answer = client_of(account).get(f"{STATUSES}/{post_id}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def ids(shown):
    return [each["id"] for each in shown["media_attachments"]]


def test_media_say_enough_by_themselves_and_stand_in_their_order(alice):
    first, second = ready(alice), ready(alice, photo(2))
    shown = post(alice, second, first)

    assert (shown["content"], ids(shown)) == ("", [second, first])
    for each in shown["media_attachments"]:
        assert "/media/public/" in each["url"]
        assert opened(each["url"]).size == (640, 400)
        assert each["upscrolled"]["expires_at"] is None


def test_forms_name_media_as_applications_do(alice):
    made = ready(alice)
    answer = client_of(alice).form(STATUSES, {"status": "a boat", "media_ids[]": [made], "sensitive": "1"})

    assert (ids(answer.json()), answer.json()["sensitive"]) == ([made], True)


REFUSED = [
    ("somebody else's", "not found"),
    ("none at all", "not found"),
    ("posted already", "another post"),
    ("still processed", "not ready"),
    ("damaged", "not sent whole"),
    ("too many", "at most 10 attachments; there are 11"),
]


@pytest.mark.parametrize(("which", "why"), REFUSED)
def test_what_cannot_be_posted_is_refused_and_nothing_is_published(alice, bob, which, why):
    if which == "somebody else's":
        named = [ready(bob)]
    elif which == "none at all":
        named = ["12345"]
    elif which == "posted already":
        named = [ready(alice)]
        post(alice, *named)
        Post.objects.all().delete()
        MediaAttachment.objects.update(attached_at=now())
    elif which == "still processed":
        named = [upload(alice, photo())["id"]]
    elif which == "damaged":
        named = [upload(alice, photo()[:9_000])["id"]]
        finish()
    else:
        named = [str(number) for number in range(1, 12)]

    refused = post(alice, *named, code=422, status="look")

    assert why in refused["error"]
    assert not Post.objects.exists()


def test_a_post_that_is_sent_twice_is_one_post(alice):
    made = ready(alice)
    body = {"media_ids": [made], "status": "once"}
    first, again = (client_of(alice).post(STATUSES, body, Idempotency_Key="k").json() for _ in range(2))

    assert first["id"] == again["id"]
    assert client_of(alice).post(STATUSES, body, Idempotency_Key="other").status_code == 422


def test_two_posts_do_not_get_the_same_photo(alice):
    made = ready(alice)
    post(alice, made)
    refused = post(alice, made, code=422)

    assert "another post" in refused["error"]
    assert Post.objects.count() == 1


def test_an_edit_changes_media_and_the_history_keeps_what_was(alice, bob):
    first, second = ready(alice, description="before"), ready(alice, photo(2))
    made = post(alice, first)
    path = f"{STATUSES}/{made['id']}"
    changed = client_of(alice).put(
        path,
        {
            "status": "now with words",
            "media_ids": [second, first],
            "media_attributes": [{"id": first, "description": "after", "focus": "0.5,0.5"}],
        },
    )
    assert changed.status_code == 200, changed.content
    settle()

    shown = read(bob, made["id"])
    assert ids(shown) == [second, first]
    assert shown["media_attachments"][1]["description"] == "after"
    assert shown["edited_at"]
    assert fetch(shown["media_attachments"][0]["url"]).status_code == 200
    gone = client_of(alice).put(path, {"status": "words alone"}).json()
    assert ids(gone) == []
    history = client_of(bob).get(f"{path}/history").json()
    assert [ids(version) for version in history] == [[first], [second, first], []]
    assert [each["description"] for each in history[0]["media_attachments"]] == ["before"]
    assert fetch(history[0]["media_attachments"][0]["url"]).status_code == 200


def test_what_is_said_of_media_can_be_edited_alone(alice):
    made = ready(alice)
    shown = post(alice, made)
    path = f"{STATUSES}/{shown['id']}"
    about = {"media_attributes": [{"id": made, "description": "a boat"}]}
    changed = client_of(alice).put(path, about).json()

    assert (ids(changed), changed["media_attachments"][0]["description"]) == ([made], "a boat")
    assert client_of(alice).put(f"{V1}/{made}", {"description": "no"}).status_code == 422
    assert client_of(alice).delete(f"{V1}/{made}").status_code == 422


def test_a_picture_that_stands_for_media_is_changed_with_the_post(alice, bob):
    first, second = ready(alice), ready(alice, photo(2))
    shown = post(alice, first, second)
    before = [each["preview_url"] for each in shown["media_attachments"]]
    form = {
        "media_attributes[0][id]": first,
        "media_attributes[0][description]": "a boat",
        "media_attributes[1][id]": second,
        "media_attributes[1][thumbnail]": SimpleUploadedFile("small.png", photo(3, (300, 200), "PNG")),
    }
    answer = Client().generic(
        "PUT",
        f"{STATUSES}/{shown['id']}",
        encode_multipart(BOUNDARY, form),
        content_type=MULTIPART_CONTENT,
        headers={"Authorization": f"Bearer {token_of(alice)}"},
    )
    assert answer.status_code == 200, answer.content
    changed = answer.json()["media_attachments"]
    # For everybody it is once it lies where everybody reaches it; until then at a signed address.
    assert opened(changed[1]["preview_url"]).size == (300, 200)
    settle()

    after = read(bob, shown["id"])
    assert after["edited_at"]
    assert [each["description"] for each in after["media_attachments"]] == ["a boat", None]
    assert after["media_attachments"][0]["preview_url"] == before[0]
    new = after["media_attachments"][1]["preview_url"]
    assert "/media/public/" in new
    assert opened(new).size == (300, 200)
    ledger.remove_due(now=now())
    assert fetch(before[1]).status_code == 200
    data = "data:image/png;base64," + base64.b64encode(photo(4, (90, 60), "PNG")).decode()
    again = client_of(alice).put(
        f"{STATUSES}/{shown['id']}", {"media_attributes": [{"id": second, "thumbnail": data}]}
    )
    assert opened(again.json()["media_attachments"][1]["preview_url"]).size == (90, 60)
    ledger.remove_due(now=now() + timedelta(hours=20))
    assert opened(new).size == (300, 200)  # whoever was shown it has it for a day
    ledger.end_former(now=now() + timedelta(days=2))
    ledger.remove_due(now=now() + timedelta(days=2))
    assert fetch(new).status_code == 404
    refused = client_of(alice).put(
        f"{STATUSES}/{shown['id']}", {"media_attributes": [{"id": second, "thumbnail": "no picture"}]}
    )
    assert refused.status_code == 422
    assert "must be a file, or a data: address" in refused.json()["error"]


def test_without_media_the_text_may_not_be_empty(alice):
    made = post(alice, ready(alice))
    answer = client_of(alice).put(f"{STATUSES}/{made['id']}", {"status": ""})

    assert answer.status_code == 422
    assert ids(read(alice, made["id"]))


def test_deleted_media_can_be_posted_anew_or_are_gone(alice, media_root):
    made = ready(alice)
    before = post(alice, made)
    address = before["media_attachments"][0]["url"]
    gone = client_of(alice).delete(f"{STATUSES}/{before['id']}").json()
    settle()
    ledger.remove_due(now=now())

    assert ids(gone) == [made]
    assert fetch(address).status_code == 404  # nobody's any more but hers
    assert files_below(media_root / "public") == set()
    private = client_of(alice).get(f"{V1}/{made}").json()
    assert opened(private["url"]).size == (640, 400)
    again = post(alice, made)
    assert ids(again) == [made]

    client_of(alice).delete(f"{STATUSES}/{again['id']}?delete_media=true")
    settle()
    ending.purge(now=now())
    ledger.remove_due(now=now())
    assert files_below(media_root) == set()
    assert not MediaAttachment.objects.exists()


@pytest.mark.parametrize("sent", ["in the address", "as JSON", "as a form"])
def test_that_media_go_with_the_post_is_said_in_the_address_or_in_a_body(alice, media_root, sent):
    made, hers, said = post(alice, ready(alice)), client_of(alice), {"delete_media": True}
    address = f"{STATUSES}/{made['id']}"

    if sent == "as a form":  # Mastodon.py
        gone = hers.form(address, {"delete_media": "1"}, method="delete")
    else:
        gone = (
            hers.delete(address, said) if sent == "as JSON" else hers.delete(f"{address}?delete_media=true")
        )

    assert (gone.status_code, ids(gone.json())) == (200, [])
    assert hers.get(f"{V1}/{ids(made)[0]}").status_code == 404


def test_media_of_earlier_versions_go_with_the_post(alice, media_root):
    made = post(alice, ready(alice))
    client_of(alice).put(f"{STATUSES}/{made['id']}", {"status": "words alone", "media_ids": []})
    client_of(alice).delete(f"{STATUSES}/{made['id']}?delete_media=1")
    settle()
    ending.purge(now=now())
    ledger.remove_due(now=now())

    assert files_below(media_root) == set()


LISTS = [
    "/api/v1/timelines/public?only_media=true",
    "/api/v1/accounts/{alice}/statuses?only_media=true",
    "/api/v1/timelines/tag/sea?only_media=1",
]


@pytest.mark.parametrize("path", LISTS)
def test_lists_of_media_alone(alice, bob, path):
    publish(alice, "words #sea", now=now())
    first = post(alice, ready(alice), status="one #sea")["id"]
    publish(alice, "more words #sea", now=now())
    second = post(alice, ready(alice, photo(2)), status="two #sea")["id"]

    client = client_of(bob)
    path = path.format(alice=alice.id)
    assert [each["id"] for each in client.get(path).json()] == [second, first]
    page = client.get(f"{path}&limit=1")
    assert [each["id"] for each in page.json()] == [second]
    assert [each["id"] for each in client.get(f"{path}&max_id={second}").json()] == [first]


PAGES = [
    "/api/v1/timelines/home",
    "/api/v1/timelines/public",
    "/api/v1/accounts/{alice}/statuses",
    "/api/v1/statuses/{last}/context",
]


@pytest.mark.parametrize("path", PAGES)
def test_media_cost_a_page_one_statement_and_a_page_without_none(alice, bob, path):
    for number in range(3):
        publish(alice, f"words {number}", now=now())
    last = publish(alice, "the last", now=now())
    client = client_of(bob)
    path = path.format(alice=alice.id, last=last)

    def statements() -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    without = statements()
    where = {"in_reply_to_id": str(last)} if "context" in path else {}
    post(alice, ready(alice), ready(alice, photo(2)), **where)
    tasks.deliver_owed()
    one = statements()
    post(alice, ready(alice, photo(3)), **where)
    tasks.deliver_owed()
    assert (one, statements()) == (without + 1, without + 1)


def test_a_shared_post_shows_its_media(alice, bob):
    made = post(alice, ready(alice))
    original = posts.get_post(Viewer(bob), int(made["id"]))
    shared = interact.repost(original, by=bob, audience="public", now=now())

    shown = read(bob, shared)
    assert ids(shown["reblog"]) == ids(made)


AUDIENCES = [("public", True), ("unlisted", True), ("private", False)]


@pytest.mark.parametrize(("visibility", "everybody"), AUDIENCES)
def test_who_reaches_the_files_follows_from_the_audience(alice, bob, dave, media_root, visibility, everybody):
    """bob follows alice, dave is a stranger. What bob was shown he can fetch; a stranger is shown nothing."""
    made = post(alice, ready(alice), visibility=visibility)
    seen = read(bob, made["id"])["media_attachments"][0]["url"]

    assert fetch(seen).status_code == 200
    assert ("/media/public/" in seen) is everybody
    assert bool(files_below(media_root / "public")) is everybody
    stranger = client_of(dave).get(f"{STATUSES}/{made['id']}")
    assert stranger.status_code == (200 if everybody else 404)
    name = "/".join(seen.split("/")[-2:])
    root = seen.partition("/media/")[0]
    assert fetch(f"{root}/media/public/{name}").status_code == (200 if everybody else 404)


def test_a_private_address_ends_with_the_post(alice, bob):
    made = post(alice, ready(alice), visibility="private")
    seen = read(bob, made["id"])["media_attachments"][0]["url"]
    client_of(alice).delete(f"{STATUSES}/{made['id']}?delete_media=true")

    assert fetch(seen).status_code == 404


def test_media_wait_for_the_moment_they_are_scheduled_for(alice):
    made = ready(alice)
    kept = post(alice, made, scheduled_at="2099-05-01T12:00:00Z", status="later")
    assert kept["params"]["media_ids"] == [made]
    assert ids(kept) == [made]
    assert client_of(alice).get("/api/v1/scheduled_statuses").json() == [kept]
    MediaAttachment.objects.filter(expires_at__lt=NOON.replace(year=2099)).update(deleted_at=now())
    scheduled.publish_due(now=NOON.replace(year=2100))

    assert ids(read(alice, Post.objects.get().id)) == [made]


WISH = {"upscrolled": {"publish_when_ready": True}}


def test_a_post_can_wait_for_its_media(alice):
    made = upload(alice, photo())["id"]
    kept = client_of(alice).post(STATUSES, {"media_ids": [made], **WISH}, Idempotency_Key="one").json()
    assert "scheduled_at" in kept
    scheduled.publish_due(now=now())
    scheduled.publish_due(now=now())
    assert not Post.objects.exists()

    finish()
    for after in (60, 120):
        scheduled.publish_due(now=now() + timedelta(seconds=after))

    assert [ids(read(alice, each.id)) for each in Post.objects.all()] == [[made]]
    assert not ScheduledPost.objects.exists()
    again = client_of(alice).post(STATUSES, {"media_ids": [made], **WISH}, Idempotency_Key="one").json()
    assert again["id"] == str(Post.objects.get().id)


def test_a_post_whose_media_fail_says_so_and_is_not_published(alice):
    made = upload(alice, photo()[:9_000])["id"]
    client_of(alice).post(STATUSES, {"media_ids": [made], **WISH})
    finish()
    scheduled.publish_due(now=now() + timedelta(seconds=60))

    assert not Post.objects.exists()
    (kept,) = client_of(alice).get("/api/v1/scheduled_statuses").json()
    assert "not sent whole" in kept["upscrolled"]["refused"]


def test_a_draft_keeps_its_media(alice):
    made = ready(alice)
    draft = client_of(alice).post("/api/v1/upscrolled/drafts", {"media_ids": [made]}).json()
    ending.expire(now=now() + timedelta(days=20))
    shown = client_of(alice).post(f"/api/v1/upscrolled/drafts/{draft['id']}/publish").json()

    assert ids(shown) == [made]


def test_every_stored_file_is_used_or_due(alice):
    post(alice, ready(alice), ready(alice, photo(2)))
    client_of(alice).delete(f"{V1}/{ready(alice, photo(3))}")
    ending.purge(now=now())

    found = {each.name: each.wrong for each in audit.audit()}
    assert found["stored files"] == 0
    assert content(fetch(read(alice, Post.objects.get().id)["media_attachments"][0]["url"]))
