"""Publishing: what is stored, counted and told, and what is refused."""

from __future__ import annotations

import pytest

from feed.models import Candidate, Delivery, IdempotencyKey, Post, PostCounters
from feed.operations.publish import Draft, publish_post
from feed.post_types.text import TooLong
from tests.parallel import at_once
from tests.people import NOON, make_account, publish
from tests.restricting import restrict
from upscrolled.core.errors import Invalid, NotAllowed, NotFound
from upscrolled.models import Account, AccountCounters, Notification

pytestmark = pytest.mark.django_db


def test_a_post_is_stored_as_said_with_its_mentions_tags_and_links(alice, bob):
    post = Post.objects.get(
        pk=publish(alice, "Hello @bob, see #Jerusalem #القدس\r\n\r\nhttps://example.org/x")
    )

    assert post.text == "Hello @bob, see #Jerusalem #القدس\n\nhttps://example.org/x"
    assert post.mentions == [bob.id]
    assert post.tags == ["Jerusalem", "القدس"]
    assert '<a href="/@bob" class="u-url mention">@<span>bob</span></a>' in post.html
    assert '<a href="/tags/jerusalem" class="mention hashtag" rel="tag">' in post.html
    assert post.created_at == NOON


def test_markup_of_a_writer_stays_text(alice):
    post = Post.objects.get(pk=publish(alice, '<script>alert(1)</script> "x" & href="/y"'))

    assert "<script>" not in post.html
    assert 'href="/' not in post.html


def test_a_mention_is_told_once_and_nobody_mentions_themselves(alice, bob):
    publish(alice, "@bob @BOB @alice @nobody_here")

    told = Notification.objects.filter(kind="mention").values_list("recipient__username", flat=True)
    assert list(told) == ["bob"]


def test_whom_she_blocked_is_not_told(alice, carol):
    publish(alice, "hello @carol")

    assert not Notification.objects.filter(recipient=carol).exists()


def test_counts_of_author_and_parent_are_exact(alice, bob):
    root = publish(alice, "root")
    publish(bob, "one", reply_to=root)
    publish(bob, "two", reply_to=root)

    assert AccountCounters.objects.get(pk=alice.pk).posts == 1
    assert AccountCounters.objects.get(pk=bob.pk).posts == 2
    assert PostCounters.objects.get(pk=root).replies == 2
    assert Candidate.objects.get(pk=root).comments == 1


def test_discover_draws_from_public_originals(alice):
    public = publish(alice, "public")
    publish(alice, "unlisted", audience="unlisted")
    publish(alice, "reply", reply_to=public)

    assert list(Candidate.objects.values_list("post_id", flat=True)) == [public]


def test_a_private_account_posts_for_followers_unless_it_says_otherwise(db):
    private = make_account("private", locked=True)

    assert Post.objects.get(pk=publish(private, "x")).audience == "followers"
    assert Post.objects.get(pk=publish(private, "x", audience="public")).audience == "public"


@pytest.mark.parametrize("text", ["", "   \n ", "\u200b"[:0]])
def test_an_empty_post_is_refused(alice, text):
    with pytest.raises(Invalid, match="can't be blank"):
        publish(alice, text)


def test_length_is_counted_as_people_count(alice):
    family = "👩‍👩‍👧‍👦"
    publish(alice, family * 500)
    publish(alice, "e\u0301" * 500)
    publish(alice, "x" * 476 + " https://example.org/" + "y" * 200)
    with pytest.raises(TooLong, match="501 characters; the limit is 500"):
        publish(alice, "x" * 501)
    with pytest.raises(TooLong, match="limit is 500"):
        publish(alice, "x" * 400, warning="y" * 101)


def test_a_flood_of_combining_marks_is_refused_though_it_is_one_character(alice):
    with pytest.raises(TooLong):
        publish(alice, "e" + "\u0301" * 20_000)


def test_ten_thousand_mentions_are_refused(alice):
    with pytest.raises(TooLong):
        publish(alice, "@bob " * 10_000)


@pytest.mark.parametrize(("field", "value"), [("audience", "everyone"), ("language", "klingon!")])
def test_unknown_audience_and_language_are_refused_by_name(alice, field, value):
    with pytest.raises(Invalid, match=value.split("!", maxsplit=1)[0]):
        publish(alice, "x", **{field: value})


def test_who_is_unconfirmed_or_suspended_may_not_publish(db):
    new, suspended = make_account("new", confirmed=False), make_account("suspended")
    restrict("account", suspended.id, "account_suspended", starts_at=NOON)

    for account in (new, suspended):
        with pytest.raises(NotAllowed):
            publish(account, "x")
    assert not Post.objects.exists()


def test_nobody_answers_whom_they_block_or_are_blocked_by(alice, carol):
    root = publish(alice, "root")

    with pytest.raises(NotFound):
        publish(carol, "but", reply_to=root)


def test_the_same_key_is_the_same_post_for_an_hour(alice, bob):
    first = publish(alice, "once", idempotency_key="k")

    assert publish(alice, "once", idempotency_key="k", after=3000) == first
    assert publish(bob, "once", idempotency_key="k") != first
    assert publish(alice, "once", idempotency_key="k", after=3700) != first
    assert Post.objects.filter(author=alice).count() == 2


def test_a_key_longer_than_255_is_refused_with_its_length(alice):
    with pytest.raises(Invalid, match="300 characters"):
        publish(alice, "x", idempotency_key="k" * 300)


def test_nothing_is_left_of_a_post_that_failed(alice):
    with pytest.raises(Invalid):
        publish(alice, "x", idempotency_key="k", language="?")

    assert not Delivery.objects.exists()
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_replay_in_parallel_publishes_once():
    alice = make_account("alice")
    Account.objects.get(pk=alice.pk)

    def send() -> int:
        return publish_post(author=alice, draft=Draft("once", idempotency_key="k"), now=NOON)

    answers = at_once([send] * 8)

    assert len(set(answers)) == 1
    assert Post.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_replies_of_one_person_at_the_same_moment_count_the_person_once():
    alice, bob = make_account("alice"), make_account("bob")
    root = publish(alice, "root")

    at_once([lambda: publish(bob, "yes", reply_to=root)] * 6)

    assert PostCounters.objects.get(pk=root).replies == 6
    assert Candidate.objects.get(pk=root).comments == 1
