"""Posts over the API: what a client sends and gets."""

from __future__ import annotations

import pytest

from feed.models import Bookmark, Post
from tests.people import NOON, make_account, publish
from upscrolled.models import Account
from upscrolled.operations.relationships import block

pytestmark = pytest.mark.django_db
STATUSES = "/api/v1/statuses"


def test_a_post_comes_back_as_a_status(client_of, alice, bob):
    response = client_of(alice).post(
        "/api/v1/statuses",
        {"status": "Hi @bob #Olives", "spoiler_text": "food", "visibility": "unlisted", "language": "en"},
    )

    assert response.status_code == 200
    status = response.json()
    assert status["id"] == str(Post.objects.get().id)
    assert (status["visibility"], status["spoiler_text"], status["sensitive"]) == ("unlisted", "food", True)
    assert status["account"]["acct"] == "alice"
    assert [mention["acct"] for mention in status["mentions"]] == ["bob"]
    assert [tag["name"] for tag in status["tags"]] == ["olives"]
    assert "Olives<" in status["content"]
    assert status["content"].startswith('<p>Hi <span class="h-card"><a href="http')
    assert status["created_at"].endswith("Z")
    assert status["created_at"][-5] == "."
    assert (status["favourited"], status["reblogged"], status["bookmarked"]) == (False, False, False)
    assert status["url"].endswith(f"/@alice/{status['id']}")


@pytest.mark.parametrize("form", [True, False])
def test_forms_and_json_mean_the_same(client_of, alice, form):
    client = client_of(alice)
    body = {"status": "hello", "sensitive": "1", "visibility": "private"}

    response = client.form("/api/v1/statuses", body) if form else client.post("/api/v1/statuses", body)

    assert response.json()["sensitive"] is True
    assert response.json()["visibility"] == "private"


def test_an_idempotency_key_sent_again_answers_the_same_post(client_of, alice):
    client = client_of(alice)

    one = client.post("/api/v1/statuses", {"status": "once"}, Idempotency_Key="abc")
    two = client.post("/api/v1/statuses", {"status": "once"}, Idempotency_Key="abc")

    assert one.json()["id"] == two.json()["id"]
    assert Post.objects.count() == 1


def test_what_is_sent_again_is_the_same_post_though_it_could_not_be_published_any_more(client_of, alice, bob):
    asked, shown = publish(bob, "hello?"), publish(bob, "look")
    client = client_of(alice)
    replying = {"status": "hello!", "in_reply_to_id": asked}
    quoting = {"status": "indeed", "quoted_status_id": shown}
    first = [
        client.post(STATUSES, body, Idempotency_Key=body["status"]).json() for body in (replying, quoting)
    ]

    client_of(bob).delete(f"{STATUSES}/{asked}")
    client_of(bob).put(f"{STATUSES}/{shown}/interaction_policy", {"quote_approval_policy": "nobody"})
    again = [client.post(STATUSES, body, Idempotency_Key=body["status"]) for body in (replying, quoting)]

    assert [answer.json()["id"] for answer in again] == [post["id"] for post in first]
    assert [client.post(STATUSES, body).status_code for body in (replying, quoting)] == [404, 403]


def test_reply_like_share_and_bookmark_show_in_the_answers(client_of, alice, bob):
    post = publish(alice, "hello")
    client = client_of(bob)

    reply = client.post("/api/v1/statuses", {"status": "yes", "in_reply_to_id": post}).json()
    assert reply["in_reply_to_id"] == str(post)
    assert reply["in_reply_to_account_id"] == str(alice.id)
    assert client.post(f"/api/v1/statuses/{post}/favourite").json()["favourites_count"] == 1
    share = client.post(f"/api/v1/statuses/{post}/reblog").json()
    assert share["reblog"]["id"] == str(post)
    assert share["reblog"]["reblogs_count"] == 1
    assert client.post(f"/api/v1/statuses/{post}/bookmark").json()["bookmarked"] is True

    shown = client.get(f"/api/v1/statuses/{post}").json()
    assert (shown["favourited"], shown["reblogged"], shown["bookmarked"]) == (True, True, True)
    assert (shown["replies_count"], shown["reblogs_count"], shown["favourites_count"]) == (1, 1, 1)
    assert client.post(f"/api/v1/statuses/{share['id']}/unfavourite").json()["favourites_count"] == 0
    assert client.post(f"/api/v1/statuses/{post}/unreblog").json()["reblogs_count"] == 0
    assert client.get(f"/api/v1/statuses/{share['id']}").status_code == 404


