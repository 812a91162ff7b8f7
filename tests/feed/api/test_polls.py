"""Polls over the API: ask, look, vote once, and hear how it ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feed import poll_ends
from feed.models import Poll, PollVote, Post
from feed.operations import audit
from feed.operations.revise import Edit, edit_post
from feed.operations.vote import vote
from feed.post_types.poll import Question
from feed.post_types.text import Words
from tests.parallel import at_once
from tests.people import NOON, make_account, publish, seen_by
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.models import Notification

pytestmark = pytest.mark.django_db
TEA = {"options": ["tea", "coffee", "قهوة"], "expires_in": 3600}


def ask(client, **poll):
    return client.post("/api/v1/statuses", {"status": "What?", "poll": {**TEA, **poll}})


def vote_for(client, poll_id, *choices):
    return client.post(f"/api/v1/polls/{poll_id}/votes", {"choices": list(choices)})


def test_a_poll_is_part_of_its_post(client_of, alice, bob):
    post = ask(client_of(alice)).json()

    poll = post["poll"]
    assert poll["id"] == post["id"]
    assert [option["title"] for option in poll["options"]] == ["tea", "coffee", "قهوة"]
    assert (poll["expired"], poll["multiple"]) == (False, False)
    assert (poll["votes_count"], poll["voters_count"]) == (0, 0)
    assert (poll["voted"], poll["own_votes"]) == (True, [])  # who asks does not vote
    assert client_of(bob).get(f"/api/v1/polls/{post['id']}").json()["voted"] is False
    assert "voted" not in client_of().get(f"/api/v1/statuses/{post['id']}").json()["poll"]


def test_a_form_asks_as_json_does(client_of, alice):
    response = client_of(alice).form(
        "/api/v1/statuses",
        {
            "status": "What?",
            "poll[options][]": ["tea", "coffee"],
            "poll[expires_in]": "300",
            "poll[multiple]": "1",
            "poll[hide_totals]": "true",
        },
    )

    poll = response.json()["poll"]
    assert poll["multiple"] is True
    assert [option["votes_count"] for option in poll["options"]] == [None, None]


@pytest.mark.parametrize("choices", [[1], ["1"]])
def test_a_vote_counts_at_once(client_of, alice, bob, choices):
    poll = ask(client_of(alice)).json()["id"]

    voted = vote_for(client_of(bob), poll, *choices).json()

    assert [option["votes_count"] for option in voted["options"]] == [0, 1, 0]
    assert (voted["votes_count"], voted["voters_count"]) == (1, 1)
    assert (voted["voted"], voted["own_votes"]) == (True, [1])
    assert client_of(alice).get(f"/api/v1/statuses/{poll}").json()["poll"]["votes_count"] == 1


def test_several_may_be_chosen_where_the_poll_says_so(client_of, alice, bob):
    poll = ask(client_of(alice), multiple=True).json()["id"]

    voted = client_of(bob).form(f"/api/v1/polls/{poll}/votes", {"choices[]": ["2", "0", "0"]}).json()

    assert (voted["votes_count"], voted["voters_count"], voted["own_votes"]) == (2, 1, [0, 2])


def test_refused_votes_say_why_and_change_nothing(client_of, alice, bob):
    poll = ask(client_of(alice)).json()["id"]
    refusals = {
        (0, 1): "one choice; there were 2",
        (3,): "0 to 2; there is no 3",
        (-1,): "there is no -1",
        (): "at least one",
        ("x",): "valid integer",
        (10**30,): "there is no 1000",
    }

    for choices, why in refusals.items():
        answer = vote_for(client_of(bob), poll, *choices)
        assert (answer.status_code, why in answer.json()["error"]) == (422, True), answer.json()
    assert "a poll of their own" in vote_for(client_of(alice), poll, 0).json()["error"]
    assert not PollVote.objects.exists()
    assert vote_for(client_of(bob), poll, 0).status_code == 200
    assert "before" in vote_for(client_of(bob), poll, 1).json()["error"]
    assert Poll.objects.get().votes == [1, 0, 0]


def test_nobody_votes_after_the_end(alice, bob):
    post = publish(alice, "What?", parts={"poll": Question(("a", "b"), 300)})

    with pytest.raises(Invalid, match="ended at 2026-01-15 12:05"):
        vote(seen_by(bob, post), by=bob, choices=[0], now=NOON + timedelta(seconds=300))
    vote(seen_by(bob, post), by=bob, choices=[0], now=NOON + timedelta(seconds=299))


def test_totals_that_are_hidden_are_shown_after_the_end(client_of, alice, bob):
    poll = ask(client_of(alice), hide_totals=True).json()["id"]

    voted = vote_for(client_of(bob), poll, 0).json()
    assert [option["votes_count"] for option in voted["options"]] == [None] * 3
    Poll.objects.update(expires_at=NOON)
    shown = client_of(bob).get(f"/api/v1/polls/{poll}").json()
    assert shown["expired"] is True
    assert [option["votes_count"] for option in shown["options"]] == [1, 0, 0]


def test_a_poll_is_for_those_who_may_see_its_post(client_of, alice, carol, dave):
    poll = ask(client_of(alice)).json()["id"]
    Post.objects.filter(pk=poll).update(audience="followers")

    for client in (client_of(carol), client_of(dave)):
        assert client.get(f"/api/v1/polls/{poll}").status_code == 404
        assert vote_for(client, poll, 0).status_code == 404
    assert client_of(alice).get(f"/api/v1/polls/{publish(alice, 'no poll')}").status_code == 404


def test_an_empty_line_of_the_composer_is_no_option(client_of, alice):
    poll = ask(client_of(alice), options=["tea", " ", "coffee", ""]).json()["poll"]

    assert [option["title"] for option in poll["options"]] == ["tea", "coffee"]


BAD_POLLS = [
    ({"options": ["one"]}, "1 options; it must have 2 to 4"),
    ({"options": list("abcde")}, "5 options; it must have 2 to 4"),
    ({"options": ["a", " ", ""]}, "1 options; it must have 2 to 4"),
    ({"options": ["a", "A"]}, "same option twice"),
    ({"options": ["a", "x" * 51]}, "51 characters; the limit is 50"),
    ({"options": ["a", "e" + "\u0301" * 5_000]}, "5001 characters; the limit is 50"),
    ({"expires_in": 299}, "299 seconds; it must be 300 to 2629746"),
    ({"expires_in": 2_629_747}, "2629747 seconds"),
    ({"expires_in": 10**40}, "10000000000000000000 seconds"),
    ({"expires_in": None}, "expires_in"),
    ({"expires_in": "soon"}, "valid integer"),
    ({"options": None}, "options"),
]


@pytest.mark.parametrize(("change", "why"), BAD_POLLS, ids=lambda value: str(value)[:40])
def test_a_bad_poll_is_refused_with_its_limit_and_publishes_nothing(client_of, alice, change, why):
    answer = ask(client_of(alice), **change)

    assert answer.status_code == 422
    assert why in answer.json()["error"]
    assert not Post.objects.exists()


def test_a_poll_needs_words(client_of, alice):
    assert client_of(alice).post("/api/v1/statuses", {"status": "", "poll": TEA}).status_code == 422


def test_other_options_drop_the_votes_and_the_history_shows_both(client_of, alice, bob):
    client = client_of(alice)
    post = ask(client).json()["id"]
    vote_for(client_of(bob), post, 0)

    same = client.put(f"/api/v1/statuses/{post}", {"status": "What then?", "poll": TEA}).json()
    assert same["poll"]["votes_count"] == 1
    other = client.put(
        f"/api/v1/statuses/{post}", {"status": "What then?", "poll": {**TEA, "options": ["tea", "water"]}}
    ).json()

    assert (other["poll"]["votes_count"], other["poll"]["voters_count"]) == (0, 0)
    assert vote_for(client_of(bob), post, 1).status_code == 200
    history = client.get(f"/api/v1/statuses/{post}/history").json()
    options = [[option["title"] for option in version["poll"]["options"]] for version in history]
    assert options == [TEA["options"], TEA["options"], ["tea", "water"]]


def test_another_end_keeps_the_votes_and_is_a_version_that_everybody_may_read(client_of, alice, bob):
    client = client_of(alice)
    post = ask(client).json()
    vote_for(client_of(bob), post["id"], 0)

    longer = client.put(f"/api/v1/statuses/{post['id']}", {"poll": {**TEA, "expires_in": 86_400}}).json()

    assert longer["poll"]["expires_at"] > post["poll"]["expires_at"]
    assert (longer["poll"]["votes_count"], longer["edited_at"] is not None) == (1, True)
    assert len(client.get(f"/api/v1/statuses/{post['id']}/history").json()) == 2


def test_an_edit_that_gives_the_text_without_the_poll_ends_it_and_one_without_text_does_not(client_of, alice):
    client = client_of(alice)
    post = ask(client).json()["id"]

    assert client.put(f"/api/v1/statuses/{post}", {"sensitive": True}).json()["poll"] is not None
    assert client.put(f"/api/v1/statuses/{post}", {"status": "Never mind"}).json()["poll"] is None
    assert not Poll.objects.exists()
    assert client.put(f"/api/v1/statuses/{post}", {"status": "But", "poll": TEA}).json()["poll"] is not None


def test_what_is_deleted_can_be_written_anew_with_its_poll(client_of, alice):
    client = client_of(alice)
    post = ask(client).json()["id"]

    gone = client.delete(f"/api/v1/statuses/{post}").json()

    assert (gone["text"], len(gone["poll"]["options"])) == ("What?", 3)
    assert client.get(f"/api/v1/polls/{post}").status_code == 404


def test_author_and_voters_hear_once_that_it_ended(client_of, alice, bob, dave):
    post = publish(alice, "What?", parts={"poll": Question(("a", "b"), 300)})
    for person in (bob, dave):
        vote(seen_by(person, post), by=person, choices=[0], now=NOON)
    end = NOON + timedelta(seconds=300)

    assert poll_ends.announce(now=end - timedelta(seconds=1), at_most=10) == 0
    assert poll_ends.announce(now=end, at_most=10) == 1
    assert poll_ends.announce(now=end, at_most=10) == 0

    told = Notification.objects.filter(kind="poll", subject_id=post)
    assert {note.recipient_id for note in told} == {alice.id, bob.id, dave.id}
    shown = client_of(bob).get("/api/v1/notifications", {"types[]": "poll"}).json()
    assert [(note["type"], note["account"]["acct"]) for note in shown] == [("poll", "alice")]
    assert shown[0]["status"]["poll"]["own_votes"] == [0]


def test_the_end_of_a_deleted_poll_is_no_news(client_of, alice, bob):
    post = publish(alice, "What?", parts={"poll": Question(("a", "b"), 300)})
    vote(seen_by(bob, post), by=bob, choices=[0], now=NOON)
    client_of(alice).delete(f"/api/v1/statuses/{post}")

    assert poll_ends.announce(now=NOON + timedelta(days=1), at_most=10) == 1
    assert not Notification.objects.filter(kind="poll").exists()
    with pytest.raises(NotFound):
        vote(seen_by(bob, post), by=bob, choices=[0], now=NOON)


@pytest.mark.django_db(transaction=True)
def test_eight_votes_at_once_are_eight_votes_and_one_person_has_one():
    alice = make_account("alice")
    post = publish(alice, "What?", parts={"poll": Question(("a", "b"), 3600)})
    people = [make_account(f"voter{number}") for number in range(8)]
    seen = {person.id: seen_by(person, post) for person in people}

    def give(person, choice):
        def run():
            try:
                vote(seen[person.id], by=person, choices=[choice], now=NOON)
            except Invalid:
                return 0
            return 1

        return run

    counted = at_once([give(person, number % 2) for number, person in enumerate(people)])
    again = at_once([give(people[0], 1)] * 8)

    assert (sum(counted), sum(again)) == (8, 0)
    poll = Poll.objects.get(pk=post)
    assert (poll.votes, poll.voters, PollVote.objects.count()) == ([4, 4], 8, 8)


@pytest.mark.django_db(transaction=True)
def test_an_edit_among_the_votes_loses_none_of_them():
    alice = make_account("alice")
    asked = Question(("a", "b"), 3600)
    post = publish(alice, "What?", parts={"poll": asked})
    people = [make_account(f"voter{number}") for number in range(6)]
    seen = {person.id: seen_by(person, post) for person in people}
    edits = [Edit({"text": Words(f"What {n}?", ""), "poll": asked}) for n in range(3)]

    votes = [lambda by=by: vote(seen[by.id], by=by, choices=[0], now=NOON) for by in people]
    changes = [lambda edit=edit: edit_post(post, by=alice, edit=edit, now=NOON) for edit in edits]

    assert at_once([*votes, *changes]) == [None] * 9
    assert Poll.objects.get(pk=post).votes == [6, 0]


def test_an_audit_finds_a_poll_that_was_miscounted_and_mends_it(alice, bob):
    post = publish(alice, "What?", parts={"poll": Question(("a", "b", "c"), 300, multiple=True)})
    vote(seen_by(bob, post), by=bob, choices=[0, 2], now=NOON)
    assert not [found for found in audit.audit() if found.wrong]

    Poll.objects.update(votes=[1, 1, 1], voters=2)

    assert [(found.name, found.examples) for found in audit.repair() if found.wrong] == [("polls", (post,))]
    assert (Poll.objects.get().votes, Poll.objects.get().voters) == ([1, 0, 1], 1)


def test_polls_of_a_page_cost_one_statement_however_many(client_of, alice, bob):
    client = client_of(bob)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/api/v1/timelines/public")
        return len(captured)

    publish(alice, "words")
    statements()  # a process that has just begun asks a few things once
    without = statements()
    publish(alice, "one", after=1, parts={"poll": Question(("a", "b"), 300)})
    one = statements()
    for number in range(8):
        publish(alice, f"poll {number}", after=2 + number, parts={"poll": Question(("a", "b"), 300)})

    assert (one, statements()) == (without + 1, without + 1)


def test_the_clock_knows_now_from_then(client_of, alice):
    poll = ask(client_of(alice), expires_in=300).json()["poll"]

    ends = datetime.fromisoformat(poll["expires_at"])
    assert timedelta(0) < ends - datetime.now(UTC) <= timedelta(seconds=300)
