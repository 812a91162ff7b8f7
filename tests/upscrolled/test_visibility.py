"""The policy: a table of what people expect, and the two forms of every rule held together over the whole matrix."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from feed import facts
from feed.facts import PostFacts
from feed.models import Post
from feed.operations.interact import repost
from tests import restricting
from tests.people import NOON, make_account, publish, seen_by
from upscrolled.media import shown
from upscrolled.models import Account, Block, Follow, MediaAttachment, Mute, Restriction
from upscrolled.models.restriction import FITTING
from upscrolled.viewer import Viewer
from upscrolled.visibility import (
    MEDIA_RULES,
    RULES,
    Surface,
    everybody_given_sql,
    given_sql,
    may_interact,
    sql_params,
    visible_sql,
    why_hidden,
    why_withheld,
)

pytestmark = pytest.mark.django_db


def follow(by: Account, target: Account, **options: object) -> None:
    Follow.objects.create(account=by, target=target, created_at=NOON, **options)


def restrict(kind: str, *, post: int = 0, account: int = 0, **extra: object) -> Restriction:
    starts_at = NOON - timedelta(days=300)
    return restricting.restrict(
        "post" if post else "account",
        post or account,
        kind,
        starts_at=starts_at,
        **{"ends_at": None, **extra},
    )


def share(post_id: int, by: Account, **kwargs: str) -> int:
    return repost(seen_by(by, post_id), by=by, audience=kwargs.get("audience", "public"), now=NOON)


@pytest.fixture
def world() -> tuple[list[Viewer], list[int]]:
    """Viewers of every kind, and posts of every kind by `author` and by those around her."""
    author, friend, stranger = (make_account(name) for name in ("author", "friend", "stranger"))
    viewers = {name: make_account(name) for name in _VIEWERS}
    for name in ("follower", "quiet", "reader", "muter", "lapsed", "deaf"):
        follow(viewers[name], author, reposts=name != "quiet", languages=["ar"] if name == "reader" else None)
    follow(viewers["follower"], friend)
    Block.objects.create(account=viewers["blocker"], target=author, created_at=NOON)
    Block.objects.create(account=author, target=viewers["blocked"], created_at=NOON)
    Mute.objects.create(account=viewers["muter"], target=author, created_at=NOON)
    Mute.objects.create(account=viewers["deaf"], target=author, created_at=NOON, notifications=False)
    lapsed = NOON - timedelta(days=400)
    Mute.objects.create(account=viewers["lapsed"], target=author, created_at=lapsed, expires_at=lapsed)

    posts = [publish(author, f"for {audience}", audience=audience) for audience in _AUDIENCES]
    posts += [publish(author, f"@mentioned for {audience}", audience=audience) for audience in _AUDIENCES]
    root, strange = publish(friend, "root"), publish(stranger, "strange")
    posts += [root, strange, publish(author, "to a friend", reply_to=root)]
    posts += [publish(author, "to a stranger", reply_to=strange), publish(author, "to me", reply_to=posts[0])]
    posts += [share(root, author), share(strange, author), share(posts[0], friend)]
    posts += [publish(author, "mine alone", language="fr"), publish(author, "لي", language="ar")]
    posts += _restricted(author) + _gone(author, stranger)
    return [Viewer(), *(Viewer(account) for account in (*viewers.values(), author, friend))], posts


_VIEWERS = [
    "follower",
    "quiet",
    "reader",
    "muter",
    "deaf",
    "lapsed",
    "blocker",
    "blocked",
    "mentioned",
    "nobody",
]
_AUDIENCES = ["public", "unlisted", "followers"]


def _restricted(author: Account) -> list[int]:
    """A post under each kind of restriction: in force, over, for a country; and authors under some."""
    posts = []
    for kind in FITTING["post"]:
        ends = {"ends_at": NOON - timedelta(days=299)} if kind == "hold" else {}
        posts.append(publish(author, f"under {kind}"))
        restrict(kind, post=posts[-1], **ends)
        posts.append(publish(author, f"no longer under {kind}"))
        restrict(kind, post=posts[-1], ends_at=NOON - timedelta(days=299))
        posts.append(publish(author, f"under {kind} elsewhere"))
        restrict(kind, post=posts[-1], countries=["FR"], **ends)
    for kind in ("account_suspended", "hidden_from_discover"):
        someone = make_account(f"under_{kind}"[:30])
        posts.append(publish(someone, "before"))
        restrict(kind, account=someone.id)
    return posts


def _gone(author: Account, stranger: Account) -> list[int]:
    deleted, shared = publish(author, "deleted"), publish(stranger, "shared, then deleted")
    of_deleted = share(shared, author)
    Post.objects.filter(pk__in=[deleted, shared]).update(deleted_at=NOON)
    closed = make_account("closed")
    by_closed = publish(closed, "closed")
    Account.objects.filter(pk=closed.pk).update(is_active=False)
    shy = make_account("shy")
    Account.objects.filter(pk=shy.pk).update(indexable=False)
    return [deleted, shared, of_deleted, by_closed, publish(shy, "not for those who look for words")]


def by_sql(viewer: Viewer, surface: Surface, posts: list[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.id FROM feed_post p WHERE p.id = ANY(%(ids)s) AND {visible_sql(surface)}",
            {**sql_params(viewer), "ids": posts},
        )
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.parametrize("country", ["", "FR"])
def test_test_and_sql_of_every_rule_agree_for_every_viewer_post_and_surface(
    world: tuple[list[Viewer], list[int]], country: str
):
    viewers, posts = world
    cells = 0
    for viewer in viewers:
        viewer.country = country
        loaded = facts.load(viewer, posts)
        for surface in Surface:
            by_test = {post.id for post in loaded if why_hidden(post, viewer, surface) is None}
            assert by_test == by_sql(viewer, surface, posts), (viewer.account, surface)
            cells += len(posts)
    assert cells >= 3_000


def test_every_rule_hides_something_from_somebody(world: tuple[list[Viewer], list[int]]):
    viewers, posts = world
    reasons = {
        why_hidden(post, viewer, surface)
        for viewer in viewers
        for post in facts.load(viewer, posts)
        for surface in Surface
    }
    assert {rule.reason for rule in RULES} - reasons == set()


def test_test_and_sql_of_every_media_rule_agree_for_every_viewer(alice, bob):
    """Each kind on an attachment: in force, over, and for a country."""
    ways: tuple[dict[str, object], ...] = (
        {},
        {"ends_at": NOON - timedelta(days=299)},
        {"countries": ["FR"]},
    )
    numbers = []
    for kind in FITTING["media"]:
        for way in ways:
            numbers.append(len(numbers) + 1)
            MediaAttachment.objects.create(id=numbers[-1], owner=alice, kind="image", state="ready")
            ends = {"ends_at": datetime.now(UTC) + timedelta(hours=70)} if kind == "hold" else {}
            begins = datetime.now(UTC) - timedelta(hours=1) if kind == "hold" else NOON - timedelta(days=300)
            if "ends_at" in way and kind == "hold":
                ends = {"ends_at": datetime.now(UTC) - timedelta(minutes=1)}
            restricting.restrict("media", numbers[-1], kind, starts_at=begins, **{**way, **ends})
    denied, reasons = set(), set()
    for account in (None, alice, bob):
        for country in ("", "FR", "DE"):
            viewer = Viewer(account, country=country)
            loaded = shown.of_ids(numbers, country=country)
            given = {number for number, one in loaded.items() if why_withheld(one, viewer) is None}
            assert given == chosen(given_sql(), numbers, **sql_params(viewer)), (account, country)
            assert account != alice or given == set(numbers)
            denied |= set(numbers) - given
            reasons |= {why_withheld(one, viewer) for one in loaded.values()}
    assert chosen(everybody_given_sql(), numbers) == set(numbers) - denied
    assert {rule.reason for rule in MEDIA_RULES} <= reasons


def chosen(condition: str, numbers: list[int], **facts: object) -> set[int]:
    with connection.cursor() as cursor:
        statement = f"SELECT a.id FROM upscrolled_mediaattachment a WHERE a.id = ANY(%(ids)s) AND {condition}"
        cursor.execute(statement, {"ids": numbers, **facts})
        return {row[0] for row in cursor.fetchall()}


def test_every_rule_is_explained():
    page = Path("docs/visibility.md").read_text()
    assert [rule.reason for rule in (*RULES, *MEDIA_RULES) if rule.reason not in page] == []


def why(viewer: Account | None, post: int, surface: Surface = Surface.THREAD) -> str | None:
    shown: PostFacts = seen_by(viewer, post)
    loaded = Viewer(viewer)
    return why_hidden(facts.load(loaded, [shown.id])[0], loaded, surface)


def test_a_post_for_followers_is_for_followers_those_it_mentions_and_its_author(alice, bob, dave):
    post = publish(alice, "only us, and @dave", audience="followers")
    other = publish(alice, "only us", audience="followers")

    assert why(bob, post) is None
    assert why(dave, post) is None
    assert why(dave, other) == "for followers and those it mentions"
    assert why(None, other) == "for followers and those it mentions"
    assert why(alice, other) is None


def test_blocks_hide_both_ways_everywhere(alice, carol):
    of_alice, of_carol = publish(alice, "hello"), publish(carol, "hello")

    for surface in Surface:
        assert why(carol, of_alice, surface) == "blocked either way"
        assert why(alice, of_carol, surface) == "blocked either way"


def test_a_mute_is_taste_it_hides_from_lists_and_not_from_the_thread(alice, bob):
    Mute.objects.create(account=bob, target=alice, created_at=NOON)
    post = publish(alice, "hello")

    assert why(bob, post, Surface.HOME) == "muted"
    assert why(bob, post, Surface.THREAD) is None
    assert why(bob, post, Surface.PROFILE) is None


def test_what_is_removed_its_author_still_sees(alice, bob):
    post = publish(alice, "hello")
    restrict("removed", post=post)

    assert why(bob, post) == "removed or on hold by a decision"
    assert why(alice, post) is None


def test_a_removal_for_one_country_is_felt_there_only(alice):
    post = publish(alice, "hello")
    restrict("removed", post=post, countries=["FR"])
    there, here = Viewer(None, country="FR"), Viewer(None, country="DE")

    assert why_hidden(facts.load(there, [post])[0], there, Surface.THREAD)
    assert why_hidden(facts.load(here, [post])[0], here, Surface.THREAD) is None


def test_a_share_is_hidden_with_what_it_shares(alice, bob, carol):
    post = publish(carol, "hello")
    shared = share(post, bob)

    assert why(alice, shared) == "blocked either way"
    assert why(None, shared) is None


def test_who_is_not_confirmed_restricted_or_blocked_may_not_act(alice, carol, dave):
    unconfirmed, limited = make_account("new", confirmed=False), make_account("limited")
    restrict("account_limited", account=limited.id)

    assert may_interact(dave, alice.id) is None
    assert may_interact(carol, alice.id) == "blocked either way"
    assert may_interact(unconfirmed) == "the e-mail address is not confirmed"
    assert may_interact(limited) == "the account is restricted"


def test_asking_about_somebody_who_was_not_loaded_is_a_mistake_not_a_guess(alice, bob):
    post = seen_by(bob, publish(alice, "hello"))

    with pytest.raises(KeyError):
        why_hidden(post, Viewer(bob), Surface.HOME)
