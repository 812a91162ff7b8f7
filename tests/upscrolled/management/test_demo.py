"""`manage.py demo`: the same story for a seed, in which every count agrees with its rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from feed.demo import words
from feed.demo.story import LANGUAGES
from feed.models import Like, Post
from feed.operations import audit
from feed.post_types import text as wording
from moderation.models import Report
from upscrolled.core import ids, text
from upscrolled.demo import Size, World
from upscrolled.management.commands.demo import rooms
from upscrolled.models import Account, Follow, FollowRequest

pytestmark = pytest.mark.django_db
UNTIL = "2026-01-15T12:00:00Z"
FEW = Size(accounts=60, posts=400, shares=60, follows=8, likes=700)


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    """The banner is written here, not where the developer's own data lie."""
    settings.DATA_DIR = tmp_path
    return tmp_path


def demo(seed: int = 7) -> None:
    call_command("demo", "--seed", str(seed), "--posts", "80", "--until", UNTIL)


def world(seed: int = 7) -> None:
    made = World(Random(seed), datetime(2026, 1, 15, 12, tzinfo=UTC), "!", FEW)
    for room in rooms("populate"):
        room.populate(made)


def undone(make: Callable[[int], None], seed: int, look: Callable[[], Any]) -> Any:
    """What one sees after something was made, which is then undone."""
    with transaction.atomic():
        make(seed)
        seen = look()
        transaction.set_rollback(True)
    return seen


def story() -> list[tuple[Any, ...]]:
    """Who said, answered and liked what, and when; without ids, whose lower bits are chance."""
    said = Post.objects.order_by("id").select_related("author", "in_reply_to", "repost_of")
    told = [
        (
            ids.created_ms(post.id),
            post.author.username,
            post.audience,
            post.text,
            post.in_reply_to and post.in_reply_to.text,
            post.repost_of and post.repost_of.text,
        )
        for post in said
    ]
    liked = Like.objects.order_by("id").values_list("account__username", "post__text", "created_at")
    return [*told, *liked]


def fingerprint() -> list[Any]:
    """Every row of a world, ids included."""
    tables = ("feed_post", "feed_like", "feed_postcounters", "feed_candidate", "upscrolled_accountcounters")
    with connection.cursor() as cursor:
        seen = []
        for table in tables:
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            seen.append((table, *cursor.fetchone()))
        return seen


def likes_aside(seen: list[Any]) -> list[Any]:
    return [row for row in seen if row[0] != "feed_like"]  # its rows are numbered by a sequence


def test_fifty_people_and_two_of_staff_talk_in_three_languages(data_dir):
    demo()

    assert Account.objects.filter(role="").count() == 50
    assert set(Account.objects.exclude(role="").values_list("username", "role")) == {
        ("admin", "admin"),
        ("moderator", "moderator"),
    }
    assert Post.objects.filter(repost_of=None).count() == 80
    assert set(Post.objects.exclude(language="").values_list("language", flat=True)) == {"ar", "en", "fr"}
    assert Follow.objects.count() > 400
    assert FollowRequest.objects.exists()
    assert Like.objects.count() > 50
    assert Report.objects.count() == 2
    assert "hello-salam-bonjour" in (data_dir / "run" / "demo.txt").read_text()


def test_the_same_seed_tells_the_same_story():
    first = undone(demo, 7, story)

    assert undone(demo, 7, story) == first
    assert undone(demo, 8, story) != first


def test_every_count_of_the_demo_agrees_with_its_rows():
    demo()

    assert [difference for difference in audit.audit() if difference.wrong] == []


def test_a_database_with_people_in_it_is_left_alone(dave):
    with pytest.raises(CommandError, match="has accounts already"):
        demo()

    call_command("demo", "--posts", "5", "--until", UNTIL, "--force")
    assert Account.objects.count() == 1 + 52

    with pytest.raises(CommandError, match="taken"):
        call_command("demo", "--posts", "5", "--until", UNTIL, "--force")


def test_a_story_does_not_end_in_the_future():
    with pytest.raises(CommandError, match="until"):
        call_command("demo", "--until", "2999-01-01")


def test_the_same_seed_makes_the_same_world_to_the_last_id():
    first = undone(world, 7, fingerprint)

    assert likes_aside(undone(world, 7, fingerprint)) == likes_aside(first)
    assert likes_aside(undone(world, 8, fingerprint)) != likes_aside(first)


def test_a_world_is_written_as_the_operations_would_write_it():
    world()

    assert [difference for difference in audit.audit() if difference.wrong] == []
    assert Like.objects.count() == FEW.likes
    assert Post.objects.filter(repost_of__isnull=False).count() == FEW.shares
    for post in Post.objects.filter(repost_of=None):
        said = wording.read(post.text, "")
        assert (post.text, post.html, post.mentions, post.tags) == (
            said.text,
            said.html,
            said.mentions,
            said.tags,
        )


@pytest.mark.parametrize("code", LANGUAGES)
def test_everything_people_may_say_fits_into_a_post(code):
    language, rng = LANGUAGES[code], Random(1)
    assert set(language.topics) == set(words.TOPICS)
    said = [words.post(language, topic, rng) for topic in words.TOPICS for _ in range(200)]
    said += [words.reply(language, topic, rng) for topic in words.TOPICS for _ in range(100)]
    said += [part for topic, parts in language.threads for part in parts]
    assert max(map(text.length, said)) < 400
    assert not any("{" in one or "}" in one for one in said)
    for topic in language.topics.values():
        assert all(
            text.tag_name(tag) and text.parse(f"#{tag}").hashtags[0].display == tag for tag in topic.tags
        )
