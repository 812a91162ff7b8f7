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
from django.test import Client

from feed.demo import words
from feed.demo.desks import DESKS
from feed.demo.languages import LANGUAGES
from feed.models import Like, Poll, Post, PostEdit
from feed.operations import audit
from feed.post_types import text as wording
from feed.queries import trends
from moderation import tasks as moderation_tasks
from moderation.models import Report
from tests.people import token_of
from upscrolled import places
from upscrolled.core import ids, text
from upscrolled.demo import Size, World
from upscrolled.management.commands.demo import rooms
from upscrolled.models import Account, Follow, FollowRequest

pytestmark = pytest.mark.django_db
UNTIL = "2026-01-15T12:00:00Z"
FEW = Size(accounts=60, posts=400, shares=60, follows=8, likes=700)


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    """The banner and the pictures are written here, not where the developer's own data lie."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    return tmp_path


@pytest.fixture(autouse=True)
def menu(db: None) -> None:
    """The location menu stands, and is known as it stands: a test that commits leaves the table empty."""
    places.forget()
    if not places.menu().places:
        call_command("places", "load", "--yes", because="a test that commits has emptied the menu")
    places.forget()


def demo(seed: int = 1) -> None:
    call_command("demo", "--seed", str(seed), "--posts", "90", "--until", UNTIL)


def world(seed: int = 7) -> None:
    made = World(Random(seed), datetime(2026, 1, 15, 12, tzinfo=UTC), "!", FEW)
    for room in rooms("populate"):
        room.populate(made)


def tags_of(said: str) -> list[str]:
    return [tag.display for tag in text.parse(said).hashtags]


def undone(make: Callable[[int], None], seed: int, look: Callable[[], Any]) -> Any:
    """What one sees after something was made, which is then undone."""
    with transaction.atomic():
        make(seed)
        seen = look()
        transaction.set_rollback(True)
    return seen


def story() -> list[tuple[Any, ...]]:
    """How people look, who said, answered and liked what, and when; without ids, whose lower bits are chance."""
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
    looks = Account.objects.order_by("username").values_list(
        "username", "avatar", "header", "place_id", "fields"
    )
    voted = Poll.objects.order_by("post_id").values_list("options", "votes", "expires_at")
    return [*looks, *told, *liked, *voted]


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
        ("moderator", "senior"),
    }
    assert Post.objects.filter(repost_of=None).count() == 90
    assert set(Post.objects.exclude(language="").values_list("language", flat=True)) == {"ar", "en", "fr"}
    assert Follow.objects.count() > 400
    assert FollowRequest.objects.exists()
    assert Like.objects.count() > 50
    assert Report.objects.count() == 2
    assert "hello-salam-bonjour" in (data_dir / "run" / "demo.txt").read_text()


def test_everybody_has_a_face_of_their_own_and_something_to_say_of_themselves():
    demo()

    people = list(Account.objects.filter(role=""))
    assert len({person.avatar for person in people}) == 50
    assert len({person.header for person in people}) == 12
    assert sum(person.place_id is not None for person in people) > 40
    assert sum(person.pronouns != "" for person in people) > 40
    assert all(person.fields for person in people)
    shown = Client().get("/api/v1/accounts/lookup", {"acct": "layla"}).json()
    assert shown["upscrolled"]["pronouns"] == "هي"
    assert shown["upscrolled"]["place"]["names"]["fr"] == "Liban"
    for place in ("avatar", "header"):
        picture = Client().get(shown[place].removeprefix("http://localhost:8000"))
        assert picture.status_code == 200
        assert picture["Content-Type"] == "image/jpeg"


def test_polls_run_and_have_ended_in_each_language_and_posts_are_quoted_and_edited():
    demo()

    end = datetime.fromisoformat(UNTIL)
    asked = [(poll.post.language, poll.expires_at > end) for poll in Poll.objects.select_related("post")]
    assert {language for language, _ in asked} == {"ar", "en", "fr"}
    assert {runs for _, runs in asked} == {True, False}
    assert sum(Poll.objects.values_list("voters", flat=True)) > 50
    assert not Poll.objects.filter(told=False, expires_at__lte=end).exists()
    assert Post.objects.filter(quote_of__isnull=False).exists()
    assert PostEdit.objects.exists()


def test_there_are_trends_as_soon_as_the_story_ends():
    trends.forget()
    call_command("demo", "--seed", "1", "--posts", "90")

    tags = Client().get("/api/v1/trends/tags").json()
    links = Client().get("/api/v1/trends/links").json()

    named = {name for language in LANGUAGES.values() for said in language.news for name in tags_of(said)}
    assert len(named) == 3
    assert named <= {tag["name"] for tag in tags}
    assert [link["url"] for link in links] == ["https://lanterns.example/walk"]
    for trend in (*tags, *links):
        assert sum(int(day["accounts"]) for day in trend["history"][:2]) >= 3


@pytest.mark.parametrize("username", DESKS)
def test_whoever_signs_in_finds_their_own_things_in_place(username):
    demo()

    me = Account.objects.get(username=username)

    def found(path: str) -> list[Any]:
        answer = Client().get(path, headers={"Authorization": f"Bearer {token_of(me)}"})
        assert answer.status_code == 200
        return answer.json()

    lists = found("/api/v1/lists")
    assert {one["title"] for one in lists} == {title for title, _topic in DESKS[username].lists}
    assert any(found(f"/api/v1/lists/{one['id']}/accounts") for one in lists)
    assert [one["title"] for one in found("/api/v2/filters")] == [DESKS[username].filter[0]]
    (later,) = found("/api/v1/scheduled_statuses")
    assert later["params"]["text"] == DESKS[username].scheduled
    (draft,) = found("/api/v1/upscrolled/drafts")
    assert draft["params"]["status"] == DESKS[username].draft
    assert len(found("/api/v1/followed_tags")) == 2
    assert all(int(tag["statuses_count"]) for tag in found("/api/v1/featured_tags"))
    assert found("/api/v1/bookmarks")
    assert found(f"/api/v1/accounts/{me.id}/statuses?pinned=true")
    assert found(f"/api/v1/accounts/{me.id}/endorsements")
    (news,) = found("/api/v1/announcements")
    assert news["reactions"]


def test_the_same_seed_tells_the_same_story():
    first = undone(demo, 7, story)

    assert undone(demo, 7, story) == first
    assert undone(demo, 8, story) != first


def test_every_count_of_the_demo_agrees_with_its_rows():
    demo()

    assert [difference for difference in audit.audit() if difference.wrong] == []


def test_nobody_of_the_demo_is_restricted_quietly():
    demo()
    moderation_tasks.deliver_notices()
    moderation_tasks.publish_log()

    call_command("audit")  # exits with 1 if anything is wrong


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
    said += [question for _topic, question, _options in language.polls] + [*language.quotes, *language.news]
    assert max(map(text.length, said)) < 400
    assert max(text.length(option) for poll in language.polls for option in poll[2]) <= 50
    assert not any("{" in one or "}" in one for one in said)
    for topic in language.topics.values():
        assert all(
            text.tag_name(tag) and text.parse(f"#{tag}").hashtags[0].display == tag for tag in topic.tags
        )
