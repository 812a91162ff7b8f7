"""The freeze audits itself: whoever had to be in the pool and is not is found, in its own snapshot."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from feed.models import Candidate, PoolAudit, Post
from feed.operations.interact import like, repost
from feed.operations.revise import delete_post
from feed.ranking.formula import VERSIONS, Weights
from feed.ranking.pool import NO_DIGEST, Pool, ring_distance
from feed.timelines import audits, pools
from feed.timelines.eligibility import OWN, REASONS, WHY_OUT
from feed.timelines.freeze import freeze
from tests.people import NOON, make_account, publish, seen_by
from tests.restricting import restrict

SOON = NOON + timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_an_audit_stands_in_the_snapshot_of_its_freeze_and_is_kept(alice, dave):
    kept, hidden = publish(alice), publish(dave)
    restricted("post", hidden, "hidden_from_discover")

    pool = pools.advance(now=SOON, audited=True)

    [audit] = PoolAudit.objects.all()
    assert bytes(audit.digest) == pool.digest
    assert (audit.missing, audit.surplus) == ([], [])
    assert audit.restricted == {"hidden_from_discover": 1}
    assert audit.looked_at == 2
    assert pool.popular_ids() == [kept]
    again = pools.advance(now=SOON, audited=True)  # whatever the time
    assert again.previous == pool.digest


@pytest.mark.django_db
class TestFound:
    def test_a_post_without_its_row_is_missing(self, alice):
        post, other = publish(alice, "one"), publish(alice, "two")
        Candidate.objects.filter(pk=post).delete()

        found = compared()

        assert found.missing == (post,)
        assert not found.is_clean
        assert other not in found.missing

    @pytest.mark.parametrize("part", ["popular", "fresh"])
    def test_a_post_that_a_pool_leaves_out_for_the_next_one_is_missing(self, alice, part, monkeypatch):
        monkeypatch.setitem(VERSIONS, 7, weights := Weights(version=7, pool_size=6, fresh_size=6))
        for n in range(12):
            publish(alice, f"post {n}", after=n)
        honest = freeze(now=SOON, previous=NO_DIGEST, weights=weights)
        assert audits.compare("all", honest).is_clean
        by_id = {row[0]: row for row in Candidate.objects.values_list(*COLUMNS)}
        popular = sorted(by_id, key=lambda post: by_id[post][5], reverse=True)
        fresh = sorted(by_id, key=lambda post: ring_distance(post, honest.ring_start))
        left_out = (popular if part == "popular" else fresh).pop(0)

        robbed = Pool.of(
            [by_id[post] for post in popular[:6]],
            [by_id[post] for post in fresh[:6]],
            epoch_ms=honest.epoch_ms,
            version=7,
        )

        assert audits.compare("all", robbed).missing == (left_out,)

    def test_a_post_that_must_not_be_in_is_surplus(self, alice, dave):
        deleted, private, opted_out, other = (
            publish(author, text, after=n)
            for n, (author, text) in enumerate([(alice, "a"), (alice, "b"), (dave, "c"), (alice, "d")])
        )
        pool = freeze(now=SOON, previous=NO_DIGEST)
        Post.objects.filter(pk=deleted).update(deleted_at=NOON)
        Post.objects.filter(pk=private).update(audience="followers")
        dave.discoverable = False
        dave.save()

        found = audits.compare("all", pool)

        assert found.surplus == (deleted, private, opted_out)
        assert other not in found.surplus

    def test_decisions_are_counted_by_kind_and_no_post_is_named(self, alice, dave):
        for n, kind in enumerate(["removed", "hold", "hidden_from_discover"]):
            restricted("post", publish(alice, f"post {n}", after=n), kind)
        publish(dave)
        restricted("account", dave.id, "account_suspended")

        found = compared()

        assert found.is_clean
        assert found.restricted == {
            "removed": 1,
            "hold": 1,
            "hidden_from_discover": 1,
            "account_suspended": 1,
        }

    def test_a_post_of_last_week_without_a_row_is_found_by_a_full_audit(self, alice):
        old = publish(alice, "old", after=-7 * 86_400)
        Candidate.objects.filter(pk=old).delete()
        pool = freeze(now=SOON, previous=NO_DIGEST)

        assert audits.compare("all", pool).missing == ()
        assert audits.compare("all", pool, since_ms=0).missing == (old,)

    def test_the_freeze_and_the_posts_themselves_agree_on_every_reason(self, alice, dave):
        """Each reason alone, and nothing else, keeps a post out of both."""
        made = {reason: publish(make_account(f"of_{reason}"), reason) for reason in REASONS}
        fine = publish(alice)
        Post.objects.filter(pk=made["not_public"]).update(audience="unlisted")
        Candidate.objects.filter(pk=made["not_public"]).delete()
        author = {reason: Post.objects.get(pk=post).author for reason, post in made.items()}
        delete_post(made["deleted"], by=author["deleted"], now=NOON)
        made["share"] = repost(
            seen_by(author["share"], fine), by=author["share"], audience="public", now=NOON
        )
        made["reply"] = publish(author["reply"], "an answer", reply_to=fine)
        author["closed"].is_active = False
        author["closed"].save()
        author["opted_out"].discoverable = False
        author["opted_out"].save()
        restricted("account", author["account_suspended"].id, "account_suspended")
        for reason in set(REASONS) - {*OWN, "account_suspended"}:
            restricted("post", made[reason], reason)

        frozen = set(freeze(now=SOON, previous=NO_DIGEST).id.tolist())

        assert {reason: why_out(post) for reason, post in made.items()} == {
            reason: reason for reason in REASONS
        }
        assert why_out(fine) is None
        assert fine in frozen
        assert not frozen & set(made.values())

    def test_likes_while_the_pool_is_compared_change_nothing(self, alice, dave):
        post = publish(alice)
        pool = freeze(now=SOON, previous=NO_DIGEST)
        like(seen_by(dave, post), by=dave, now=NOON)

        assert audits.compare("all", pool).is_clean


COLUMNS = ("post_id", "author_id", "likes", "comments", "shares", "base")


def compared() -> audits.Found:
    return audits.compare("all", freeze(now=SOON, previous=NO_DIGEST))


def why_out(post_id: int) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {WHY_OUT} FROM feed_post p LEFT JOIN upscrolled_account a ON a.id = p.author_id
                WHERE p.id = %(post)s""",
            {"post": post_id, "at": SOON},
        )
        return cursor.fetchone()[0]


def restricted(subject: str, subject_id: int, kind: str) -> None:
    """In force when the pools of these tests are frozen."""
    restrict(subject, subject_id, kind, starts_at=NOON - timedelta(hours=1))
