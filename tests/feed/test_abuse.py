"""What people try in order to be drawn more often, and what comes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from feed import standing
from feed.models import Candidate
from feed.operations.interact import like, unlike
from feed.operations.revise import delete_post
from feed.queries import rings
from feed.ranking.pool import NO_DIGEST
from feed.timelines.freeze import freeze
from moderation import queue
from moderation.models import Case, CaseEvent
from moderation.operations.decide import Wish, decide, reverse
from moderation.subjects import Subject
from tests.people import NOON, client_of, make_account, publish, seen_by
from tests.restricting import REASONS, moderator, restrict
from upscrolled.core.errors import NotAllowed
from upscrolled.models import Account, Restriction

DISCOVER = "/api/v1/upscrolled/discover"

pytestmark = pytest.mark.django_db


def tickets(post_id: int) -> tuple[int, int, int]:
    return Candidate.objects.values_list("likes", "comments", "shares").get(pk=post_id)


def test_ones_own_like_answer_and_share_hold_no_ticket(alice):
    post = publish(alice)
    like(seen_by(alice, post), by=alice, now=NOON)
    publish(alice, "an answer to myself", reply_to=post)

    assert tickets(post) == (0, 0, 0)


def test_who_has_not_confirmed_an_address_cannot_like_at_all(alice):
    post = publish(alice)
    sock = make_account("sock", confirmed=False)

    with pytest.raises(NotAllowed):
        like(seen_by(sock, post), by=sock, now=NOON)
    assert tickets(post) == (0, 0, 0)


@pytest.mark.parametrize("kind", ["account_suspended", "hold"])
def test_likes_of_held_and_suspended_accounts_are_taken_out_and_given_back(alice, dave, kind):
    post = publish(alice)
    like(seen_by(dave, post), by=dave, now=NOON)
    now = datetime.now(UTC)
    row = restrict("account", dave.id, kind, ends_at=now + timedelta(hours=1))
    standing.settle(now=now)
    assert tickets(post) == (0, 0, 0)
    with pytest.raises(NotAllowed):
        like(seen_by(dave, publish(alice, "another")), by=dave, now=NOON)

    Restriction.objects.filter(pk=row.pk).update(ends_at=now - timedelta(minutes=1))
    standing.settle(now=now)
    assert tickets(post) == (1, 0, 0)


def test_liking_and_unliking_a_hundred_times_is_one_like_or_none(alice, dave):
    post = publish(alice)
    for _ in range(20):
        like(seen_by(dave, post), by=dave, now=NOON)
        like(seen_by(dave, post), by=dave, now=NOON)
        assert tickets(post) == (1, 0, 0)
        unlike(seen_by(dave, post), by=dave)
        unlike(seen_by(dave, post), by=dave)
        assert tickets(post) == (0, 0, 0)


def test_five_answers_of_one_person_count_once_until_the_last_is_gone(alice, dave):
    post = publish(alice)
    answers = [publish(dave, f"answer {n}", reply_to=post, after=n) for n in range(5)]
    assert tickets(post) == (0, 1, 0)

    for answer in answers[:4]:
        delete_post(answer, by=dave, now=NOON)
    assert tickets(post) == (0, 1, 0)
    delete_post(answers[4], by=dave, now=NOON)
    assert tickets(post) == (0, 0, 0)


def test_a_nonce_ground_to_lift_a_post_bends_ones_own_feed_alone_and_is_named(alice, dave, bob):
    ago = (datetime.now(UTC) - NOON).total_seconds() - 600
    posts = [publish(make_account(f"author{n}"), f"post {n}", after=ago + n) for n in range(40)]
    wanted = posts[3]

    def first(client, **query) -> dict:
        return client.get(DISCOVER, query).json()

    mine = client_of(dave)
    nonce = next(
        nonce
        for n in range(400)
        if first(mine, nonce=(nonce := f"ground {n}"))["receipt"]["items"][0]["id"] == str(wanted)
    )
    before = [item["id"] for item in first(client_of(), nonce="public")["receipt"]["items"]]

    receipt = first(mine, nonce=nonce)["receipt"]

    assert (receipt["nonce"], receipt["nonce_from"]) == (nonce, "client")
    assert [item["id"] for item in first(client_of(), nonce="public")["receipt"]["items"]] == before
    other = first(client_of(bob))["receipt"]
    assert other["nonce"] == f"{bob.id}:0"
    assert tickets(wanted) == (0, 0, 0)


def test_a_post_whose_id_is_ahead_of_the_clock_waits_until_its_time(alice):
    post = publish(alice, "from a clock that runs ahead", after=3_600)

    assert len(freeze(now=NOON, previous=NO_DIGEST)) == 0
    pool = freeze(now=NOON + timedelta(hours=2), previous=NO_DIGEST)
    assert pool.popular_ids() == [post]


# --- rings --------------------------------------------------------------------------------------------


@pytest.fixture
def quiet_posts(alice) -> list[int]:
    return [publish(alice, f"post {n}", after=n) for n in range(30)]


def liked(account: Account, posts: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO feed_like (post_id, account_id, created_at)
               SELECT p, %(by)s, %(now)s FROM unnest(%(posts)s::bigint[]) p""",
            {"by": account.id, "now": NOON, "posts": posts},
        )


