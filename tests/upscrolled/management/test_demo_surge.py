"""`manage.py demo --world surge`: a world of millions at a small scale, exact to the last number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Max, Sum

from feed.models import Like, Post, PostCounters, PostTag, TagDay
from feed.operations import audit
from feed.post_types import text as wording
from tests.surge import SCALE, UNTIL, definitions, surge_world
from upscrolled.demo import build, bulk
from upscrolled.demo.surge import ACCOUNTS, LIKES, NAMED, POSTS
from upscrolled.models import Account, AccountCounters, Follow, Notification

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def before(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[tuple[Any, ...]]]:
    """The world, made once for this module; what the tables had before it is handed over."""
    with django_db_blocker.unblock():
        found = definitions()
        with surge_world():
            yield found


@pytest.fixture(autouse=True)
def _world(before: Any) -> None:
    """Every test here looks at the world."""


@pytest.fixture(autouse=True)
def _data_dir(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def about(wanted: float) -> Any:
    return pytest.approx(wanted, rel=0.05)


def test_it_has_the_people_posts_and_likes_of_its_scale():
    assert Account.objects.count() == ACCOUNTS * SCALE
    assert Post.objects.count() == about(POSTS * SCALE)
    assert Like.objects.count() == pytest.approx(LIKES * SCALE, rel=0.15)  # a few have most of them
    assert Follow.objects.count() == about(33_000_000 * SCALE)
    answering = Post.objects.exclude(repost_of=None, in_reply_to=None).count()
    assert answering / Post.objects.count() == pytest.approx(0.6, abs=0.06)


def test_a_few_have_most_of_everything():
    followers = sorted(AccountCounters.objects.values_list("followers", flat=True), reverse=True)
    posts = sorted(AccountCounters.objects.values_list("posts", flat=True), reverse=True)
    following = sorted(AccountCounters.objects.values_list("following", flat=True))

    assert sum(followers[: len(followers) // 100]) > sum(followers) / 5
    assert sum(posts[: len(posts) // 100]) > sum(posts) / 8
    assert following[len(following) // 2] in range(5, 12)
    assert 100 < following[-len(following) // 100] < 300


def test_the_heavy_cases_have_names_to_sign_in_with():
    known = {account.username: account for account in Account.objects.filter(username__in=NAMED)}
    numbers = {name: AccountCounters.objects.get(account=known[name]) for name in NAMED}

    assert numbers["reader"].following in range(8, 14)
    assert numbers["curious"].following > 900
    assert numbers["famous"].followers == about(0.8 * Account.objects.count())
    assert PostCounters.objects.aggregate(most=Max("likes"))["most"] == about(0.2 * Account.objects.count())
    root = Post.objects.get(author=known["host"], in_reply_to=None)
    assert Post.objects.filter(thread_id=root.id).count() == 0.1 * POSTS * SCALE
    assert Post.objects.filter(in_reply_to=root).count() == 0.06 * POSTS * SCALE
    tagged = PostTag.objects.filter(tag__name="surge").count()
    assert tagged == pytest.approx(0.1 * Post.objects.count(), rel=0.15)


def test_every_count_agrees_with_its_rows():
    assert [difference for difference in audit.audit() if difference.wrong] == []
    assert TagDay.objects.aggregate(all=Sum("uses"))["all"] == (
        PostTag.objects.filter(post__audience="public").count()
    )


def test_texts_are_as_the_operations_write_them():
    for post in Post.objects.filter(repost_of=None).order_by("?")[:200]:
        said = wording.read(post.text, "")
        assert (post.text, post.html, post.mentions, post.tags) == (
            said.text,
            said.html,
            said.mentions,
            said.tags,
        )


def test_a_thread_knows_where_it_began():
    parents = dict(Post.objects.values_list("id", "in_reply_to_id"))
    for post_id, thread_id in Post.objects.exclude(in_reply_to=None).values_list("id", "thread_id"):
        root = post_id
        while parents[root] is not None:
            root = parents[root]
        assert thread_id == root


def test_posts_lie_in_the_table_as_they_came():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT id < lag(id) OVER (ORDER BY ctid) AS back FROM feed_post) p WHERE back"
        )
        assert cursor.fetchone() == (0,)


def test_nothing_happens_before_its_time():
    with connection.cursor() as cursor:
        for early in (
            "SELECT count(*) FROM feed_post WHERE id < author_id",
            "SELECT count(*) FROM feed_post r JOIN feed_post p ON p.id = r.in_reply_to_id WHERE r.id < p.id",
            "SELECT count(*) FROM feed_post r JOIN feed_post p ON p.id = r.repost_of_id WHERE r.id < p.id",
            "SELECT count(*) FROM feed_like WHERE created_at < to_timestamp((post_id >> 16) / 1000.0)",
            "SELECT count(*) FROM feed_like WHERE created_at < to_timestamp((account_id >> 16) / 1000.0)",
        ):
            cursor.execute(early)
            assert cursor.fetchone() == (0,)
    assert Like.objects.aggregate(last=Max("created_at"))["last"] < UNTIL
    assert Notification.objects.aggregate(last=Max("created_at"))["last"] < UNTIL


def test_indexes_and_constraints_are_those_of_before(before):
    assert definitions() == before


def test_the_same_world_again_changes_nothing_and_another_is_refused(capsys):
    call_command("demo", "--world", "surge", "--scale", str(SCALE))
    assert "nothing was changed" in capsys.readouterr().out

    with pytest.raises(CommandError, match=r"holds world surge, seed 1, scale 0\.002; a world"):
        call_command("demo", "--world", "surge", "--scale", str(SCALE), "--seed", "2")
    assert Account.objects.count() == ACCOUNTS * SCALE


def test_a_database_with_people_in_it_is_refused():
    Account.objects.filter(username=NAMED[-1]).update(username="somebody")  # no world: just people

    with pytest.raises(CommandError, match="has people in it"):
        call_command("demo", "--world", "surge", "--scale", str(SCALE))


def test_a_full_disk_is_said_before_anything_is_done(monkeypatch):
    monkeypatch.setattr(build, "NEEDED", 1e9)

    with pytest.raises(build.Conflict, match=r"has [\d.]+ GB free; this world needs 2000000.0 GB"):
        build.require_space(build.Surge(1, UNTIL, "!", SCALE))


@pytest.mark.parametrize("scale", ["0", "1.5", "0.0001"])
def test_a_scale_that_makes_no_world_is_refused(scale):
    with pytest.raises(CommandError, match=r"between 0.0004 and 1"):
        call_command("demo", "--world", "surge", "--scale", scale)


def test_whoever_interrupts_it_finds_every_index_and_constraint(before):
    def interrupted() -> None:
        with transaction.atomic():
            bulk.strip(["feed_post", "upscrolled_account"])
            assert definitions() != before
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert definitions() == before


def test_columns_that_nobody_names_get_their_default():
    found = bulk.defaults(Account, ["id", "username"])

    assert found["discoverable"].startswith("true")
    assert found["fields"].startswith("'[]'")
    assert "username" not in found
    assert "pronouns" not in found  # the database knows its own default
    with pytest.raises(ValueError, match="no column nickname"):
        bulk.defaults(Account, ["nickname"])
