"""The merge of many authors' posts: exact against a slow reading of everything, whoever talks and however much."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest

from feed.models import ListMember, Post, ReadingList
from feed.timelines import fan_in, home, lists
from tests.feed.test_plans import blocks, explained, nodes, statements
from tests.people import NOON, crowd, make_account
from upscrolled.core.paging import Page
from upscrolled.models import Account, Follow
from upscrolled.viewer import Viewer

pytestmark = pytest.mark.django_db
FIRST = 1 << 40  # id of a post before the first


@pytest.fixture(
    params=[(250, 20, 10, 1_000, 3, 80), (4, 2, 1, 1_000, 3, 80), (4, 2, 1, 3, 4, 6)],
    ids=["guesses", "wild guesses", "walks"],
)
def _guessing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in earnest; from so few that most guesses fall short or go too far; or where few authors are a crowd."""
    constants = ("SAMPLE", "EACH", "FEWEST", "CROWD", "PER_AUTHOR", "SHORT")
    for name, value in zip(constants, request.param, strict=True):
        monkeypatch.setattr(fan_in, name, value)
    for timeline, name in ((home, "_HOME"), (lists, "_LIST")):
        merge = fan_in.FanIn(who=timeline._WHO, taste=timeline._TASTE)
        monkeypatch.setattr(timeline, name, merge)


@dataclass
class Town:
    """Somebody who reads, whom they follow, and everything that was ever said, the oldest first."""

    reader: Account
    follows: dict[int, Follow]
    said: list[Post]

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.reader, 1)

    def home(self, away: set[int]) -> list[int]:
        """What stands in home, the newest first, if these people are read elsewhere."""
        authors = {self.reader.id, *self.follows} - away
        return [post.id for post in reversed(self.said) if post.author_id in authors and self._wanted(post)]

    def on_list(self, members: set[int], replies: str) -> list[int]:
        answered = {"list": members, "followed": set(self.follows), "none": set[int]()}[replies]
        return [
            post.id
            for post in reversed(self.said)
            if post.author_id in members
            and self._takes(post)
            and post.in_reply_to_account_id in {None, post.author_id, self.reader.id, *answered}
        ]

    def _takes(self, post: Post) -> bool:
        follow = self.follows.get(post.author_id)
        return post.deleted_at is None and (post.repost_of_id is None or follow is None or follow.reposts)

    def _wanted(self, post: Post) -> bool:
        known = {None, self.reader.id, *self.follows}
        mine = post.author_id == self.reader.id
        return self._takes(post) and (mine or post.in_reply_to_account_id in known)


def town(chance: Random, *, people: int = 24) -> Town:
    """A town in which some never say a word and a few never stop."""
    reader = make_account("reader")
    others = crowd(people, like=reader)
    follows = [
        Follow(account=reader, target=one, created_at=NOON, reposts=chance.random() < 0.7)
        for one in others
        if chance.random() < 0.7
    ]
    Follow.objects.bulk_create(follows)
    loud = [chance.choice((0, 0, 1, 3, 30)) for _ in others]
    authors = chance.choices([reader, *others], weights=[2, *loud], k=chance.randint(0, 400))
    said: list[Post] = []
    shared: set[tuple[int, int]] = set()
    for number, author in enumerate(authors):
        post = Post(id=FIRST + number * 3, author=author, audience="public")
        kind, other = chance.random(), chance.choice(said) if said else None
        if other is not None and kind < 0.3:
            post.in_reply_to, post.in_reply_to_account_id = other, other.author_id
        elif other is not None and kind < 0.5 and (author.id, other.id) not in shared:
            post.repost_of = other
            shared.add((author.id, other.id))
        post.deleted_at = NOON if chance.random() < 0.1 else None
        said.append(post)
    Post.objects.bulk_create(said)
    return Town(reader, {follow.target_id: follow for follow in follows}, said)


def read_list(town: Town, chance: Random, *, exclusive: bool, replies: str = "list") -> tuple[int, set[int]]:
    """A list of the reader's with some of those they follow; returns who stands on it."""
    made = ReadingList.objects.create(
        account=town.reader, title="Some", replies=replies, exclusive=exclusive, created_at=NOON
    )
    members = [follow for follow in town.follows.values() if chance.random() < 0.4]
    ListMember.objects.bulk_create(
        ListMember(reading_list=made, account_id=follow.target_id, follow_id=follow.id) for follow in members
    )
    return made.id, {follow.target_id for follow in members}