def test_context_has_what_it_answers_and_what_answers_it_depth_first(client_of, alice, bob):
    root = publish(alice, "root")
    one = publish(bob, "one", reply_to=root, after=1)
    two = publish(bob, "two", reply_to=root, after=2)
    under_one = publish(alice, "under one", reply_to=one, after=3)
    hidden = publish(alice, "for followers", reply_to=two, audience="followers", after=4)
    publish(bob, "under hidden", reply_to=hidden, after=5)

    context = client_of().get(f"/api/v1/statuses/{root}/context").json()

    assert [status["id"] for status in context["descendants"]] == [str(one), str(under_one), str(two)]
    context = client_of().get(f"/api/v1/statuses/{under_one}/context").json()
    assert [status["id"] for status in context["ancestors"]] == [str(root), str(one)]


def test_edit_source_and_history(client_of, alice):
    client = client_of(alice)
    post = client.post("/api/v1/statuses", {"status": "Helo"}).json()["id"]

    edited = client.put(f"/api/v1/statuses/{post}", {"status": "Hello"}).json()

    assert edited["content"] == "<p>Hello</p>"
    assert edited["edited_at"] is not None
    assert client.get(f"/api/v1/statuses/{post}/source").json() == {
        "id": post,
        "text": "Hello",
        "spoiler_text": "",
    }
    history = client.get(f"/api/v1/statuses/{post}/history").json()
    assert [version["content"] for version in history] == ["<p>Helo</p>", "<p>Hello</p>"]


def test_an_edit_of_the_text_is_the_whole_post_and_one_without_it_changes_what_it_names(client_of, alice):
    client = client_of(alice)
    sent = {"status": "figs", "spoiler_text": "food", "sensitive": True, "language": "ar"}
    post = client.post(STATUSES, sent).json()["id"]

    named = client.put(f"{STATUSES}/{post}", {"language": "en"}).json()
    assert (named["spoiler_text"], named["sensitive"], named["language"]) == ("food", True, "en")
    whole = client.put(f"{STATUSES}/{post}", {"status": "dates"}).json()
    assert (whole["spoiler_text"], whole["sensitive"], whole["language"]) == ("", False, "en")


def test_a_deleted_post_comes_back_once_with_its_text(client_of, alice):
    client = client_of(alice)
    post = client.post("/api/v1/statuses", {"status": "oops"}).json()["id"]

    assert client.delete(f"/api/v1/statuses/{post}").json()["text"] == "oops"
    assert client.get(f"/api/v1/statuses/{post}").status_code == 404
    assert client.delete(f"/api/v1/statuses/{post}").status_code == 404


def test_a_blocked_reader_gets_not_found(client_of, alice, carol):
    post = publish(alice, "hello")

    for path in ("", "/context", "/history", "/favourited_by", "/reblogged_by"):
        response = client_of(carol).get(f"/api/v1/statuses/{post}{path}")
        assert (response.status_code, response.json()) == (404, {"error": "Record not found"})
    for verb in ("favourite", "reblog", "bookmark"):
        assert client_of(carol).post(f"/api/v1/statuses/{post}/{verb}").status_code == 404


