"""What many speak of is counted by the clock, each minute, and shown to an application (Mastodon.py)."""

from __future__ import annotations

import pytest
from mastodon import Mastodon

from tests.journeys.conftest import until

pytestmark = [pytest.mark.journey, pytest.mark.long]

A_MINUTE_AND_A_COPY = 110  # seconds: the clock's next count, and how long a process shows its copy


def test_a_hashtag_and_a_link_of_three_people_trend(ann: Mastodon, ben: Mastodon, cleo: Mastodon) -> None:
    address = "https://news.example/eclipse"
    for person in (ann, ben, cleo):
        person.status_post(f"Look up! #Eclipse {address}")

    tags = until(ann.trending_tags, bool, seconds=A_MINUTE_AND_A_COPY, pause=2)
    assert [(tag.name, int(tag.history[0].accounts)) for tag in tags] == [("Eclipse", 3)]
    assert [tag.name for tag in ann.trends()] == ["Eclipse"]
    links = until(ann.trending_links, bool, seconds=A_MINUTE_AND_A_COPY, pause=2)
    assert [(link.url, int(link.history[0].uses)) for link in links] == [(address, 3)]
    shared = ann.timeline_link(address)
    assert {post.account.acct for post in shared} == {"ann", "ben", "cleo"}
