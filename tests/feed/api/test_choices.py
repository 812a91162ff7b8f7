"""What a viewer wants of discover: kept away before the draw, named in the receipt, and no trouble for anybody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feed.models import Post
from feed.ranking import receipt as ranking
from feed.timelines import avoided, pools
from tests.people import NOON, client_of, make_account, publish
from tests.restricting import restrict
from upscrolled.operations.relationships import follow, mute

DISCOVER = "/api/v1/upscrolled/discover"
WANTED = "/api/v1/upscrolled/discover/preferences"

pytestmark = pytest.mark.django_db


@pytest.fixture
def posts(db):
    """60 posts by 12 people; every third in Arabic, every fourth behind a cover."""
    authors = [make_account(f"author{n}") for n in range(12)]
    now = (datetime.now(UTC) - NOON).total_seconds() - 600
    made = [publish(authors[n % 12], f"post {n}", after=now + n, language="en") for n in range(60)]
    Post.objects.filter(pk__in=made[::3]).update(language="ar")
    Post.objects.filter(pk__in=made[::4]).update(sensitive=True)
    return made


def walk(client) -> tuple[set[int], dict[str, set[int]]]:
    """All of a feed, with what was taken out; every page is drawn again from its receipt."""
    shown, removed, cursor = set(), {}, ""
    while cursor is not None:
        answer = client.get(DISCOVER, {"cursor": cursor} if cursor else {"nonce": "n"})
        assert answer.status_code == 200, answer.content
        page = answer.json()
        receipt = ranking.Receipt.from_dict(page["receipt"])
        assert ranking.replay(receipt, pools.held(receipt.digest).pool) is None
        shown |= {int(item["status"]["id"]) for item in page["items"]}
        removed = {reason: set(map(int, ids)) for reason, ids in page["receipt"]["removed"].items()}
        cursor = page["cursor"]
    return shown, removed


def test_everything_is_wanted_at_first(dave, posts):
    client = client_of(dave)

    assert client.get(WANTED).json() == {"languages": [], "sensitive": True, "followed": True}
    assert walk(client) == (set(posts), {})


def test_languages(dave, posts):
    client = client_of(dave)
    chosen = client.patch(WANTED, {"languages": ["AR", "fr"]})
    assert chosen.json() == {"languages": ["ar", "fr"], "sensitive": True, "followed": True}

    shown, removed = walk(client)

    assert shown == set(posts[::3])
    assert removed == {"language": set(posts) - set(posts[::3])}


def test_a_post_without_a_language_and_one_of_a_region_are_for_who_reads_it(dave, posts):
    Post.objects.filter(pk=posts[1]).update(language="")
    Post.objects.filter(pk=posts[2]).update(language="pt-br")
    client = client_of(dave)
    client.patch(WANTED, {"languages": ["pt"]})

    assert walk(client)[0] == {posts[1], posts[2]}


def test_covers(dave, posts):
    restrict("post", posts[1], "sensitive")
    client = client_of(dave)
    client.patch(WANTED, {"sensitive": False})

    shown, removed = walk(client)

    assert removed == {"sensitive": {*posts[::4], posts[1]}}
    assert shown == set(posts) - removed["sensitive"]


def test_people_one_follows(dave, posts):
    author = Post.objects.get(pk=posts[0]).author
    follow(author, by=dave, now=NOON)
    client = client_of(dave)
    client.patch(WANTED, {"followed": False})

    shown, removed = walk(client)

    assert removed == {"followed": {post for n, post in enumerate(posts) if n % 12 == 0}}
    assert shown == set(posts) - removed["followed"]


def test_the_first_reason_counts(dave, posts):
    for post in posts[:2]:
        follow(Post.objects.get(pk=post).author, by=dave, now=NOON)
    client = client_of(dave)
    client.patch(WANTED, {"followed": False, "languages": ["en"], "sensitive": False})

    _, removed = walk(client)

    assert posts[0] in removed["language"]
    assert not removed["language"] & removed["sensitive"]
    assert removed["followed"] == {post for n, post in enumerate(posts) if n % 12 == 1}


def test_a_hidden_post_is_named_and_comes_back_when_that_is_taken_back(dave, posts):
    client = client_of(dave)
    assert walk(client)[1] == {}  # what is known of dave's choices is known from now on
    assert client.post(f"/api/v1/upscrolled/posts/{posts[5]}/hide").status_code == 200
    assert client.post(f"/api/v1/upscrolled/posts/{posts[5]}/hide").status_code == 200

    assert walk(client)[1] == {"hidden": {posts[5]}}
    listed = client.get("/api/v1/upscrolled/discover/hidden").json()
    assert [status["id"] for status in listed] == [str(posts[5])]

    client.post(f"/api/v1/upscrolled/posts/{posts[5]}/unhide")
    assert walk(client)[1] == {}
    assert client.get("/api/v1/upscrolled/discover/hidden").json() == []


def test_hidden_posts_are_paged(dave, posts):
    client = client_of(dave)
    for post in posts[:5]:
        client.post(f"/api/v1/upscrolled/posts/{post}/hide")

    first = client.get("/api/v1/upscrolled/discover/hidden", {"limit": 3})
    following = first.headers["Link"].split(">")[0].lstrip("<").split("testserver")[-1]

    shown = [status["id"] for status in [*first.json(), *client.get(following).json()]]
    assert shown == [str(post) for post in reversed(posts[:5])]


def test_what_one_hides_changes_nobody_elses_feed(dave, alice, posts):
    client_of(dave).post(f"/api/v1/upscrolled/posts/{posts[5]}/hide")

    assert walk(client_of(alice)) == (set(posts), {})


def test_fewer_of_an_author_is_a_mute_that_ends(dave, posts):
    author = Post.objects.get(pk=posts[0]).author
    mute(author, by=dave, duration=timedelta(days=30), now=datetime.now(UTC))
    by_author = {post for n, post in enumerate(posts) if n % 12 == 0}

    assert walk(client_of(dave))[1] == {"muted": by_author}
    whom = avoided.NOBODY.__class__(muted={author.id: int(datetime.now(UTC).timestamp() * 1000) + 1_000})
    assert whom.muted_at(datetime.now(UTC)) == [author.id]
    assert whom.muted_at(datetime.now(UTC) + timedelta(days=31)) == []


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"languages": ["klingon"]}, "'klingon' is no language"),
        ({"languages": ["en"] * 51}, "51 languages; at most 50"),
        ({"sensitive": "perhaps"}, "boolean"),
    ],
)
def test_a_choice_that_there_is_not_is_refused(dave, body, named):
    refused = client_of(dave).patch(WANTED, body)

    assert refused.status_code == 422
    assert named in refused.json()["error"]


def test_a_post_that_nobody_may_see_cannot_be_hidden(dave, alice):
    private = publish(alice, audience="followers")

    assert client_of(dave).post(f"/api/v1/upscrolled/posts/{private}/hide").status_code == 404
    assert client_of().post(f"/api/v1/upscrolled/posts/{private}/hide").status_code == 401


def test_only_who_chose_pays_a_statement(dave, alice, posts):
    chooser, other = client_of(dave), client_of(alice)
    chooser.patch(WANTED, {"languages": ["en"]})
    counts = []
    for client in (other, chooser):
        client.get(DISCOVER)
        with CaptureQueriesContext(connection) as statements:
            client.get(DISCOVER)
        counts.append(len(statements))

    assert counts == [3, 4]


def test_a_feed_of_which_little_is_wanted_goes_on_to_its_end(dave, posts, monkeypatch):
    """More than the beginning of the draw has to be looked at."""
    monkeypatch.setattr("feed.ranking.shortlist.POPULAR_WANTED", 10)
    monkeypatch.setattr("feed.ranking.shortlist.FRESH_WANTED", 5)
    pools.forget()
    Post.objects.filter(pk__in=posts).update(language="en")
    Post.objects.filter(pk__in=posts[7::9]).update(language="ar")
    client = client_of(dave)
    client.patch(WANTED, {"languages": ["ar"]})

    assert walk(client)[0] == set(posts[7::9])
