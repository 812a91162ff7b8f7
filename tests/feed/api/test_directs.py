"""Private messages through the Mastodon API: the same rows, and never a post."""

from __future__ import annotations

import pytest

from feed.models import Post
from messaging.models import Conversation, Message
from messaging.operations import conversations, keeping
from tests.chat import say, texts
from tests.people import NOON, publish

pytestmark = pytest.mark.django_db


def direct(client, text, **more):
    return client.post("/api/v1/statuses", {"status": text, "visibility": "direct", **more})


def test_a_direct_post_is_a_message_and_no_post(client_of, alice, bob):
    sent = direct(client_of(alice), "@bob are you there?").json()

    assert sent["visibility"] == "direct"
    assert [each["acct"] for each in sent["mentions"]] == ["bob"]
    assert 'class="u-url mention">@<span>bob</span>' in sent["content"]
    assert not Post.objects.exists()
    assert texts(Message.objects.get().conversation_id, bob) == ["@bob are you there?"]
    his = client_of(bob)
    assert his.get(f"/api/v1/statuses/{sent['id']}").json()["content"] == sent["content"]
    (thread,) = his.get("/api/v1/conversations").json()
    assert (thread["unread"], thread["last_status"]["id"]) == (True, sent["id"])
    assert [each["acct"] for each in thread["accounts"]] == ["alice"]
    for timeline in ("home", "public"):
        assert his.get(f"/api/v1/timelines/{timeline}").json() == []
    assert his.get(f"/api/v1/accounts/{alice.id}/statuses").json() == []


def test_sent_again_with_its_key_it_is_the_same_message(client_of, alice, bob):
    her = client_of(alice)
    body = {"status": "@bob once", "visibility": "direct"}
    first, again = (her.post("/api/v1/statuses", body, Idempotency_Key="k").json() for _ in range(2))

    assert first["id"] == again["id"]
    assert Message.objects.count() == 1


def test_an_answer_goes_where_the_question_was_and_adds_nobody(client_of, alice, bob, dave):
    question = direct(client_of(alice), "@bob tea?").json()
    answer = direct(client_of(bob), "yes, and ask @dave", in_reply_to_id=question["id"]).json()

    assert answer["in_reply_to_id"] == question["id"]
    assert Conversation.objects.count() == 1
    context = client_of(alice).get(f"/api/v1/statuses/{answer['id']}/context").json()
    assert [each["id"] for each in context["ancestors"]] == [question["id"]]


def test_several_names_are_a_group_and_the_same_names_the_same_group(client_of, alice, bob, dave):
    for text in ("@bob @dave hello", "@dave @bob again"):
        direct(client_of(alice), text)

    assert [each.kind for each in Conversation.objects.all()] == ["group"]
    assert Message.objects.count() == 2


def test_an_answer_to_a_public_post_brings_its_link(client_of, alice, bob):
    post = publish(alice, "hello world")

    sent = direct(client_of(bob), "@alice nice", in_reply_to_id=str(post)).json()

    assert f"/@alice/{post}" in sent["content"]
    assert sent["in_reply_to_id"] is None


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"status": "nobody"}, "must name whom it is for"),
        ({"status": "@nobody_at_all hi"}, "must name whom it is for"),
        ({"poll": {"options": ["a", "b"], "expires_in": 600}}, "Polls cannot be private"),
        ({"scheduled_at": "2099-01-01T12:00:00Z"}, "Scheduled posts cannot be private"),
        ({"media_ids": ["1"]}, "Media 1 were not found"),
        ({"status": " ".join(f"@n{number}" for number in range(33))}, "names 33 people"),
        ({"status": "@bob " + "x" * 5_001}, "the limit is 5000"),
    ],
)
def test_what_no_message_can_be_is_refused_with_a_sentence(client_of, alice, bob, more, sentence):
    answer = client_of(alice).post("/api/v1/statuses", {"status": "@bob hi", "visibility": "direct", **more})

    assert answer.status_code == 422
    assert sentence in answer.json()["error"]