def test_what_one_did_can_be_taken_back_from_a_post_that_is_hidden_by_now(client_of, alice, bob, dave):
    post, other = publish(alice, "hello"), publish(alice, "and more")
    his = client_of(bob)
    for verb in ("favourite", "bookmark", "reblog"):
        his.post(f"{STATUSES}/{post}/{verb}")
    share = his.post(f"{STATUSES}/{other}/reblog").json()["id"]
    block(bob, by=alice, now=NOON)

    gone = [his.post(f"{STATUSES}/{post}/{verb}") for verb in ("unfavourite", "unbookmark", "unreblog")]
    gone.append(his.delete(f"{STATUSES}/{share}"))

    assert [answer.status_code for answer in gone] == [404] * 4, "it is done, and the post is not shown"
    shown = client_of(dave).get(f"{STATUSES}/{post}").json()
    assert (shown["favourites_count"], shown["reblogs_count"]) == (0, 0)
    assert client_of(dave).get(f"{STATUSES}/{other}").json()["reblogs_count"] == 0
    assert not Bookmark.objects.exists()
    assert not Post.objects.filter(author=bob, deleted_at=None).exists()


def test_a_share_that_is_deleted_is_no_news_any_more(client_of, alice, dave):
    post = publish(alice, "hello")
    share = client_of(dave).post(f"{STATUSES}/{post}/reblog").json()["id"]
    told = client_of(alice).get("/api/v1/notifications").json()

    assert client_of(dave).delete(f"{STATUSES}/{share}").status_code == 200
    assert [one["type"] for one in told] == ["reblog"]
    assert client_of(alice).get("/api/v1/notifications").json() == []


def test_who_liked_and_shared(client_of, alice, bob, dave):
    post = publish(alice, "hello")
    for person in (bob, dave):
        client_of(person).post(f"/api/v1/statuses/{post}/favourite")
    client_of(dave).post(f"/api/v1/statuses/{post}/reblog")

    liked = client_of(alice).get(f"/api/v1/statuses/{post}/favourited_by", {"limit": 1})
    assert [account["acct"] for account in liked.json()] == ["dave"]
    assert 'rel="next"' in liked["Link"]
    shared = client_of(alice).get(f"/api/v1/statuses/{post}/reblogged_by").json()
    assert [account["acct"] for account in shared] == ["dave"]


def test_lists_of_what_one_liked_go_by_the_order_of_liking(client_of, alice, bob):
    posts = [publish(alice, f"post {n}", after=n) for n in range(3)]
    client = client_of(bob)
    for post in (posts[1], posts[2], posts[0]):
        client.post(f"/api/v1/statuses/{post}/favourite")
        client.post(f"/api/v1/statuses/{post}/bookmark")

    for path in ("/api/v1/favourites", "/api/v1/bookmarks"):
        page = client.get(path, {"limit": 2})
        assert [status["id"] for status in page.json()] == [str(posts[0]), str(posts[2])]
        following = page["Link"].split(">")[0].removeprefix("<")
        rest = client.get(following[following.index("/api") :])
        assert [status["id"] for status in rest.json()] == [str(posts[1])]


def test_several_posts_by_id_leave_out_what_is_hidden(client_of, alice, dave):
    shown, hidden = publish(alice, "a"), publish(alice, "b", audience="followers")

    found = client_of(dave).get("/api/v1/statuses", {"id[]": [hidden, shown, "abc"]}).json()

    assert [status["id"] for status in found] == [str(shown)]


BAD_BODIES = [
    (b'{"status": "\xff\xfe"}', 400),
    (b'{"status": "\\ud800"}', 400),
    (b"not json", 400),
    (b"[1, 2]", 400),
    (b'{"status":' + b"[" * 5000 + b"]" * 5000 + b"}", 400),
    (b"{}", 422),
    (b'{"status": ""}', 422),
    (b'{"status": "\\u0000"}', 422),
    (b'{"status": {"a": 1}}', 422),
    (b'{"status": "x", "visibility": "everyone"}', 422),
    (b'{"status": "x", "visibility": "direct"}', 422),
    (b'{"status": "x", "sensitive": "perhaps"}', 422),
    (b'{"status": "x", "in_reply_to_id": "999"}', 404),
    (b'{"status": "x", "in_reply_to_id": "123456789012345678901234567"}', 404),
    (b'{"status": "x", "language": "no such tongue"}', 422),
    (b'{"status": "x", "media_ids": ["1"]}', 422),
    (b'{"status": "x", "poll": {"options": ["a", "b"]}}', 422),
    (b'{"status": "' + b"x" * 501 + b'"}', 422),
    (b'{"status": "' + b"@bob " * 10_000 + b'"}', 422),
]


