"""The world of the contract: bob follows alice, who reads; dave is a stranger; erin asks to follow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from oauth2_provider.models import get_access_token_model

from feed.models import FeaturedTag, FilterKeyword, Poll
from feed.operations import filters, interact, lists, tags
from feed.operations.filters import Changes, Word
from feed.post_types.poll import Question
from feed.queries import posts
from feed.timelines import pools
from messaging.operations import conversations
from moderation import publishing
from moderation.operations import cases, claims
from moderation.operations.decide import Wish, decide
from moderation.operations.report import Complaint, file_report
from moderation.subjects import Subject
from tests.chat import say
from tests.contract.surface import World
from tests.people import NOON, client_of, make_account, publish, token_of
from tests.restricting import REASONS, moderator
from upscrolled.core import ids
from upscrolled.media import ledger
from upscrolled.models import Account, MediaAttachment, Notification
from upscrolled.operations import announcements, relationships, resumable
from upscrolled.viewer import Viewer

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def inhabited(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """A copy of the test's database in which the world has come to be, and what its names stand for.

    Made once for the tests of a module, because making it takes longer than most of them; each of them changes it in a
    transaction that is taken back.
    """
    with django_db_blocker.unblock(), copy_of_the_database():
        yield come_to_be()


@pytest.fixture
def world(inhabited: dict[str, str], db: None) -> World:
    return World(dict(inhabited))


@pytest.fixture
def alice(db: None) -> Account:
    """The reader, also where there is no world around her."""
    return Account.objects.named("alice") or make_account("alice", display_name="Alice")


@pytest.fixture
def bob(alice: Account) -> Account:
    """Follows alice."""
    return Account.objects.named("bob") or following(alice, "bob")


@contextmanager
def copy_of_the_database() -> Iterator[None]:
    """Let everybody speak to a copy of the database, and have it gone in the end."""
    original = connection.settings_dict["NAME"]
    copy = f"{original}_inhabited"
    connection.close()
    with connection._nodb_cursor() as cursor:
        # Who is connected keeps it from being copied; there is nobody left but what earlier tests forgot.
        cursor.execute(
            """SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
               WHERE datname = %s AND usename = current_user""",
            [original],
        )
        cursor.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
    connection.settings_dict["NAME"] = copy
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = original
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')


def following(whom: Account, name: str) -> Account:
    """Somebody new who follows somebody."""
    account = make_account(name, display_name=name.title())
    relationships.follow(whom, by=account, now=NOON)
    return account


def come_to_be() -> dict[str, str]:
    """Let people do what there is to do; return what the names of the table stand for."""
    alice = make_account("alice", display_name="Alice")
    bob, dave = following(alice, "bob"), make_account("dave", display_name="Dave")
    post, own = publish(bob, "hello #river"), publish(alice, "mine")
    interact.like(posts.get_post(Viewer(bob), own), by=bob, now=NOON)
    relationships.follow(alice, by=dave, now=NOON)
    note = Notification.objects.filter(recipient=alice).latest("id").pk
    asked = make_account("erin")
    alice.locked = True
    alice.save(update_fields=["locked"])
    relationships.follow(alice, by=asked, now=NOON)
    poll = publish(bob, "tea or coffee?", parts={"poll": Question(("tea", "coffee"), 3_600)})
    Poll.objects.update(expires_at=None)  # it was asked long ago, and goes on
    quoting = publish(bob, "she is right", parts={"quote": own})
    followed = make_account("faye")
    relationships.follow(followed, by=alice, now=NOON)
    featured_tag(bob, "hill")
    for reader in (bob, alice):  # ids of somebody else's are as good as none
        words = Changes(title="Noise", contexts=["home"], words=[Word("noise")])
        made = filters.create_filter(words, by=reader)
        filtered = filters.add_post(made, post, by=reader)
    lists.create_list(by=bob, title="Not hers", now=NOON)
    now = datetime.now(UTC)
    pair = conversations.begin_pair(bob.id, by=alice, now=now)
    chat = conversations.begin_group([bob.id], title="A walk", by=alice, now=now)
    request = conversations.begin_pair(alice.id, by=asked, now=now)
    say(request, asked, "may I?", now=now)
    return {
        "filter": str(made),
        "keyword": str(FilterKeyword.objects.get(filter=made).pk),
        "filtered": str(filtered),
        "list": str(lists.create_list(by=alice, title="Friends", now=NOON)),
        "media": str(sent(alice, "ready")),
        "broken": str(sent(alice, "failed")),
        "upload": str(resumable.begin(owner=alice, size=10, now=datetime.now(UTC)).id),
        "followed": str(followed.id),
        "account": str(bob.id),
        "pair": str(pair),
        "message": str(say(pair, alice, "hello", now=now)),
        "told": str(say(pair, bob, "hello", now=now)),
        "chat": str(chat),
        "request": str(request),
        "post": str(post),
        "own": str(own),
        "poll": str(poll),
        "quoting": str(quoting),
        "featured": str(featured_tag(alice, "lake")),
        "scheduled": later(alice, scheduled_at="2098-01-01T12:00:00Z"),
        "draft": client_of(alice).post("/api/v1/upscrolled/drafts", {"status": "so far"}).json()["id"],
        "session": str(session_of(alice)),
        "asked": str(asked.id),
        "note": str(note),
        "name": "river",
        "news": str(announcements.publish(written="We are a year old.", now=NOON).pk),
        "statement": str([warned(person) for person in (bob, alice)][-1]),
        "report": str([refused(person, followed) for person in (bob, alice)][-1]),
        "emoji": "🎉",
        "tongue": "en",
        "day": "2026-11-01",
        "digest": first_pool(),
        "kind": "following_accounts",
    }


def first_pool() -> str:
    """Digest of a pool that was frozen an hour after everybody wrote."""
    pool = pools.advance(now=NOON + timedelta(hours=1))
    assert pool is not None
    return pool.digest.hex()


def warned(account: Account) -> int:
    """Id of the statement of reasons of a decision about somebody, which stands in the public log."""
    wish = Wish(Subject("account", account.id), "warn", "spam", REASONS)
    now = datetime.now(UTC)
    made = decide(wish, by=moderator(), now=now)
    publishing.publish(now=now, delay=timedelta())
    return made.statement_id


def refused(reporter: Account, target: Account) -> int:
    """Id of a report of somebody that was refused."""
    now = datetime.now(UTC)
    report = file_report(reporter=reporter, complaint=Complaint(target_id=target.id), now=now)
    held = claims.claim(report.cases[0], by=moderator(), now=now)
    cases.dismiss(held, by=moderator(), reason="it keeps to the rules", now=now)
    return int(report.pk)


def featured_tag(account: Any, name: str) -> int:
    """Id of the row with which somebody features a hashtag."""
    tags.feature_tag(name, by=account, now=NOON)
    return int(FeaturedTag.objects.get(account=account).pk)


def sent(account: Any, state: str) -> int:
    """Id of an upload in this state, as if it had been processed."""
    now = datetime.now(UTC)
    row = MediaAttachment.objects.create(
        id=ids.at(now), owner=account, kind="image", state=state, meta={}, files={}, expires_at=now + DAY
    )
    name = f"{row.pk}/sent"
    file = ledger.claim("incoming", name, size=1, media_type="application/octet-stream", now=now)
    ledger.use(row.pk, [ledger.Kept(file, name, "upload")])
    return int(row.pk)


def later(account: Any, **body: str) -> str:
    """Id of a post that somebody scheduled."""
    made = client_of(account).post("/api/v1/statuses", {"status": "later", **body})
    return str(made.json()["id"])


def session_of(account: Account) -> int:
    """The id of a token of this account."""
    token_of(account)
    return int(get_access_token_model().objects.filter(user=account).latest("id").pk)