def test_a_heart_an_edit_and_a_deletion_reach_the_other(client_of, alice, bob):
    her, his = client_of(alice), client_of(bob)
    sent = direct(her, "@bob helo").json()
    address = f"/api/v1/statuses/{sent['id']}"

    assert his.post(f"{address}/favourite").json()["favourited"]
    assert her.get(address).json()["favourites_count"] == 1
    assert his.post(f"{address}/unfavourite").json()["favourites_count"] == 0
    assert her.get(f"{address}/source").json()["text"] == "@bob helo"
    assert her.put(address, {"status": "@bob hello"}).json()["edited_at"]
    assert len(his.get(f"{address}/history").json()) == 2
    assert [each["id"] for each in his.get("/api/v1/statuses", {"id[]": sent["id"]}).json()] == [sent["id"]]
    assert his.post(f"{address}/reblog").status_code == 422
    assert her.delete(address).json()["text"] == "@bob hello"
    assert his.get(address).json()["content"] == ""


def test_requests_are_no_conversations_until_they_are_accepted(client_of, alice, dave):
    direct(client_of(dave), "@alice hello")
    her = client_of(alice)

    assert her.get("/api/v1/conversations").json() == []
    (request,) = her.get("/api/v1/upscrolled/conversations", {"folder": "requests"}).json()
    her.post(f"/api/v1/upscrolled/conversations/{request['id']}/accept")
    assert [each["id"] for each in her.get("/api/v1/conversations").json()] == [request["id"]]


def test_old_clients_read_messages_as_a_timeline(client_of, alice, bob, dave):
    first = direct(client_of(alice), "@bob one").json()["id"]
    gone = direct(client_of(alice), "@bob two").json()["id"]
    last = direct(client_of(bob), "@alice three").json()["id"]
    direct(client_of(dave), "@bob a request")
    client_of(alice).delete(f"/api/v1/statuses/{gone}")
    address, his = "/api/v1/timelines/direct", client_of(bob)

    newest = his.get(address, {"limit": 1})
    assert [each["id"] for each in newest.json()] == [last]
    assert f"max_id={last}" in newest["Link"]
    assert [each["id"] for each in his.get(address, {"max_id": last}).json()] == [first]
    assert [each["id"] for each in his.get(address, {"min_id": first}).json()] == [last]
    assert his.get(f"/api/v1/statuses/{first}/card").json() == {}
    assert his.post(f"/api/v1/statuses/{first}/translate").status_code == 404


def test_what_somebody_wrote_stays_when_they_close_the_account(client_of, alice, pair_of):
    _, his = pair_of
    alice.is_active = False
    alice.save(update_fields=["is_active"])

    (thread,) = his.get("/api/v1/conversations").json()
    assert thread["last_status"]["account"]["acct"] == "alice"


def test_read_unread_and_put_out_of_sight(client_of, pair_of):
    number, his = pair_of
    address = f"/api/v1/conversations/{number}"

    assert his.post(f"{address}/read").json()["unread"] is False
    assert his.post(f"{address}/unread").json()["unread"] is True
    assert his.delete(address).json() == {}
    assert his.get("/api/v1/conversations").json() == []


def test_a_page_of_conversations_costs_as_many_statements_whatever_it_holds(
    client_of, alice, bob, pair_of, django_assert_num_queries
):
    _, his = pair_of
    group = conversations.begin_group([bob.id], title="", by=alice, now=NOON)
    conversations.accept(group, by=bob, now=NOON)
    say(group, alice)
    keeping.read(group, up_to=None, by=bob, now=NOON)
    his.get("/api/v1/conversations")

    with django_assert_num_queries(4):  # one for the token
        assert len(his.get("/api/v1/conversations").json()) == 2


@pytest.fixture
def pair_of(client_of, alice, bob):
    number = conversations.begin_pair(bob.id, by=alice, now=NOON)
    say(number, alice)
    return number, client_of(bob)