def test_accounts_that_like_the_same_quiet_posts_are_listed(quiet_posts):
    ring = [make_account(f"ring{n}") for n in range(4)]
    for number, account in enumerate(ring):
        liked(account, quiet_posts[number : number + 20])
    for number in range(5):
        liked(make_account(f"reader{number}"), quiet_posts[number * 3 : number * 3 + 4])

    [found] = rings.find(now=NOON + timedelta(hours=1))

    assert found.account_ids == tuple(sorted(account.id for account in ring))
    assert found.overlap > 0.7
    assert rings.find(now=NOON + timedelta(days=3)) == []


def test_each_member_of_a_ring_gets_a_case_that_names_the_others_once(quiet_posts):
    ring = [make_account(f"ring{n}") for n in range(3)]
    for account in ring:
        liked(account, quiet_posts[:20])
    now = NOON + timedelta(hours=1)

    assert queue.look_for_rings(now=now, at_most=2) == 2
    assert queue.look_for_rings(now=now) == 1
    assert queue.look_for_rings(now=now) == 0

    cases = Case.objects.order_by("subject_id")
    assert [(case.subject_id, case.policy, case.state) for case in cases] == [
        (account.id, "spam", "open") for account in ring
    ]
    said = CaseEvent.objects.filter(kind="ring").values_list("reason", flat=True)
    assert set(said) == {"3 accounts, 100 % of likes in common: @ring0, @ring1, @ring2"}
    assert Restriction.objects.count() == 0


@pytest.mark.parametrize("bound", ["LIKES_MOST", "MARKS_MOST"])
def test_looking_for_rings_costs_no_more_than_its_bounds(quiet_posts, monkeypatch, bound):
    """The newest likes, and of these the posts with the fewest: past either bound a ring is missed, not made up."""
    for number in range(2):
        liked(make_account(f"ring{number}"), quiet_posts[:15])
    for number in range(2):
        liked(make_account(f"late{number}"), quiet_posts[15:])

    found = [len(rings.find(now=NOON))]
    for most in (30, 15):
        monkeypatch.setattr(rings, bound, most)
        found.append(len(rings.find(now=NOON)))

    assert found == [2, 1, 0]


def test_the_newest_likes_are_read_by_their_key(quiet_posts):
    liked(make_account("one"), quiet_posts)
    row = {"likes": 10, "since": NOON - rings.LOOKS_BACK}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {rings._LATELY}", row)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Index Cond: (id > " in plan


def test_what_many_like_is_no_sign(quiet_posts, monkeypatch):
    monkeypatch.setattr(rings, "QUIET_MOST", 5)
    for number in range(6):
        liked(make_account(f"fan{number}"), quiet_posts)

    assert rings.find(now=NOON) == []


def test_who_likes_much_else_beside_is_not_listed(quiet_posts):
    one, other = make_account("one"), make_account("other")
    liked(one, quiet_posts[:18])
    liked(other, quiet_posts[8:])

    assert rings.find(now=NOON) == []


def test_taking_the_likes_of_a_ring_out_is_a_decision_that_counts_again_and_so_is_its_reversal(
    quiet_posts, bob
):
    """The ring goes on as before, and everybody sees it; its likes hold no tickets, and its members read why."""
    post = quiet_posts[0]
    ring = [make_account(f"ring{n}") for n in range(3)]
    for person in (*ring, bob):
        like(seen_by(person, post), by=person, now=NOON)
    assert tickets(post) == (4, 0, 0)
    now = datetime.now(UTC) - timedelta(hours=1)
    decided = [
        decide(Wish(Subject("account", one.id), "uncounted", "spam", REASONS), by=moderator(), now=now)
        for one in ring
    ]
    standing.settle(now=now)

    assert tickets(post) == (1, 0, 0)
    assert seen_by(bob, post).likes == 4
    for person in ring:
        like(seen_by(person, quiet_posts[1]), by=person, now=NOON)
        [told] = client_of(person).get("/api/v1/upscrolled/statements").json()
        assert "holds no tickets in discover" in told["text"]
    assert tickets(quiet_posts[1]) == (0, 0, 0)

    taken_back = {"by": moderator(), "facts": REASONS.facts, "explanation": REASONS.explanation}
    for each in decided:
        reverse(each.decision_id, **taken_back, now=now + timedelta(minutes=5))
    standing.settle(now=now)

    assert tickets(post) == (4, 0, 0)
    assert tickets(quiet_posts[1]) == (3, 0, 0)


def test_the_command_lists_rings_by_name(quiet_posts, capsys, monkeypatch):
    monkeypatch.setattr(rings, "LOOKS_BACK", timedelta(days=365_00))
    for number in range(2):
        liked(make_account(f"ring{number}"), quiet_posts[:20])

    call_command("like_rings")

    told = capsys.readouterr().out
    assert "2 accounts, 100 % of likes in common: @ring0, @ring1" in told
    assert told.endswith("1 rings.\n")
