"""An application written for the Mastodon API (Mastodon.py): polls, quotes, posts for later, hashtags, trends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonNotFoundError

from tests.journeys.conftest import Product

pytestmark = pytest.mark.journey


def ids(things: Any) -> list[str]:
    return [str(thing.id) for thing in things]


def test_a_poll_is_asked_and_voted_in_once(ann: Mastodon, ben: Mastodon) -> None:
    asked = ann.status_post(
        "Tea or coffee?", poll=ann.make_poll(["tea", "coffee", "mint"], 3600, multiple=True)
    )
    assert [option.title for option in asked.poll.options] == ["tea", "coffee", "mint"]

    voted = ben.poll_vote(asked.poll, [0, 2])
    assert (voted.voted, voted.own_votes, voted.votes_count, voted.voters_count) == (True, [0, 2], 2, 1)
    with pytest.raises(MastodonAPIError, match="voted"):
        ben.poll_vote(asked.poll, [1])
    assert [option.votes_count for option in ann.poll(asked.poll).options] == [1, 0, 1]


def test_a_post_is_quoted_and_taken_back(ann: Mastodon, ben: Mastodon) -> None:
    post = ann.status_post("The water is high.")
    quoting = ben.status_post("So it is", quoted_status_id=post)
    assert (quoting.quote.state, str(quoting.quote.quoted_status.id)) == ("accepted", str(post.id))
    assert ids(ann.status_quotes(post)) == [str(quoting.id)]

    closed = ann.status_post("Not to be quoted.", quote_approval_policy="nobody")
    with pytest.raises(MastodonAPIError):
        ben.status_post("All the same", quoted_status_id=closed)


def test_a_post_for_later_is_moved_and_taken_back(ann: Mastodon) -> None:
    then = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    kept = ann.status_post("Good morning", scheduled_at=then)
    assert (kept.scheduled_at, kept.params.text) == (then, "Good morning")
    assert str(kept.id) in ids(ann.scheduled_statuses())

    later = then + timedelta(hours=1)
    assert ann.scheduled_status_update(kept, later).scheduled_at == later
    ann.scheduled_status_delete(kept)
    with pytest.raises(MastodonNotFoundError):
        ann.scheduled_status(kept)


def test_hashtags_are_followed_and_shown_on_a_profile(ann: Mastodon, ben: Mastodon) -> None:
    ann.status_post("Low water #estuary")
    assert ben.tag_follow("estuary").following
    assert "estuary" in [tag.name for tag in ben.followed_tags()]
    assert not ben.tag_unfollow("estuary").following

    shown = ann.featured_tag_create("estuary")
    assert [tag.name for tag in ann.featured_tags()] == ["estuary"]
    assert [tag.name for tag in ben.account_featured_tags(ann.me())] == ["estuary"]
    ann.featured_tag_delete(shown)
    assert ann.featured_tags() == []


def test_trends_are_read_by_whoever_asks(product: Product, ann: Mastodon) -> None:
    for reader in (ann, Mastodon(api_base_url=product.address)):
        for trends in (reader.trending_statuses, reader.trending_tags, reader.trending_links):
            assert len(trends(limit=5)) <= 5
