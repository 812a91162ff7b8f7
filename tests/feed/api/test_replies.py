"""Who may answer a post: as its author chose, shown to each reader and held to at the write."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from feed import facts
from feed.models import Post
from tests.people import NOON, make_account, publish
from tests.restricting import restrict
from upscrolled.circles import CIRCLES
from upscrolled.circles import may_reply as may_reply_to
from upscrolled.models import Circle, Restriction
from upscrolled.operations.relationships import follow
from upscrolled.viewer import Viewer

pytestmark = pytest.mark.django_db


def ask(client, text="hello", **extension):
    return client.post("/api/v1/statuses", {"status": text, "upscrolled": extension})


def answer(client, post_id):
    return client.post("/api/v1/statuses", {"status": "yes", "in_reply_to_id": str(post_id)})


def may_reply(client, post_id):
    return client.get(f"/api/v1/statuses/{post_id}").json()["upscrolled"]["may_reply"]


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        ("everybody", {"alice", "bob", "dave", "friend", "named"}),
        ("followers", {"alice", "bob", "named"}),
        ("followed", {"alice", "friend", "named"}),
        ("nobody", {"alice", "named"}),
    ],
)
def test_what_is_shown_is_what_is_held_to(client_of, alice, bob, dave, policy, allowed):
    friend, named = make_account("friend"), make_account("named")
    follow(friend, by=alice, now=NOON)
    post = ask(client_of(alice), "hello @named", reply_policy=policy).json()

    assert post["upscrolled"] == {"reply_policy": policy, "may_reply": True}
    for person in (alice, bob, dave, friend, named):
        may = person.username in allowed
        assert may_reply(client_of(person), post["id"]) is may, person
        given = answer(client_of(person), post["id"])
        assert given.status_code == (200 if may else 403), person
        assert may or "answer this post" in given.json()["error"]
    assert may_reply(client_of(), post["id"]) is False


def test_a_form_says_it_with_brackets_and_an_edit_changes_it_without_a_version(client_of, alice, bob):
    post = (
        client_of(alice)
        .form("/api/v1/statuses", {"status": "hello", "upscrolled[reply_policy]": "nobody"})
        .json()
    )

    assert post["upscrolled"]["reply_policy"] == "nobody"
    edited = client_of(alice).put(
        f"/api/v1/statuses/{post['id']}", {"upscrolled": {"reply_policy": "followers"}}
    )
    assert edited.json()["upscrolled"]["reply_policy"] == "followers"
    assert edited.json()["edited_at"] is None
    assert answer(client_of(bob), post["id"]).status_code == 200


def test_an_unknown_circle_is_refused_by_name(client_of, alice):
    refused = ask(client_of(alice), reply_policy="friends")

    assert (refused.status_code, "friends" in refused.json()["error"]) == (422, True)
    assert not Post.objects.exists()


def test_answers_that_a_decision_switched_off_are_off_for_everybody(client_of, alice, bob):
    post = publish(alice, "hello @bob")
    restriction = restrict("post", post, "replies_off", starts_at=NOON)

    for person in (alice, bob):
        assert may_reply(client_of(person), post) is False
        refused = answer(client_of(person), post)
        assert (refused.status_code, "by a decision" in refused.json()["error"]) == (403, True)
    Restriction.objects.filter(pk=restriction.pk).update(ends_at=NOON + timedelta(days=1))
    assert answer(client_of(bob), post).status_code == 200


def test_every_circle_has_a_test_a_statement_and_words():
    assert set(CIRCLES) == set(Circle.values)
    assert all(circle.sql and circle.words for circle in CIRCLES.values())


def test_a_reply_belongs_to_the_thread_of_what_it_answers(alice, bob):
    root = publish(alice, "root")
    reply = publish(bob, "reply", reply_to=root)
    deeper = publish(alice, "deeper", reply_to=reply)

    threads = dict(Post.objects.values_list("id", "thread_id"))
    assert threads == {root: None, reply: root, deeper: root}


def test_a_post_names_the_application_it_was_written_with(client_of, alice, bob):
    from tests.people import SCOPES, ApiClient
    from upscrolled.models import Application
    from upscrolled.operations import access

    app = Application.objects.create(
        name="Sunbird", website="https://sunbird.example", client_type="confidential",
        authorization_grant_type="authorization-code", redirect_uris="urn:ietf:wg:oauth:2.0:oob",
    )  # fmt: skip
    token = access.issue_token(account=alice, application=app, scopes=SCOPES, now=NOON).token

    post = ApiClient(token, alice).post("/api/v1/statuses", {"status": "hello"}).json()

    assert post["application"] == {"name": "Sunbird", "website": "https://sunbird.example"}
    other = client_of(alice).post("/api/v1/statuses", {"status": "hello"}).json()
    assert "application" not in other

    path = f"/api/v1/statuses/{post['id']}"
    assert client_of(bob).get(path).json()["application"]["name"] == "Sunbird"
    answer = client_of(alice).patch("/api/v1/upscrolled/preferences", {"posting:show_application": False})
    assert answer.json()["posting:show_application"] is False
    assert "application" not in client_of(bob).get(path).json()
    assert "application" not in client_of().get(path).json()
    assert client_of(alice).get(path).json()["application"]["name"] == "Sunbird"


def test_every_circle_is_explained():
    page = Path("docs/visibility.md").read_text()

    assert [circle for circle in CIRCLES if f"| {circle} |" not in page] == []


def test_whether_an_author_follows_the_reader_is_asked_where_an_answer_depends_on_it(alice, bob, dave):
    """And then of authors too who were met on a page before: an open question is no answer."""
    follow(bob, by=alice, now=NOON)
    anyone, friends = (publish(alice, text) for text in ("for anyone", "for whom I follow"))
    Post.objects.filter(pk=friends).update(replying=Circle.FOLLOWED)
    for reader, may in ((bob, True), (dave, False)):
        viewer = Viewer(reader, 1)
        facts.load(viewer, [anyone])
        assert viewer.person(alice.id).follows_me is None

        [post] = facts.load(viewer, [friends])

        assert viewer.person(alice.id).follows_me is may
        assert may_reply_to(post, viewer) is may
        facts.load(viewer, [anyone])
        assert viewer.person(alice.id).follows_me is may
