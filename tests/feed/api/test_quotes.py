"""Quotes over the API: who may quote what, what a reader sees of it, and how it ends."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feed import tasks
from feed.models import Post, PostCounters
from feed.operations import audit
from feed.operations.interact import repost
from tests.people import NOON, make_account, publish, seen_by
from upscrolled.models import Account, Block, Mute, Notification
from upscrolled.operations.relationships import block, follow

pytestmark = pytest.mark.django_db


def quote(client, post_id, text="look", **form):
    return client.post("/api/v1/statuses", {"status": text, "quoted_status_id": str(post_id), **form})


def read(client, post_id):
    return client.get(f"/api/v1/statuses/{post_id}").json()


def state(client, post_id):
    """How the quote stands for this reader, and whether the quoted post is there."""
    shown = read(client, post_id)["quote"]
    return shown["state"], shown["quoted_status"] is not None


def differing():
    return [found for found in audit.audit() if found.wrong]


def test_a_quote_shows_the_post_inside_and_is_counted_and_told(client_of, alice, bob):
    post = publish(alice, "hello")

    shown = quote(client_of(bob), post).json()

    assert shown["quote"]["state"] == "accepted"
    assert shown["quote"]["quoted_status"]["id"] == str(post)
    assert shown["quote"]["quoted_status"]["quotes_count"] == 1
    assert read(client_of(alice), post)["quotes_count"] == 1
    note = client_of(alice).get("/api/v1/notifications").json()[0]
    assert (note["type"], note["status"]["id"], note["account"]["acct"]) == ("quote", shown["id"], "bob")
    assert differing() == []


def test_a_quote_needs_no_words_of_its_own(client_of, alice, bob):
    his = client_of(bob)
    sent = {"status": " ", "spoiler_text": "seen", "quoted_status_id": publish(alice, "look")}

    bare = his.post("/api/v1/statuses", sent).json()
    assert (bare["content"], bare["spoiler_text"], bare["quote"]["state"]) == ("", "seen", "accepted")
    said = his.put(f"/api/v1/statuses/{bare['id']}", {"status": "this"}).json()
    assert said["content"] == "<p>this</p>"
    assert his.put(f"/api/v1/statuses/{bare['id']}", {"status": ""}).json()["content"] == ""


def test_of_a_quote_within_a_quote_the_id_is_shown(client_of, alice, bob):
    first = publish(alice, "first")
    second = publish(bob, "second", parts={"quote": first}, after=1)
    third = publish(alice, "third", parts={"quote": second}, after=2)

    inner = read(client_of(), third)["quote"]["quoted_status"]["quote"]

    assert inner == {"state": "accepted", "quoted_status_id": str(first)}
    page = client_of().get("/api/v1/timelines/public").json()
    assert page[0]["quote"]["quoted_status"]["quote"] == inner
    assert page[1]["quote"]["quoted_status"]["id"] == str(first)


def test_a_share_of_a_quote_shows_it_too(client_of, alice, bob, dave):
    post = publish(alice, "hello")
    quoting = publish(bob, "look", parts={"quote": post})
    share = repost(seen_by(dave, quoting), by=dave, audience="public", now=NOON)

    shown = read(client_of(alice), share)

    assert shown["quote"]["quoted_status"]["id"] == str(post)
    assert shown["reblog"]["quote"]["quoted_status"]["id"] == str(post)


def test_quoting_a_share_quotes_what_it_shares(client_of, alice, bob, dave):
    post = publish(alice, "hello")
    share = repost(seen_by(dave, post), by=dave, audience="public", now=NOON)

    assert quote(client_of(bob), share).json()["quote"]["quoted_status"]["id"] == str(post)


def test_what_one_may_not_see_cannot_be_quoted(client_of, alice, carol, dave):
    for_followers, deleted = publish(alice, "us", audience="followers"), publish(alice, "gone")
    Post.objects.filter(pk=deleted).update(deleted_at=NOON)
    public = publish(alice, "hello")

    refused = [(dave, for_followers), (dave, deleted), (carol, public)]
    for person, post in [*refused, *((dave, none) for none in (1, "abc", "9" * 30))]:
        answer = quote(client_of(person), post)
        assert (answer.status_code, "quote" in answer.json()["error"]) == (404, True)
    assert not Post.objects.filter(author__in=[carol, dave]).exists()


def test_a_post_for_followers_is_its_authors_alone_to_quote_and_stays_among_them(client_of, alice, bob):
    post = publish(alice, "us", audience="followers")

    assert quote(client_of(bob), post).status_code == 403
    shown = quote(client_of(alice), post, visibility="public").json()
    assert shown["visibility"] == "private"
    assert read(client_of(bob), post)["quote_approval"] == {
        "automatic": [],
        "manual": [],
        "current_user": "denied",
    }


@pytest.mark.parametrize(
    ("policy", "told", "follower", "stranger"),
    [
        ("public", ["public"], 200, 200),
        ("followers", ["followers"], 200, 403),
        ("nobody", [], 403, 403),
    ],
)
def test_the_author_chooses_who_may_quote(client_of, alice, bob, dave, policy, told, follower, stranger):
    post = client_of(alice).post("/api/v1/statuses", {"status": "x", "quote_approval_policy": policy}).json()

    assert post["quote_approval"] == {"automatic": told, "manual": [], "current_user": "automatic"}
    for person, expected in ((bob, follower), (dave, stranger)):
        may = read(client_of(person), post["id"])["quote_approval"]["current_user"]
        assert may == {200: "automatic", 403: "denied"}[expected]
        assert quote(client_of(person), post["id"]).status_code == expected
    assert read(client_of(), post["id"])["quote_approval"]["current_user"] == "denied"
    assert quote(client_of(alice), post["id"]).status_code == 200


def test_without_a_choice_it_is_the_authors_own_for_new_posts(client_of, alice, bob):
    Account.objects.filter(pk=alice.pk).update(default_quoting="nobody")

    post = client_of(alice).post("/api/v1/statuses", {"status": "x"}).json()

    assert post["quote_approval"]["automatic"] == []
    assert quote(client_of(bob), post["id"]).status_code == 403


def test_the_choice_can_be_changed_and_quotes_that_stand_go_on(client_of, alice, bob, dave):
    post = publish(alice, "hello")
    quoting = quote(client_of(bob), post).json()["id"]

    changed = client_of(alice).put(
        f"/api/v1/statuses/{post}/interaction_policy", {"quote_approval_policy": "nobody"}
    )

    assert changed.json()["quote_approval"]["automatic"] == []
    assert changed.json()["edited_at"] is None
    assert state(client_of(dave), quoting) == ("accepted", True)
    assert quote(client_of(dave), post).status_code == 403
    other = client_of(bob).put(
        f"/api/v1/statuses/{post}/interaction_policy", {"quote_approval_policy": "public"}
    )
    assert other.status_code == 404
    unknown = client_of(alice).put(
        f"/api/v1/statuses/{post}/interaction_policy", {"quote_approval_policy": "friends"}
    )
    assert unknown.status_code == 422


def test_each_reader_sees_of_a_quote_what_the_policy_lets_them(client_of, alice, bob, carol, dave):
    muter, blocker = make_account("muter"), make_account("blocker")
    post = publish(alice, "hello")
    quoting = publish(dave, "look", parts={"quote": post})
    Mute.objects.create(account=muter, target=alice, created_at=NOON)
    Block.objects.create(account=blocker, target=alice, created_at=NOON)

    assert state(client_of(bob), quoting) == ("accepted", True)
    assert state(client_of(muter), quoting) == ("muted_account", True)
    assert state(client_of(blocker), quoting) == ("blocked_account", False)
    assert state(client_of(carol), quoting) == ("unauthorized", False)
    Post.objects.filter(pk=post).update(audience="followers")
    assert state(client_of(dave), quoting) == ("unauthorized", False)
    assert state(client_of(bob), quoting) == ("accepted", True)
    client_of(alice).delete(f"/api/v1/statuses/{post}")
    assert state(client_of(bob), quoting) == ("deleted", False)
    Post.objects.filter(pk=post).delete()  # a month later
    assert state(client_of(bob), quoting) == ("deleted", False)


def test_a_quote_revoked_is_revoked_for_good_and_no_longer_counted(client_of, alice, bob, dave):
    post = publish(alice, "hello")
    quoting = quote(client_of(bob), post).json()["id"]
    path = f"/api/v1/statuses/{post}/quotes/{quoting}/revoke"

    assert client_of(bob).post(path).status_code == 404
    assert client_of(alice).post(path).json()["quote"] == {"state": "revoked", "quoted_status": None}
    assert client_of(alice).post(path).status_code == 200
    assert client_of(alice).post(f"/api/v1/statuses/{quoting}/quotes/{post}/revoke").status_code == 404

    assert read(client_of(dave), post)["quotes_count"] == 0
    assert client_of(alice).get(f"/api/v1/statuses/{post}/quotes").json() == []
    client_of(bob).delete(f"/api/v1/statuses/{quoting}")
    assert PostCounters.objects.get(pk=post).quotes == 0
    assert differing() == []


def test_whoever_blocked_the_one_who_quotes_them_can_still_take_their_post_out(client_of, alice, bob, dave):
    post = publish(alice, "hello")
    quoting = quote(client_of(bob), post).json()["id"]
    block(bob, by=alice, now=NOON)

    answer = client_of(alice).post(f"/api/v1/statuses/{post}/quotes/{quoting}/revoke")

    assert (answer.status_code, answer.json()["id"]) == (200, str(post))
    assert read(client_of(dave), int(quoting))["quote"]["state"] == "revoked"


def test_a_deleted_quote_is_no_longer_counted(client_of, alice, bob):
    post = publish(alice, "hello")
    quoting = quote(client_of(bob), post).json()["id"]

    client_of(bob).delete(f"/api/v1/statuses/{quoting}")

    assert read(client_of(alice), post)["quotes_count"] == 0
    assert not Notification.objects.filter(kind="quote").exists()
    assert differing() == []


def test_quotes_of_a_post_are_paged_and_only_those_one_may_see(client_of, alice, bob, carol):
    post = publish(alice, "hello")
    shown = [publish(bob, f"look {n}", parts={"quote": post}, after=n + 1) for n in range(3)]
    hidden = publish(bob, "us", parts={"quote": post}, audience="followers", after=9)

    first = client_of(alice).get(f"/api/v1/statuses/{post}/quotes", {"limit": 2})
    assert [status["id"] for status in first.json()] == [str(shown[2]), str(shown[1])]
    following = first["Link"].split(">")[0].removeprefix("<")
    rest = client_of(alice).get(following[following.index("/api") :]).json()
    assert [status["id"] for status in rest] == [str(shown[0])]
    follow(bob, by=alice, now=NOON)
    assert client_of(alice).get(f"/api/v1/statuses/{post}/quotes").json()[0]["id"] == str(hidden)
    assert client_of(carol).get(f"/api/v1/statuses/{post}/quotes").status_code == 404


def test_who_quoted_a_post_hears_of_its_edit(client_of, alice, bob):
    post = publish(alice, "helo")
    quote(client_of(bob), post)

    client_of(alice).put(f"/api/v1/statuses/{post}", {"status": "hello"})

    note = client_of(bob).get("/api/v1/notifications", {"types[]": "quoted_update"}).json()[0]
    assert (note["type"], note["status"]["id"]) == ("quoted_update", str(post))


def test_an_edit_keeps_the_quote_and_cannot_change_it(client_of, alice, bob):
    post, other = publish(alice, "hello"), publish(alice, "other", after=1)
    quoting = quote(client_of(bob), post).json()["id"]
    path = f"/api/v1/statuses/{quoting}"

    assert client_of(bob).put(path, {"status": "look!"}).json()["quote"]["state"] == "accepted"
    same = client_of(bob).put(path, {"status": "look!!", "quoted_status_id": str(post)})
    assert same.json()["quote"]["quoted_status"]["id"] == str(post)
    refused = client_of(bob).put(path, {"status": "look!", "quoted_status_id": str(other)})
    assert (refused.status_code, "cannot be changed" in refused.json()["error"]) == (422, True)
    history = client_of(bob).get(f"{path}/history").json()
    assert [version["quote"]["quoted_status"]["id"] for version in history] == [str(post)] * 3


@pytest.mark.parametrize("path", ["/api/v1/timelines/home", "/api/v1/timelines/public"])
def test_quotes_cost_no_statement(client_of, alice, bob, dave, path):
    client = client_of(bob)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).json()
        return len(captured)

    post = publish(dave, "hello")
    publish(alice, "words", after=1)
    statements()  # a process that has just begun asks a few things once
    without = statements()
    before = post
    for number in range(6):
        before = publish(alice, f"quote {number}", parts={"quote": before}, after=2 + number)

    tasks.deliver_owed()
    assert client.get(path).json()[0]["quote"]["quoted_status"]["quote"]["quoted_status_id"]
    assert statements() == without