@pytest.mark.usefixtures("_guessing")
@pytest.mark.parametrize("seed", range(15))
def test_home_leaves_nothing_out_and_adds_nothing(db, seed):
    chance = Random(seed)
    place = town(chance)
    away = read_list(place, chance, exclusive=True)[1] if chance.random() < 0.5 else set()

    check(place.home(away), lambda page: home._from_rows(place.viewer, page), chance)


@pytest.mark.usefixtures("_guessing")
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("replies", ["list", "followed", "none"])
def test_a_list_leaves_nothing_out_and_adds_nothing(db, seed, replies):
    chance = Random(seed)
    place = town(chance)
    number, members = read_list(place, chance, exclusive=False, replies=replies)

    check(place.on_list(members, replies), lambda page: lists.ids(place.viewer, page, list_id=number), chance)


def check(expected: list[int], step_of, chance: Random) -> None:
    """Walk down and up in steps of any size between any bounds: what a step claims to hold is what there is."""
    for _ in range(6):
        top = FIRST + chance.randint(-5, 1_300)
        bottom = top - chance.randint(1, 1_300)
        within = [each for each in expected if bottom < each < top]
        limit = chance.choice((1, 2, 5, 20, 400))

        found: list[int] = []
        floor: int | None = top
        while floor is not None:
            step = step_of(Page(max_id=floor, since_id=bottom, limit=limit))
            assert len(step.ids) <= limit
            assert step.ids == [each for each in within if (step.floor or bottom) <= each < floor]
            found += step.ids
            floor = step.floor
        assert found == within

        found, floor = [], bottom
        while floor is not None:
            step = step_of(Page(min_id=floor, max_id=top, limit=limit))
            assert len(step.ids) <= limit
            assert step.ids == [each for each in within if floor < each <= (step.floor or top)]
            found = [*step.ids, *found]
            floor = step.floor
        assert found == within


@pytest.mark.parametrize(("heard", "held"), [(4, 200), (100, 40)])
def test_a_list_holds_some_pages_though_most_that_is_said_is_left_out(db, heard, held):
    """Of eight hundred posts a step looks at; where too few of them are wanted, there is another step."""
    reader, talker, stranger = make_account("reader"), make_account("talker"), make_account("stranger")
    Follow.objects.create(account=reader, target=talker, created_at=NOON)
    asked = Post.objects.create(id=FIRST, author=stranger, audience="public")
    Post.objects.bulk_create(
        [
            Post(
                id=FIRST + 1 + number,
                author=talker,
                audience="public",
                in_reply_to=asked if number % heard else None,
                in_reply_to_account_id=stranger.id if number % heard else None,
            )
            for number in range(6_000)
        ],
        batch_size=1_000,
    )

    entries, complete = home._newest(Viewer(reader, 1))

    wanted = [FIRST + 1 + number for number in range(5_999, -1, -1) if number % heard == 0]
    assert entries == wanted[: len(entries)]
    assert len(entries) >= min(held, 4 * 800 // heard)
    assert not complete


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
def test_ten_who_never_stop_among_a_thousand_who_spoke_once_cost_what_they_add(db, mode):
    """Ids of the many come from an index; of the eight thousand posts few are read."""
    reader = make_account("reader")
    others = crowd(1_000, like=reader)
    Follow.objects.bulk_create(Follow(account=reader, target=one, created_at=NOON) for one in others)
    said = [Post(id=number + 1, author=one, audience="public") for number, one in enumerate(others)]
    said += [
        Post(id=FIRST + number, author=others[number % 10], audience="public") for number in range(8_000)
    ]
    Post.objects.bulk_create(said, batch_size=1_000)
    for table in ("feed_post", "upscrolled_follow"):
        settle(table)
    with statements() as asked:
        found = home._from_rows(Viewer(reader, 1), Page(limit=20)).ids
    assert found == [FIRST + number for number in range(7_999, 7_979, -1)]

    plan = explained(*asked[0], mode=mode)

    assert blocks(plan) < 6_000
    of_posts = [node for node in nodes(plan) if node.get("Relation Name") == "feed_post"]
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in of_posts) < 1_000
    assert {node["Node Type"] for node in of_posts} <= {"Index Only Scan", "Index Scan"}


def settle(table: str) -> None:
    """What autovacuum would do, as far as a test in a transaction can."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table}")