@pytest.mark.parametrize(("body", "status"), BAD_BODIES, ids=lambda value: str(value)[:40])
def test_bad_bodies_get_a_sentence_and_publish_nothing(client_of, alice, body, status):
    response = client_of(alice).post("/api/v1/statuses", body)

    assert response.status_code == status
    assert response.json()["error"]
    assert not Post.objects.exists()


def test_a_nul_byte_is_left_out(client_of, alice):
    response = client_of(alice).post("/api/v1/statuses", b'{"status": "a\\u0000b"}')

    assert response.json()["content"] == "<p>ab</p>"


@pytest.mark.parametrize("number", ["1", "abc", "9" * 27, "%00", "-1", "1e5", "%F0%9F", "0x1"])
@pytest.mark.parametrize("path", ["", "/context", "/favourited_by", "/history"])
def test_ids_of_nothing_are_not_found(client_of, alice, number, path):
    response = client_of(alice).get(f"/api/v1/statuses/{number}{path}")

    assert response.status_code == 404
    assert response.json()["error"]


def test_an_id_of_another_kind_is_not_found(client_of, alice):
    assert client_of(alice).get(f"/api/v1/statuses/{alice.id}").status_code == 404


def test_tokens_and_scopes(client_of, alice):
    post = publish(alice, "hello")
    path = f"/api/v1/statuses/{post}/favourite"

    assert client_of().post(path).status_code == 401
    reader = client_of(alice, scopes="read").post(path)
    assert (reader.status_code, reader.json()["error"]) == (
        403,
        "This action is outside the authorized scopes",
    )
    assert client_of(alice, scopes="write:favourites").post(path).status_code == 200
    broken = client_of(alice)
    broken.token = "no such token"
    assert broken.post(path).status_code == 401
    assert broken.get(f"/api/v1/statuses/{post}").status_code == 401


def test_who_is_not_confirmed_reads_nothing_of_their_own_and_writes_nothing(client_of, db):
    new = make_account("new", confirmed=False)

    assert client_of(new).get("/api/v1/timelines/home").status_code == 403
    assert client_of(new).post("/api/v1/statuses", {"status": "x"}).status_code == 403


def test_a_closed_account_is_told_so(client_of, alice):
    client = client_of(alice)
    Account.objects.filter(pk=alice.pk).update(is_active=False)

    response = client.get("/api/v1/timelines/home")

    assert (response.status_code, response.json()["error"]) == (403, "Your login is currently disabled")


@pytest.mark.parametrize(("sent", "audience"), [({}, "private"), ({"visibility": ""}, "private")])
def test_a_share_that_names_nobody_is_for_whom_new_posts_are(client_of, alice, dave, sent, audience):
    Account.objects.filter(pk=dave.pk).update(default_audience="followers")
    post = publish(alice, "hello")

    share = client_of(dave).post(f"/api/v1/statuses/{post}/reblog", sent).json()

    assert share["visibility"] == audience
    assert client_of(alice).get(f"/api/v1/statuses/{post}/reblogged_by").json() == []


def test_a_form_with_empty_fields_is_a_post(client_of, alice):
    body = {"status": "hello", "scheduled_at": "", "sensitive": "", "in_reply_to_id": "", "visibility": ""}

    assert client_of(alice).form("/api/v1/statuses", body).json()["content"] == "<p>hello</p>"


def test_a_warning_of_nothing_is_what_the_post_says(client_of, alice):
    status = client_of(alice).post("/api/v1/statuses", {"status": None, "spoiler_text": "Only this"}).json()

    assert (status["content"], status["spoiler_text"]) == ("<p>Only this</p>", "")


@pytest.mark.parametrize(
    ("sent", "told"), [("zh-TW", "zh-TW"), ("PT-br", "pt-BR"), ("sr-latn", "sr-Latn"), ("AR", "ar")]
)
def test_a_language_is_told_as_it_is_written(client_of, alice, sent, told):
    status = client_of(alice).post("/api/v1/statuses", {"status": "x", "language": sent}).json()

    assert status["language"] == told
