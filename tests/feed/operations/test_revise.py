"""Edit and delete: every version stays readable, a deleted post is gone from everywhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feed import counters
from feed.models import Candidate, Post, PostCounters, PostEdit, PostTag
from feed.operations.interact import like, repost
from feed.operations.revise import Edit, delete_post, edit_post
from feed.post_types.text import Words
from tests.people import NOON, publish, seen_by
from upscrolled.core.errors import NotFound
from upscrolled.models import AccountCounters, Notification

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=5)


def edit(post, by, text, **changes):
    words = Words(text, changes.pop("warning", ""))
    edit_post(post, by=by, edit=Edit({"text": words}, **changes), now=LATER)


def test_an_edit_keeps_the_version_before(alice):
    post = publish(alice, "Helo #one")

    edit(post, alice, "Hello #two")

    now = Post.objects.get(pk=post)
    assert (now.text, now.tags, now.edited_at) == ("Hello #two", ["two"], LATER)
    before = PostEdit.objects.get(post_id=post)
    assert (before.text, before.written_at) == ("Helo #one", NOON)
    assert list(PostTag.objects.values_list("tag__name", flat=True)) == ["two"]


def test_an_edit_that_changes_nothing_leaves_no_version(alice):
    post = publish(alice, "Hello")

    edit(post, alice, "Hello")

    assert not PostEdit.objects.exists()
    assert Post.objects.get(pk=post).edited_at is None


def test_who_is_named_anew_is_told_and_so_is_who_shared_it(alice, bob, dave):
    post = publish(alice, "Hello @bob")
    repost(seen_by(dave, post), by=dave, audience="public", now=NOON)

    edit(post, alice, "Hello @bob and @dave")

    assert set(Notification.objects.filter(recipient=dave).values_list("kind", flat=True)) == {
        "mention",
        "edit",
    }
    assert Notification.objects.filter(recipient=bob, kind="mention").count() == 1


def test_nobody_edits_or_deletes_for_another(alice, bob):
    post = publish(alice, "Hello")

    with pytest.raises(NotFound):
        edit(post, bob, "Bye")
    with pytest.raises(NotFound):
        delete_post(post, by=bob, now=LATER)


def test_a_deleted_post_is_gone_from_counts_discover_tags_and_news(alice, bob):
    root = publish(alice, "root #tag @bob")
    reply = publish(bob, "reply", reply_to=root)
    like(seen_by(bob, root), by=bob, now=NOON)

    delete_post(reply, by=bob, now=LATER)
    assert PostCounters.objects.get(pk=root).replies == 0
    assert Candidate.objects.get(pk=root).comments == 0
    delete_post(root, by=alice, now=LATER)

    assert AccountCounters.objects.get(pk=alice.pk).posts == 0
    assert not Candidate.objects.exists()
    assert not PostTag.objects.exists()
    assert not Notification.objects.filter(subject_id=root).exists()
    assert counters.drift() == []


def test_a_share_that_is_deleted_is_no_news_any_more(alice, bob, dave):
    post = publish(alice, "Hello")
    share = repost(seen_by(bob, post), by=bob, audience="public", now=NOON)
    repost(seen_by(dave, post), by=dave, audience="public", now=NOON)

    delete_post(share, by=bob, now=LATER)

    assert list(Notification.objects.filter(kind="repost").values_list("recipient", "actor")) == [
        (alice.id, dave.id)
    ]
    assert PostCounters.objects.get(pk=post).reposts == Candidate.objects.get(pk=post).shares == 1


def test_deleting_twice_is_not_found(alice):
    post = publish(alice, "Hello")
    delete_post(post, by=alice, now=LATER)

    with pytest.raises(NotFound):
        delete_post(post, by=alice, now=LATER)


def test_one_of_two_replies_deleted_still_counts_the_person(alice, bob):
    root = publish(alice, "root")
    one = publish(bob, "one", reply_to=root)
    publish(bob, "two", reply_to=root)

    delete_post(one, by=bob, now=LATER)

    assert Candidate.objects.get(pk=root).comments == 1
