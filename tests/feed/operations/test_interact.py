"""Like, share, bookmark: once each, counted exactly, told once."""

from __future__ import annotations

import pytest

from feed import candidates, counters
from feed.models import Bookmark, Candidate, Like, Post, PostCounters
from feed.operations.interact import bookmark, like, repost, unbookmark, unlike, unrepost
from tests.parallel import at_once
from tests.people import NOON, make_account, publish, seen_by
from upscrolled.core.errors import NotAllowed, NotFound
from upscrolled.models import Notification

pytestmark = pytest.mark.django_db


def test_a_like_counts_once_and_is_told_once(alice, bob):
    post = publish(alice, "hello")

    for _ in range(3):
        shown = like(seen_by(bob, post), by=bob, now=NOON)

    assert (shown.liked, shown.likes) == (True, 1)
    assert PostCounters.objects.get(pk=post).likes == 1
    assert list(Notification.objects.values_list("recipient__username", "kind")) == [
        ("alice", "follow"),
        ("alice", "like"),
    ]


def test_taking_a_like_back_undoes_all_of_it(alice, bob):
    post = publish(alice, "hello")
    before = Candidate.objects.get(pk=post).base
    like(seen_by(bob, post), by=bob, now=NOON)
    assert Candidate.objects.get(pk=post).base > before

    shown = unlike(unlike_twice(post, bob), by=bob)

    assert (shown.liked, shown.likes) == (False, 0)
    assert Candidate.objects.get(pk=post).base == before
    assert not Notification.objects.filter(kind="like").exists()
    assert counters.drift() == []


def unlike_twice(post, bob):
    return unlike(seen_by(bob, post), by=bob)


def test_ones_own_like_is_shown_but_gives_no_ticket_and_no_news(alice):
    post = publish(alice, "hello")

    like(seen_by(alice, post), by=alice, now=NOON)

    assert PostCounters.objects.get(pk=post).likes == 1
    assert Candidate.objects.get(pk=post).likes == 0
    assert not Notification.objects.exists()


def test_a_share_is_one_post_however_often_it_is_asked_for(alice, bob):
    post = publish(alice, "hello")

    first = repost(seen_by(bob, post), by=bob, audience="public", now=NOON)
    second = repost(seen_by(bob, post), by=bob, audience="public", now=NOON)

    assert first == second
    assert PostCounters.objects.get(pk=post).reposts == 1
    assert Candidate.objects.get(pk=post).shares == 1


def test_a_share_taken_back_can_be_made_again(alice, bob):
    post = publish(alice, "hello")
    first = repost(seen_by(bob, post), by=bob, audience="public", now=NOON)

    assert unrepost(seen_by(bob, post), by=bob, now=NOON).reposts == 0
    assert unrepost(seen_by(bob, post), by=bob, now=NOON).reposted is False
    assert repost(seen_by(bob, post), by=bob, audience="public", now=NOON) != first
    assert counters.drift() == []


def test_posts_for_followers_are_shared_by_their_author_alone(alice, bob):
    post = publish(alice, "only us", audience="followers")

    with pytest.raises(NotAllowed):
        repost(seen_by(bob, post), by=bob, audience="public", now=NOON)
    own = repost(seen_by(alice, post), by=alice, audience="public", now=NOON)
    assert Post.objects.get(pk=own).audience == "followers"


def test_bookmarks_are_nobodys_business(alice, bob):
    post = publish(alice, "hello")
    bookmark(seen_by(bob, post), by=bob, now=NOON)
    bookmark(seen_by(bob, post), by=bob, now=NOON)

    assert Bookmark.objects.count() == 1
    assert not Notification.objects.exclude(kind="follow").exists()
    assert unbookmark(seen_by(bob, post), by=bob).bookmarked is False
    assert not Bookmark.objects.exists()


def test_nobody_likes_across_a_block(alice, carol):
    post = publish(alice, "hello")

    with pytest.raises(NotFound):
        like(seen_by(carol, post), by=carol, now=NOON)


def test_a_recount_finds_the_same_tickets(alice, bob, dave):
    post = publish(alice, "hello")
    for person in (bob, dave, alice):
        like(seen_by(person, post), by=person, now=NOON)
        publish(person, "yes", reply_to=post)
        repost(seen_by(person, post), by=person, audience="public", now=NOON)
    held = Candidate.objects.get(pk=post)
    assert (held.likes, held.comments, held.shares) == (2, 2, 2)

    assert candidates.recount([post]) == 0
    Candidate.objects.filter(pk=post).update(likes=7, base=0)
    assert candidates.recount([post]) == 1
    after = Candidate.objects.get(pk=post)
    assert (after.likes, after.base) == (held.likes, held.base)


@pytest.mark.django_db(transaction=True)
def test_double_likes_in_parallel_count_once():
    alice, bob = make_account("alice"), make_account("bob")
    post = seen_by(bob, publish(alice, "hello"))

    results = at_once([lambda: like(post, by=bob, now=NOON)] * 10)

    assert not [result for result in results if isinstance(result, Exception)]
    assert Like.objects.count() == 1
    assert PostCounters.objects.get().likes == 1
    assert Candidate.objects.get().likes == 1


@pytest.mark.django_db(transaction=True)
def test_a_storm_of_likes_shares_and_replies_ends_with_exact_counts():
    alice = make_account("alice")
    people = [make_account(f"p{n}") for n in range(12)]
    number = publish(alice, "hello")
    post = seen_by(alice, number)

    def storm(person):
        def act() -> None:
            like(post, by=person, now=NOON)
            unlike(post, by=person)
            like(post, by=person, now=NOON)
            repost(post, by=person, audience="public", now=NOON)
            publish(person, "one", reply_to=number)
            publish(person, "two", reply_to=number)

        return act

    results = at_once([storm(person) for person in people])

    assert not [result for result in results if isinstance(result, Exception)], results
    assert counters.drift() == []
    assert candidates.miscounted([number]) == []
    counters.fold()
    assert candidates.miscounted([number]) == []
    assert Candidate.objects.get(pk=number).comments == 12
