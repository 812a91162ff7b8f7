"""The world of the contract: bob follows alice, who reads; dave is a stranger; erin asks to follow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from oauth2_provider.models import get_access_token_model

from feed.models import FeaturedTag, FilterKeyword, Poll
from feed.operations import filters, interact, lists, tags
from feed.operations.filters import Changes, Word
from feed.post_types.poll import Question
from feed.queries import posts
from messaging.operations import conversations
from tests.chat import say
from tests.contract.surface import World
from tests.people import NOON, client_of, make_account, publish, token_of
from upscrolled.models import Account, Notification
from upscrolled.operations import announcements, relationships
from upscrolled.viewer import Viewer


@pytest.fixture
def world(alice: Any, bob: Any, dave: Any) -> World:
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
    return World(
        {
            "filter": str(made),
            "keyword": str(FilterKeyword.objects.get(filter=made).pk),
            "filtered": str(filtered),
            "list": str(lists.create_list(by=alice, title="Friends", now=NOON)),
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
            "emoji": "🎉",
            "day": "2026-11-01",
        }
    )


def featured_tag(account: Any, name: str) -> int:
    """Id of the row with which somebody features a hashtag."""
    tags.feature_tag(name, by=account, now=NOON)
    return int(FeaturedTag.objects.get(account=account).pk)


def later(account: Any, **body: str) -> str:
    """Id of a post that somebody scheduled."""
    made = client_of(account).post("/api/v1/statuses", {"status": "later", **body})
    return str(made.json()["id"])


def session_of(account: Account) -> int:
    """The id of a token of this account."""
    token_of(account)
    return int(get_access_token_model().objects.filter(user=account).latest("id").pk)
